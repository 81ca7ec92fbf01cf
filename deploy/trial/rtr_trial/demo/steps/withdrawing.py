"""Step 6: a signal is withdrawn, and is gone from every partner's register and index."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from register.domain.partition import others
from rtr_trial.demo.operator import Operator
from rtr_trial.demo.scene import Scene, answer_of, asked
from rtr_trial.demo.steps.exchanging import to_partner
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import LegalBasis, Partition, RetractReason
from schemas.search.question import Answer
from schemas.signals.changes import WithdrawIn

GONE_S: Final = 60.0
_HELD: Final = """
SELECT count(*) FROM rtr.received_record
WHERE country = :'host' AND partner = :'origin' AND object = :'record'::uuid AND (live OR body_sealed IS NOT NULL)
"""
_KEYS: Final = """
SELECT count(*) FROM rtr.search_key WHERE country = :'host' AND origin = :'origin' AND record = :'record'::uuid
"""


def signal_withdrawn(scene: Scene, step: Step) -> None:
    """The owner takes it back; four receipts say that it is gone, and a look at the four hosts agrees."""
    expected = scene.expected.withdrawal
    question = scene.expected.asked("withdrawn")
    one = scene.sent[expected.signal]
    owner = scene.signal(expected.signal).country
    partners = others(owner)
    unit = scene.as_(expected.by)
    before = answer_of(scene.ask(question), owner)
    record = before.hits[0].record if before.hits else UUID(int=0)
    held_before = {host: _left(scene, host, owner, record) for host in partners}
    found_before = {host: _searchable(scene, host, owner) for host in partners}
    tips = {p: to_partner(unit.partners(), p).sent.tip for p in partners}
    withdrawn = unit.withdraw(
        one.id, WithdrawIn(reason=expected.reason, code=RetractReason.WITHDRAWN), version=unit.signal(one.id).version
    )
    scene.sent[expected.signal] = unit.signal(one.id)
    receipts, _ = scene.wait("Withdrawing", lambda: (_receipts(scene, expected.by, tips), len(partners)), most_s=GONE_S)
    left = {host: _left(scene, host, owner, record) for host in partners}
    found = {host: _searchable(scene, host, owner) for host in partners}
    registers = [host for host in partners if left[host] == (0, 0)]
    lost = {
        host: {kind: len(found_before[host][kind] - found[host][kind]) for kind in found[host]} for host in partners
    }
    hosts = [host for host in partners if str(record) not in found[host]["records"] and lost[host]["tokens"]]
    step.say(
        f"Sint Maarten withdraws {one.reference} (wrong number): {receipts} of {expected.receipts} receipts, gone from "
        f"{len(registers)} registers and the indexes of {len(hosts)} hosts",
        same("receipts", receipts, expected.receipts),
        true("withdrawn", withdrawn.withdrawn_at is not None),
        true(
            "it was held in four registers",
            all(body == 1 and keys > 0 for body, keys in held_before.values()),
            held_before,
        ),
        true("it was in four indexes", all(str(record) in kinds["records"] for kinds in found_before.values())),
        same("gone from the registers", set(registers), set(partners)),
        same("gone from the indexes", set(hosts), set(partners)),
        same("documents that went", lost, {host: {"records": 1, "tokens": held_before[host][1]} for host in partners}),
        same(
            "documents that came", {h: _came(found_before[h], found[h]) for h in partners}, dict.fromkeys(partners, 0)
        ),
    )
    after = answer_of(scene.ask(question), owner)
    # The owner's own coordinator asks on the basis of the owner's law.
    at_home = asked(question).model_copy(update={"legal_basis": LegalBasis.SX_NONPOLICE})
    own = scene.as_(f"{owner.lower()}-coordinator").search(at_home).own.signals
    step.say(
        "Asked before: HIT; asked now: nothing that may be shown",
        same("asked before", (before.answer, [hit.reference for hit in before.hits]), (Answer.HIT, [one.reference])),
        same("asked now", (after.answer, len(after.hits)), (Answer.NOTHING, 0)),
        same("at home too", [hit.reference for hit in own], []),
    )


def _receipts(scene: Scene, by: str, tips: dict[Partition, int]) -> int:
    """Partners whose newest receipt says that the withdrawal is done: applied, and confirmed by their index."""
    found = scene.as_(by).partners()
    sent = {partner: to_partner(found, partner).sent for partner in tips}
    return sum(
        one.tip > tips[partner] and one.acknowledged_to == one.tip and not one.open_withdrawals
        for partner, one in sent.items()
    )


def _left(scene: Scene, host: Partition, origin: Partition, record: UUID) -> tuple[int, int]:
    """Bodies and search keys of a record that a host has."""
    look = Operator(scene.machine)
    words = {"host": str(host), "origin": str(origin), "record": str(record)}
    return look.number(_HELD, **words), look.number(_KEYS, **words)


def _searchable(scene: Scene, host: Partition, origin: Partition) -> dict[str, set[str]]:
    look = Operator(scene.machine)
    return {"records": look.live_records(host, origin), "tokens": set(look.live_tokens(host, origin))}


def _came(before: dict[str, set[str]], after: dict[str, set[str]]) -> int:
    return sum(len(after[kind] - before[kind]) for kind in after)
