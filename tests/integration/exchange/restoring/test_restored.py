"""An origin that comes back from a backup older than what it told: nothing is undone, and nothing is said to be well.

C31: backup, three withdrawals and three corrections that the partner acknowledged, restore.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from api.http import app as api_app
from api.http.issuers import IssuerRegistry
from api.process import standing
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.errors import PartnerError
from register.services.exchange.exchange_state import standing_still
from register.services.signals.change_signal import amend_signal, withdraw_signal
from register.services.signals.read_signal import read_sharing, read_signal
from register.services.signals.record_signal import record_signal
from schemas import canonical
from schemas.canonical import b64
from schemas.codes import Partition, RetractReason
from schemas.exchange.wire import Receipt, Typ
from schemas.signals.changes import AmendIn, SignalChanges, WithdrawIn
from sync.appender import Appender, AskedReceipt
from sync.protocol.documents.signed import Signed
from sync.protocol.documents.stub import LogId
from sync.status import exchange_status
from sync.transport.partner import PartnerAnswer, PartnerHttp, PartnerRefused, PartnerUnreachable
from tests.integration.exchange.looking import rows, snapshot
from tests.integration.exchange.net import Net, Node
from tests.integration.store.backups import take
from tests.support.forms import a_form

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def tell(net: Net, folder: Path) -> tuple[list[UUID], list[UUID]]:
    """C31: six extracts, a backup of Curaçao, then three withdrawn and three corrected; Aruba has and confirmed all."""
    told = [net[CW].put(AW, number=n) for n in range(1, 7)]
    net[CW].append()
    net[AW].pull_all(CW)
    take(net.world, "wheel", CW, folder)
    withdrawn, corrected = told[:3], told[3:]
    for about in withdrawn:
        net[CW].retract(about, AW)
    for about in corrected:
        net[CW].put(AW, number=9, about=about)
    net[CW].append()
    net[AW].pull_all(CW)
    return withdrawn, corrected


def entries(node: Node, partner: Partition) -> int:
    """How far a node's log for a partner goes, by its own rows."""
    with node.register.work(node.caller()) as work:
        head = work.exchange.log.head(partner, 1)
    return 0 if head is None else head.tip_seq


def codes(node: Node) -> set[tuple[str, str, bool]]:
    """What the node says of its exchange where its operator looks: code, partner, and whether it knows since when."""
    found = standing.standing(node.register).findings
    return {(one.code, one.about, one.since is not None) for one in found if one.about}


class Wire(PartnerHttp):
    """The node's own way to partners, of which a test takes some away and changes answers."""

    def __init__(self, node: Node) -> None:
        inner = node.http
        super().__init__(inner.own, signer=inner._signer, rosters=node.rosters, clock=node.register.clock)
        self.away: set[Partition] = set()
        self.asked: list[Partition] = []
        self.answer: bytes | None = None
        self.refuse: PartnerRefused | None = None

    def get(
        self, partner: Partition, path: str, *, nonce: str | None = None, bytes_max: int = 1 << 20
    ) -> PartnerAnswer:
        """Ask, unless the partner is away."""
        self.asked.append(partner)
        if partner in self.away:
            raise PartnerUnreachable(partner, "away")
        if self.refuse is not None:
            raise self.refuse
        found = super().get(partner, path, nonce=nonce, bytes_max=bytes_max)
        return found if self.answer is None else replace(found, body=self.answer)


Behind = Callable[[Node], tuple[Appender, Wire]]
"""Makes an appender of a node that has asked nobody yet, behind a wire of which a test decides."""


@pytest.fixture
def behind() -> Iterator[Behind]:
    wires: list[Wire] = []

    def make(node: Node) -> tuple[Appender, Wire]:
        wires.append(Wire(node))
        return Appender(node.register, "behind", AskedReceipt(node.register, wires[-1], node.rosters)), wires[-1]

    yield make
    for wire in wires:
        wire.close()


