"""Five nodes, a transport that does its worst, and the promises that must hold after every step.

Everything random comes from one seed: a failing run is repeated by its number. Messages may be lost, doubled, swapped
or changed by one byte; a node may stop before any effect; a receiver may be set back to an older copy of what it had.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from register.errors import PartnerError
from schemas import canonical
from schemas.codes import EntryType, Partition
from sync.protocol.documents.page import StoredEntry
from sync.protocol.documents.receipt import ReceiptMark
from sync.protocol.documents.stub import read_stub
from sync.protocol.entries import StubVerdict
from sync.protocol.liveset import LiveSet, judge_convergence
from sync.protocol.refusals import ReceiptConflict, ReceiptGap
from tests.simulator.builders import LATER_EDITION, RETRACT_BYTES, UNREADABLE, an_id, put_bytes
from tests.simulator.fakes import a_roster, rosters_of
from tests.simulator.node import Bugs, Crash, Inbox, Node, pairs

HEAL_ROUNDS: Final = 60
_TEMPLATES: Final = {
    (audience, kind): put_bytes(
        audience, **({"visibility": "V3"} if kind == "V3" else {"edition": LATER_EDITION} if kind == "later" else {})
    )
    for audience in Partition
    for kind in ("plain", "V3", "later")
}


class PromiseBroken(AssertionError):
    """A rule of the exchange did not hold at some moment."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A question for entries after a number, or for one entry anew."""

    after: int
    nonce: str
    limit: int
    anew: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    frame: bytes
    nonce: str
    anew: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """A receipt on its way to the origin."""

    n: int
    jws: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """How the origin took a receipt: None, or what it refused."""

    n: int
    refusal: PartnerError | None


Message: TypeAlias = Pull | Answer | Post | Reply


@dataclass(slots=True)
class Theme:
    """An object as its owner means it: version by recipient, and who may have it now.

    Attributes:
        kind: plain; V3, which nobody may hold; later, of an edition that is learnt at the end; or dishonest, whose
            bodies nobody can read until its owner takes it back.
    """

    owner: Partition
    name: str
    kind: str
    audience: frozenset[Partition]
    versions: dict[Partition, int] = field(default_factory=dict)