def test_restored_origin_appends_nothing_and_nothing_is_undone_at_its_partner(trio: Net, tmp_path: Path) -> None:
    tell(trio, tmp_path)
    before = snapshot(trio, AW)
    with trio.restored(CW, tmp_path) as back:
        back.put(AW, SX, number=20)
        assert back.append() == 1, "the log for Sint Maarten, which knows no more of it"
        assert trio[AW].pull(CW).error == "origin-behind"
        assert back.append() == 0
        assert (entries(back, AW), snapshot(trio, AW)) == (6, before)
        assert trio[SX].pull_all(CW) == 1


def test_both_say_so_since_when_and_to_whom_it_concerns_while_they_take_reports_and_are_ready(
    trio: Net, tmp_path: Path
) -> None:
    """Who cannot exchange can still register: readiness asks for none of it."""
    tell(trio, tmp_path)
    with trio.restored(CW, tmp_path) as back:
        back.append()
        trio[AW].pull(CW)
        assert ("log-stopped", "AW", True) in codes(back)
        assert ("origin-behind", "CW", True) in codes(trio[AW])
        told = next(p for p in exchange_status(back.register).partners if p.partner is AW).sent
        assert (told.stopped, told.converged, "log-stopped" in told.not_converged) == ("origin-restored", False, True)
        assert not exchange_status(trio[AW].register).converged
        for node in (back, trio[AW]):
            client = TestClient(api_app.create(node.register, IssuerRegistry([], monotonic=lambda: 0.0), node.rosters))
            assert client.get("/ready").status_code == 200
        who = trio.world.caller("CW-IMMIGRATION", Task.SUBMIT)
        assert record_signal(back.register, who, a_form(), "after").reference
        for task, said in ((Task.REGISTER, 1), (Task.SEARCH_SHARED, 1), (Task.SUBMIT, 0)):
            seen = standing_still(back.register, trio.world.caller("CW-KPC", task))
            assert [(one.partner, one.code) for one in seen] == [(AW, "origin-restored")][:said]


def test_whoever_registers_corrects_or_withdraws_is_told_who_hears_nothing_of_it_and_to_telephone(
    trio: Net, tmp_path: Path
) -> None:
    """It said that each partner confirms with a receipt when it is gone, while the partner showed it on."""
    who = trio.world.caller("CW-IMMIGRATION", Task.SUBMIT)
    early, late = (record_signal(trio[CW].register, who, a_form(), key) for key in ("early", "late"))
    assert {one.not_told_since for one in late.sharing} == {None}
    tell(trio, tmp_path)
    with trio.restored(CW, tmp_path) as back:
        back.append()
        signal_id = SignalId(early.id)
        made = record_signal(back.register, who, a_form(), "after")
        change = AmendIn(changes=SignalChanges(account="Somebody else told more."), reason="More was told.")
        amended = amend_signal(back.register, who, signal_id, change, version=1)
        gone = withdraw_signal(
            back.register, who, signal_id, WithdrawIn(code=RetractReason.WITHDRAWN, reason="Wrong."), version=2
        )
        for answer in (made, amended, gone, read_signal(back.register, who, signal_id)):
            told = " ".join(answer.next_steps)
            assert "Aruba" in told
            assert "cannot be told now" in told
            assert "elephone the register unit there" in told
            assert "Sint Maarten" not in told
            assert {one.recipient for one in answer.sharing if one.not_told_since} == {AW}
        assert len(made.reference) == len(early.reference) + 1, "none that Aruba may hold, and this register forgot"
        assert gone.next_steps[0].startswith("It was taken back here, and Aruba cannot be told now")
        sharing = read_sharing(back.register, who, signal_id)
        assert {one.recipient for one in sharing if one.not_told_since} == {AW}