class World:
    """A run. `step` once or many times, then `heal` and `check_healed`."""

    def __init__(self, seed: int, bugs: Bugs = Bugs(), *, faults: bool = True) -> None:  # noqa: B008 - a frozen value
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.faults = faults
        self.counts: Counter[str] = Counter()
        rosters = rosters_of(a_roster())
        self.nodes = {c: Node(c, rosters, bugs, self._maybe_crash) for c in Partition}
        self.flying: list[tuple[Partition, Partition, Message]] = []
        self.themes: list[Theme] = []
        self.granted: dict[tuple[Partition, Partition, str], set[bytes]] = {}
        self.backups: dict[tuple[Partition, Partition], Inbox] = {}
        self._names = 0

    # --- one step ---

    def step(self) -> None:
        """Do one thing at random, and check every promise that it may have touched."""
        actions: list[tuple[int, Callable[[], None]]] = [
            (5, self._register),
            (4, self._amend),
            (3, self._narrow_or_widen),
            (3, self._withdraw),
            (10, self._append),
            (12, self._poll),
            (2, self._look_again),
            (10, self._feed_index),
            (6, self._give_and_post),
            (45, self._deliver),
            (1, self._erase),
            (1, self._back_up_or_restore),
        ]
        weights = [weight for weight, _ in actions]
        (action,) = self.random.choices([action for _, action in actions], weights)
        self._guarded(action)

    def heal(self) -> None:
        """Repair the transport, let all learn the later edition and catch up; owners take back what may not be held."""
        self.faults = False
        for node in self.nodes.values():
            node.editions |= {LATER_EDITION}
        for theme in [theme for theme in self.themes if theme.kind in {"V3", "dishonest"}]:
            self._set_audience(theme, frozenset())
        for _ in range(HEAL_ROUNDS):
            for origin, receiver in pairs(list(self.nodes.values())):
                origin.append(receiver.me)
                receiver.feed_index(origin.me)
                self._pull(receiver, origin.me, limit=100)
                for seq in list(receiver.inboxes[origin.me].quarantine):
                    self._send(receiver.me, origin.me, Pull(seq - 1, self._nonce(), 1, anew=seq))
                self._give(receiver, origin.me)
            while self.flying:
                self._deliver()
            if not any(self.unhealed()):
                return

    def unhealed(self) -> list[str]:
        """What still keeps an ordered pair from having converged."""
        found = []
        for origin, receiver in pairs(list(self.nodes.values())):
            outbox, inbox = origin.outboxes[receiver.me], receiver.inboxes[origin.me]
            newest = outbox.receipts[outbox.view.newest.n][1] if outbox.view.newest.n else None
            root = LiveSet(read_stub(entry.stub) for entry in outbox.entries).root()
            retracts = {seq for seq, kept in inbox.stubs.items() if kept.verdict is StubVerdict.TOMBSTONE}
            done = {seq for _, receipt in outbox.receipts.values() for seq in receipt.retracted_done}
            verdict = judge_convergence(newest, outbox.view.tip, root, index_caught_up=retracts <= done)
            found += [f"{origin.me} to {receiver.me}: {reason}" for reason in verdict.reasons]
        return found

    def check_healed(self) -> None:
        """Check that everybody holds exactly what its owner means it to hold, and that every root agrees."""
        self._promise(not self.unhealed(), f"converged: {self.unhealed()}")
        for origin, receiver in pairs(list(self.nodes.values())):
            meant = {
                t.name: t.versions[receiver.me]
                for t in self.themes
                if t.owner is origin.me and receiver.me in t.audience
            }
            inbox = receiver.inboxes[origin.me]
            held = {name: version for name, (version, body) in inbox.records.items() if body is not None}
            self._promise(held == meant, f"{receiver.me} holds of {origin.me} exactly what it may")
            indexed = {name: version for (owner, name), version in receiver.index.items() if owner is origin.me}
            self._promise(indexed == meant, f"the index of {receiver.me} is its records of {origin.me}")

    # --- promises ---

    def _check(self, origin: Partition, receiver: Partition) -> None:
        inbox, outbox = self.nodes[receiver].inboxes[origin], self.nodes[origin].outboxes[receiver]
        at = inbox.state.applied.seq
        self._promise(at <= len(outbox.entries), "nothing is applied that was never appended")
        self._promise(sorted(inbox.stubs) == list(range(1, at + 1)), "the cursor stands after exactly the stubs kept")
        stale = any(kept.verdict is StubVerdict.STALE for kept in inbox.stubs.values())
        self._promise(not stale, "an honest origin never says a version twice")
        self._promise(inbox.state.halted is None, "an honest origin never forks")
        self._promise("page-broken" not in inbox.alarms, "no body breaks the page that it stands in")
        newest: dict[str, StoredEntry] = {}
        for entry in outbox.entries[:at]:
            newest[entry.object] = entry
        for name, (version, body) in inbox.records.items():
            if body is None:
                continue
            last = newest.get(name)
            told = last is not None and last.type == EntryType.INDICATOR_PUT and last.version == version
            self._promise(told, f"{receiver} shows nothing that {origin} had taken back before the cursor")
            self._promise(body in self.granted.get((origin, receiver, name), ()), "a body is one that was meant for us")
            self._promise(b'"visibility":"V3"' not in body, "the rules of the receiver hold whatever the sender says")
            self._promise(body not in UNREADABLE.values(), "a body that nobody can read is held by nobody")
        for name, entry in newest.items():
            known = inbox.records.get(name)
            self._promise(
                known is not None and known[0] == entry.version, "every object is known in its newest version"
            )

    def _check_receipt(self, receiver: Node, origin: Partition) -> None:
        inbox = receiver.inboxes[origin]
        for kept in inbox.stubs.values():
            if kept.receipt == inbox.state.receipt.n and kept.verdict is StubVerdict.TOMBSTONE:
                shown = receiver.index.get((origin, kept.stub.object), kept.stub.version + 1)
                self._promise(shown > kept.stub.version, "a retraction is done once the index confirmed it, not before")

    @staticmethod
    def _promise(holds: bool, what: str) -> None:  # noqa: FBT001 - reads as an assertion
        if not holds:
            raise PromiseBroken(what)

    # --- what owners do ---

    def _register(self) -> None:
        owner = self.random.choice(list(Partition))
        self._names += 1
        kind = self.random.choices(["plain", "V3", "later", "dishonest"], [10, 1, 2, 1])[0]
        theme = Theme(owner, an_id(500_000 + self._names), kind, frozenset())
        self.themes.append(theme)
        self._set_audience(theme, self._some_others(owner))

    def _amend(self) -> None:
        if self.themes:
            theme = self.random.choice(self.themes)
            self._set_audience(theme, theme.audience, again=True)

    def _narrow_or_widen(self) -> None:
        if self.themes:
            theme = self.random.choice(self.themes)
            self._set_audience(theme, self._some_others(theme.owner))

    def _withdraw(self) -> None:
        if self.themes:
            self._set_audience(self.random.choice(self.themes), frozenset())

    def _set_audience(self, theme: Theme, audience: frozenset[Partition], *, again: bool = False) -> None:
        node = self.nodes[theme.owner]
        for partner in sorted(audience | theme.audience):
            if partner in audience and (again or partner not in theme.audience):
                version = self._next(theme, partner)
                body = self._body(theme, partner, version)
                self.granted.setdefault((theme.owner, partner, theme.name), set()).add(body)
                node.draft(partner, EntryType.INDICATOR_PUT, theme.name, version, body)
            elif partner not in audience and not node.bugs.narrow_without_retract:
                node.draft(partner, EntryType.INDICATOR_RETRACT, theme.name, self._next(theme, partner), RETRACT_BYTES)
        theme.audience = audience

    @staticmethod
    def _next(theme: Theme, partner: Partition) -> int:
        theme.versions[partner] = theme.versions.get(partner, 0) + 1
        return theme.versions[partner]

    def _body(self, theme: Theme, partner: Partition, version: int) -> bytes:
        if theme.kind == "dishonest":
            self.counts["unreadable"] += 1
            return self.random.choice(list(UNREADABLE.values()))
        body = json.loads(_TEMPLATES[partner, theme.kind])
        body["record"]["reference"] = f"{theme.owner}-2026-{version}"
        return canonical.dumps_plain(body)

    def _some_others(self, owner: Partition) -> frozenset[Partition]:
        return frozenset(c for c in Partition if c is not owner and self.random.random() < 0.6)

    # --- what nodes do ---

    def _append(self) -> None:
        origin, receiver = self._pair()
        origin.append(receiver.me)

    def _erase(self) -> None:
        origin, receiver = self._pair()
        origin.erase_superseded(receiver.me)

    def _poll(self) -> None:
        origin, receiver = self._pair()
        self._pull(receiver, origin.me, limit=self.random.randint(1, 7))

    def _look_again(self) -> None:
        origin, receiver = self._pair()
        if waiting := sorted(receiver.inboxes[origin.me].quarantine):
            seq = self.random.choice(waiting)
            self._send(receiver.me, origin.me, Pull(seq - 1, self._nonce(), 1, anew=seq))

    def _feed_index(self) -> None:
        origin, receiver = self._pair()
        receiver.feed_index(origin.me)

    def _give_and_post(self) -> None:
        origin, receiver = self._pair()
        self._give(receiver, origin.me)

    def _back_up_or_restore(self) -> None:
        origin, receiver = self._pair()
        key = (origin.me, receiver.me)
        if key in self.backups and self.random.random() < 0.5:
            self.counts["restored"] += 1
            receiver.inboxes[origin.me] = restored = self.backups.pop(key)
            # The index is derived: after a restore it is built anew.
            restored.to_index |= frozenset(restored.records)
            receiver.index = {k: version for k, version in receiver.index.items() if k[0] is not origin.me}
            for kept in restored.stubs.values():
                kept.indexed = kept.indexed and kept.receipt is not None
            self._check(*key)
        else:
            self.backups[key] = receiver.inboxes[origin.me].copy()

    def _pull(self, receiver: Node, origin: Partition, *, limit: int) -> None:
        nonce = receiver.asked[origin] = self._nonce()
        self._send(receiver.me, origin, Pull(receiver.inboxes[origin].state.applied.seq, nonce, limit))

    def _give(self, receiver: Node, origin: Partition) -> None:
        receiver.give_receipt(origin)
        self._check_receipt(receiver, origin)
        inbox = receiver.inboxes[origin]
        self._send(receiver.me, origin, Post(inbox.state.receipt.n, inbox.receipts[inbox.state.receipt.n]))

    # --- transport ---

    def _send(self, sender: Partition, to: Partition, message: Message) -> None:
        self.flying.append((sender, to, message))

    def _deliver(self) -> None:
        if not self.flying:
            return
        # Any of the messages under way: the order of sending means nothing.
        at = self.random.randrange(len(self.flying)) if self.faults else 0
        sender, to, message = self.flying.pop(at)
        luck = self.random.random() if self.faults else 1.0
        if luck < 0.1:
            self.counts["lost"] += 1
            return
        if luck < 0.25:
            self.counts["doubled"] += 1
            self.flying.append((sender, to, message))
        elif luck < 0.3:
            self.counts["corrupted"] += 1
            message = self._corrupted(message)
        self._receive(sender, self.nodes[to], message)

    def _receive(self, sender: Partition, node: Node, message: Message) -> None:
        match message:
            case Pull(after, nonce, limit, anew):
                try:
                    answer = Answer(node.answer_pull(sender, after, nonce, limit), nonce, anew)
                except PartnerError as refused:
                    self.counts[refused.code] += 1
                else:
                    self._send(node.me, sender, answer)
            case Answer(frame, nonce, None):
                node.take_answer(sender, frame, nonce)
                self._check(sender, node.me)
            case Answer(frame, _, int(seq)):
                node.take_anew(sender, seq, frame)
                self._check(sender, node.me)
            case Post(n, jws):
                refusal: PartnerError | None = None
                try:
                    node.take_receipt(sender, jws)
                except PartnerError as refused:
                    refusal = refused
                    self.counts[refusal.code] += 1
                self._send(node.me, sender, Reply(n, refusal))
            case Reply(n, ReceiptGap() as gap):
                receipts = node.inboxes[sender].receipts
                for number in sorted(number for number in receipts if gap.details["send_from"] <= number <= n):
                    self._send(node.me, sender, Post(number, receipts[number]))
            case Reply(n, ReceiptConflict() as conflict) if n in node.inboxes[sender].receipts:
                newest = ReceiptMark(conflict.details["newest_n"], canonical.unb64(conflict.details["newest_digest"]))
                node.renumber(sender, newest)
            case Reply():
                pass

    def _corrupted(self, message: Message) -> Message:
        match message:
            case Answer(frame=data):
                return replace(message, frame=self._one_byte_off(data))
            case Post(jws=data):
                return replace(message, jws=self._one_byte_off(data))
            case _:
                return message

    def _one_byte_off(self, data: bytes) -> bytes:
        at = self.random.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << self.random.randrange(8))]) + data[at + 1 :]

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Crash:
            self.counts["crashed"] += 1
            for node in self.nodes.values():
                for origin in node.inboxes:
                    self._check(origin, node.me)

    def _maybe_crash(self) -> None:
        if self.faults and self.random.random() < 0.01:
            raise Crash

    def _pair(self) -> tuple[Node, Node]:
        origin, receiver = self.random.sample(list(Partition), 2)
        return self.nodes[origin], self.nodes[receiver]

    def _nonce(self) -> str:
        return f"{self.random.getrandbits(96):024x}"


def run(seed: int, steps: int, bugs: Bugs = Bugs()) -> World:  # noqa: B008 - a frozen value
    """Run so many steps, heal, check; return the world for its counts.

    Raises:
        PromiseBroken: with the promise that did not hold.
    """
    world = World(seed, bugs)
    for _ in range(steps):
        world.step()
    world.heal()
    world.check_healed()
    return world