def test_partner_keeps_the_signed_word_that_the_log_ends_too_early_until_the_origin_has_all_again(
    trio: Net, tmp_path: Path
) -> None:
    tell(trio, tmp_path)
    with trio.restored(CW, tmp_path):
        trio[AW].pull(CW)
        first = _set_back(trio)
        trio.clocks[AW].offset += timedelta(minutes=2)
        trio.clocks[CW].offset += timedelta(minutes=2)
        trio[AW].pull(CW)
        again = _set_back(trio)
    assert again["origin_behind_at"] == first["origin_behind_at"]
    assert again["halted"] is None
    claims = _claims(again["origin_behind_evidence"])
    assert (claims["iss"], claims["aud"], claims["tip_seq"]) == ("CW", "AW", 6)
    assert trio[AW].pull(CW).error is None
    assert _set_back(trio)["origin_behind_at"] is None


def test_origin_restored_to_before_its_first_entry_is_stopped_too(trio: Net, tmp_path: Path) -> None:
    take(trio.world, "wheel", CW, tmp_path)
    trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    with trio.restored(CW, tmp_path) as back:
        back.put(AW, number=2)
        assert back.append() == 0
        assert ("log-stopped", "AW", True) in codes(back)
        assert trio[AW].pull(CW).error == "origin-behind"


def test_restored_origin_is_stopped_however_often_its_process_dies(trio: Net, tmp_path: Path) -> None:
    """Whatever it was about to do: each process asks before it appends, and the stop is in the database."""
    tell(trio, tmp_path)
    before, drawn = snapshot(trio, AW), random.Random(31)  # noqa: S311 - to be drawn again
    with trio.restored(CW, tmp_path) as back:
        for n in range(6):
            back.put(AW, number=20 + n)
            process = _Dying(back, drawn.randrange(4))
            with pytest.raises(_Killed):
                Appender(back.register, f"process-{n}", process).append_to(AW)
            trio[AW].pull(CW)
        assert back.another_appender("last").append_to(AW) == 0
        assert (entries(back, AW), snapshot(trio, AW)) == (6, before)


def test_nothing_is_appended_to_a_log_whose_partner_cannot_be_asked_and_no_alarm_is_raised(
    trio: Net, behind: Behind
) -> None:
    appender, wire = behind(trio[CW])
    trio[CW].put(AW, SX)
    wire.away.add(AW)
    assert appender.turn() == 1
    assert (entries(trio[CW], AW), entries(trio[CW], SX)) == (0, 1)
    assert not {code for code, about, _ in codes(trio[CW]) if about == "AW"} & {"log-stopped", "log-halted"}
    wire.away.clear()
    wait = appender._waits.pop(AW)
    assert wait[1] == trio[CW].register.settings.sync.poll_min_s
    assert appender.turn() == 1


def test_partner_that_gives_no_answer_is_asked_again_after_ever_longer_pauses(trio: Net, behind: Behind) -> None:
    appender, wire = behind(trio[CW])
    trio[CW].put(AW)
    wire.away.add(AW)
    for _ in range(5):
        appender.append_to(AW)
    assert wire.asked.count(AW) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("nothing", "malformed"),
        ("no-json", "malformed"),
        ("another's", "wrong-issuer"),
        ("unsigned", "refused-header"),
        ("of-another-log", "wrong-audience"),
    ],
)
def test_answer_that_is_no_receipt_of_the_partner_lets_nothing_be_appended(
    trio: Net, behind: Behind, answer: str, code: str
) -> None:
    """The job then fails with the code, which is named to the operator."""
    tell_one(trio)
    appender, wire = behind(trio[CW])
    trio[CW].put(AW, number=2)
    claims = _newest(trio)
    wire.answer = {
        "nothing": b"",
        "no-json": b"{",
        "another's": _given(trio[SX].sign(Typ.RECEIPT, claims | {"iss": "AW"})),
        "unsigned": _given(b"e30.e30.e30"),
        "of-another-log": _given(trio[AW].sign(Typ.RECEIPT, claims | {"aud": "SX"})),
    }[answer]
    with pytest.raises(PartnerError) as refused:
        appender.append_to(AW)
    assert refused.value.code == code
    assert entries(trio[CW], AW) == 1


@pytest.mark.parametrize(
    "change",
    [{"applied_to": 2}, {"last": b64(bytes(32))}, {"inc": 2}],
    ids=["more", "another story", "a later incarnation"],
)
def test_receipt_of_what_we_do_not_remember_stops_the_log(trio: Net, behind: Behind, change: dict[str, Any]) -> None:
    tell_one(trio)
    appender, wire = behind(trio[CW])
    trio[CW].put(AW, number=2)
    claims = _newest(trio) | change
    wire.answer = _given(trio[AW].sign(Typ.RECEIPT, claims), claims["inc"])
    assert appender.append_to(AW) == 0
    assert ("log-stopped", "AW", True) in codes(trio[CW])
    assert trio[CW].another_appender("next").append_to(AW) == 0
    assert rows(trio, "SELECT count(*) AS n FROM rtr.audit_leaf WHERE action = 'exchange.stopped'") == [{"n": 1}]


def test_process_under_which_the_database_was_exchanged_asks_again(trio: Net, tmp_path: Path) -> None:
    """A restore while the node runs: it asked at its start, and what it then knew of the log holds no more."""
    tell(trio, tmp_path)
    with trio.restored(CW, tmp_path) as back:
        appender = Appender(back.register, "running", AskedReceipt(back.register, back.http, back.rosters))
        appender._agreed[AW] = replace(LogId(CW, AW).start(), seq=12)
        back.put(AW, number=20)
        assert appender.append_to(AW) == 0
        assert entries(back, AW) == 6


@pytest.mark.parametrize("head", [None, "another question", "another's"])
def test_word_that_a_log_was_set_back_is_not_believed_without_a_fresh_signature_of_its_origin(
    trio: Net, behind: Behind, head: str | None
) -> None:
    tell_one(trio)
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.get(CW, "/sync/v1/log?inc=1&after=7")
    old = str(refused.value.told["head"])
    claims = _claims(old)
    proof = {None: None, "another question": old, "another's": trio[SX].sign(Typ.HEAD, claims).decode()}[head]
    _, wire = behind(trio[AW])
    wire.refuse = PartnerRefused(CW, 409, "beyond-tip", {} if proof is None else {"head": proof})
    receiver = type(trio[AW].receiver)(trio[AW].register, wire, trio[AW].rosters)
    assert receiver.pull_once(CW).error == {
        None: "beyond-tip", "another question": "nonce-mismatch", "another's": "wrong-issuer",
    }[head]  # fmt: skip
    assert _set_back(trio)["origin_behind_at"] is None


# --- parts -----------------------------------------------------------------------------------------------------------


class _Killed(BaseException):
    """The process ends here."""


class _Dying:
    """The way to the partner's newest receipt in a process that dies before, while or after it asks."""

    def __init__(self, node: Node, at: int) -> None:
        self._ask, self._at, self._node = AskedReceipt(node.register, node.http, node.rosters), at, node

    def __call__(self, log: LogId, disowned: AbstractSet[bytes], /) -> Signed[Receipt] | None:
        """Ask, and die."""
        if self._at:
            self._ask(log, disowned)
        raise _Killed


def tell_one(net: Net) -> None:
    """One extract that Aruba has and confirmed."""
    net[CW].put(AW)
    net[CW].append()
    net[AW].pull_all(CW)


def _newest(net: Net) -> dict[str, Any]:
    (found,) = rows(net, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n DESC LIMIT 1")
    claims: dict[str, Any] = found["claims"]
    return claims


def _claims(jws: str) -> dict[str, Any]:
    found = canonical.loads(canonical.unb64(jws.split(".")[1]), 65_536)
    assert isinstance(found, dict)
    return found


def _given(jws: bytes, inc: int = 1) -> bytes:
    return canonical.dumps({"receipts": [{"inc": inc, "receipt": jws.decode()}]})


def _set_back(net: Net) -> dict[str, Any]:
    (found,) = rows(net, "SELECT * FROM rtr.partner_cursor WHERE country = 'AW' AND partner = 'CW'")
    return found
