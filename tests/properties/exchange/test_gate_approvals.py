"""What a receiver believes of an approval of another country's exit gate, whatever the origin's node sends.

The dishonest one here is a node: it has its own keys, all that it ever received, and every approval that its keeper
once gave. What it does not have is the keeper's key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.keys import jws
from register.keys.jwk import PrivateKey
from register.mou.edition import Edition, load
from register.mou.label import label_of
from register.mou.rules.approval import ApprovalCode
from schemas import canonical
from schemas.codes import Partition, Purpose, code_list
from schemas.exchange import wire
from schemas.exchange.wire import (
    ExtractRecord,
    GateApproval,
    IndicatorPut,
    KeyState,
    NodeKey,
    Roster,
    Typ,
    content_of,
    document,
)
from sync.judgement import may_hold_here
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Judgement
from tests.simulator.builders import a_put, an_id
from tests.simulator.fakes import a_roster, rosters_of, sign_kid

AW, BQ, CW, NL, SX = Partition
STRICT, DEMO = load("strict"), load("demo")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)
UNIT = "Public prosecutor BES"
EXTRACT = an_id(1)


def key_of(kid: str) -> PrivateKey:
    return PrivateKey.from_raw(hashlib.sha256(f"made up for {kid}".encode()).digest())


@dataclass(frozen=True)
class Listed:
    """A key of the roster: its name, what it is for, whose it is."""

    kid: str
    use: str = "approve"
    kind: str | None = "prosecution"
    state: KeyState = KeyState.ACTIVE

    @property
    def organisation(self) -> str:
        return self.kid.rsplit("-", 2)[0]

    def row(self) -> NodeKey:
        approves = self.use == "approve"
        claims = {
            "kid": self.kid, "country": self.kid[:2], "use": self.use, "state": self.state,
            "x": canonical.b64(key_of(self.kid).public().raw()),
        } | ({"organisation": self.organisation, "kind": self.kind} if approves else {})  # fmt: skip
        return wire.read(NodeKey, canonical.dumps(claims))


PROSECUTOR = Listed("BQ-OM-approve-1")
UNLISTED = Listed("BQ-OM-approve-9")
LISTED = (
    PROSECUTOR,
    Listed("BQ-KPCN-approve-1", kind="police"),
    Listed("AW-OM-approve-1"),
    Listed("NL-LE-approve-1", kind="police"),
    Listed("BQ-OM-approve-0", state=KeyState.RETIRED),
    Listed("BQ-OM-approve-8", state=KeyState.REVOKED),
    Listed(sign_kid(BQ), use="sign"),
)


def rosters(*listed: Listed) -> Rosters:
    first = a_roster()
    known = {one.kid for one in listed}
    rows = (*(key for key in first.node_keys if key.kid not in known), *(one.row() for one in listed))
    return rosters_of(Roster.model_validate(first.model_copy(update={"node_keys": rows}).model_dump(by_alias=True)))


ROSTERS = rosters(*LISTED)


def extract(edition: Edition = STRICT, to: Partition = AW, **changes: Any) -> IndicatorPut:
    """A police record of the Caribbean Netherlands that both editions let go once its gate is passed."""
    terms: dict[str, Any] = {
        "legal_basis": "WPG8", "source_profile": "POLICE", "purpose": "INVESTIGATE", "edition": edition.hash,
        "rules": ["SHARED-1", "GATE-1"], "retain_until": "2027-01-10",
    }  # fmt: skip
    told = a_put(to, "BQ-2026-1", **(terms | changes))
    record = document(told.record) | {"contact": {"unit": UNIT, "routes": ["police"]}}
    return told.model_copy(update={"record": wire.read(ExtractRecord, canonical.dumps(record))})


def approval_of(put: IndicatorPut, **changes: Any) -> dict[str, Any]:
    """What an honest keeper says of an extract."""
    return {
        "approval": an_id(77), "keeper": "BQ-OM", "task": "PROSECUTE", "actor": "0" * 32, "object": EXTRACT,
        "content": content_of(put.record), "purpose": str(put.label.purpose), "recipients": ["AW", "NL"],
        "given": f"{TODAY}", "expires": f"{TODAY + timedelta(days=90)}",
    } | changes  # fmt: skip


def signed(claims: Mapping[str, Any], by: Listed = PROSECUTOR, typ: str = Typ.GATE_APPROVAL) -> str:
    return jws.sign(canonical.dumps(dict(claims)), typ=typ, kid=by.kid, key=key_of(by.kid))


def with_approval(put: IndicatorPut, compact: str | None) -> IndicatorPut:
    """The body as a node would write it; it is read again from its bytes."""
    return wire.read(IndicatorPut, wire.encode_body(put.model_copy(update={"approval": compact})))


def judged(
    put: IndicatorPut, *, me: Partition = AW, own: Edition = STRICT, about: str = EXTRACT, at: datetime = NOW,
    known: Rosters = ROSTERS, origin: Partition = BQ,
) -> Judgement:  # fmt: skip
    return may_hold_here(me, origin, own, at, {UNIT}, known)(put, about)


HONEST = extract()


def test_what_the_keeper_signed_is_held() -> None:
    put = with_approval(HONEST, signed(approval_of(HONEST)))
    assert judged(put) == Judgement(held=True)
    assert judged(put, me=NL).code == "label-audience" or not judged(put, me=NL).held


FORGERIES: list[tuple[ApprovalCode, dict[str, Any], Listed]] = [
    (ApprovalCode.KEY_UNKNOWN, {}, UNLISTED),
    (ApprovalCode.KEY_UNKNOWN, {}, Listed(sign_kid(BQ))),
    (ApprovalCode.KEY_INACTIVE, {}, Listed("BQ-OM-approve-0")),
    (ApprovalCode.KEY_INACTIVE, {}, Listed("BQ-OM-approve-8")),
    (ApprovalCode.COUNTRY, {"keeper": "AW-OM"}, Listed("AW-OM-approve-1")),
    (ApprovalCode.COUNTRY, {}, Listed("AW-OM-approve-1")),
    (ApprovalCode.KEEPER, {"keeper": "BQ-KPCN"}, Listed("BQ-KPCN-approve-1")),
    (ApprovalCode.KEEPER, {}, Listed("BQ-KPCN-approve-1")),
    (ApprovalCode.KEEPER, {"keeper": "BQ-KPCN"}, PROSECUTOR),
    (ApprovalCode.KEEPER, {"task": "CONSENT"}, PROSECUTOR),
    (ApprovalCode.OBJECT, {"object": an_id(2)}, PROSECUTOR),
    (ApprovalCode.CONTENT, {"content": canonical.b64(bytes(32))}, PROSECUTOR),
    (ApprovalCode.PURPOSE, {"purpose": "PREVENT"}, PROSECUTOR),
    (ApprovalCode.RECIPIENT, {"recipients": ["CW", "NL"]}, PROSECUTOR),
    (ApprovalCode.EARLY, {"given": "2026-03-02"}, PROSECUTOR),
    (ApprovalCode.EXPIRED, {"given": "2026-02-01", "expires": "2026-02-28"}, PROSECUTOR),
    (ApprovalCode.UNPROVEN, {"keeper": "the prosecutor"}, PROSECUTOR),
    (ApprovalCode.UNPROVEN, {"given": "2026-03-02", "expires": "2026-03-01"}, PROSECUTOR),
]


@pytest.mark.parametrize(("code", "claims", "by"), FORGERIES, ids=lambda value: str(value) if value else "")
@pytest.mark.parametrize("own", [STRICT, DEMO], ids=["strict", "demo"])
def test_forgery_has_a_code_of_its_own(code: ApprovalCode, claims: dict[str, Any], by: Listed, own: Edition) -> None:
    """In the demonstration too: a bad approval is never better than none."""
    put = with_approval(HONEST, signed(approval_of(HONEST, **claims), by))
    assert judged(put, own=own) == Judgement(held=False, code=code)


def test_stripped_approval_is_missed_where_the_edition_asks_for_one() -> None:
    assert judged(with_approval(HONEST, None)).code == ApprovalCode.MISSING


def test_nodes_word_counts_only_where_the_edition_takes_it() -> None:
    vouched = extract(DEMO, gate="node")
    assert judged(vouched, own=DEMO).held
    assert judged(vouched, own=STRICT).code == ApprovalCode.NODES_WORD
    # An origin that decided by an edition which asks for the signature has not kept to it.
    assert judged(extract(STRICT, gate="node"), own=DEMO).code == "refused-by-rule"


def test_nodes_word_beside_a_signed_approval_is_no_body() -> None:
    both = document(HONEST) | {"approval": signed(approval_of(HONEST))}
    both["label"] = both["label"] | {"gate": "node"}
    with pytest.raises(canonical.DocumentRefused):
        wire.read(IndicatorPut, canonical.dumps(both))


def test_signature_of_something_else_by_the_keepers_key_is_no_approval() -> None:
    """A page or a roster word under the approval key, or an approval under another type, approves nothing."""
    for typ in (Typ.PAGE, Typ.APPROVAL, "rtr-gate-approval+jwt"):
        put = with_approval(HONEST, signed(approval_of(HONEST), typ=typ))
        assert judged(put).code == ApprovalCode.UNPROVEN


def test_approval_key_signs_nothing_else_that_a_partner_believes() -> None:
    assert PROSECUTOR.kid not in ROSTERS.signing_keys()
    assert set(ROSTERS.approval_keys()) == {one.kid for one in LISTED if one.use == "approve"}


@given(at=st.integers(0, 10_000), bit=st.integers(0, 5))
def test_one_changed_character_of_an_approval_is_refused(at: int, bit: int) -> None:
    whole = signed(approval_of(HONEST))
    at %= len(whole)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if whole[at] == ".":
        return
    other = letters[letters.index(whole[at]) ^ (1 << bit)]
    put = with_approval(HONEST, whole[:at] + other + whole[at + 1 :])
    assert not judged(put).held


RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "reference": st.sampled_from(["BQ-2026-2", "BQ-2026-A1"]),
        "signal_type": st.sampled_from(["MS", "HT_MS"]),
        "acts": st.just([]),
        "tokens": st.just([]),
        "subjects": st.just([{"n": 1, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"}]),
        "period": st.just({"from": "2025-12", "to": "2026-01"}),
    },
)


@given(changes=RECORDS)
def test_approval_of_one_record_is_good_for_no_other(changes: dict[str, Any]) -> None:
    """One approval once given would let everything out."""
    if "signal_type" in changes:
        changes |= {"reporting_class": code_list("signal_type").reporting(changes["signal_type"]) or "OTHER"}
    record = wire.read(ExtractRecord, canonical.dumps(document(HONEST.record) | changes))
    put = with_approval(HONEST.model_copy(update={"record": record}), signed(approval_of(HONEST)))
    same = record == HONEST.record
    assert judged(put) == (Judgement(held=True) if same else Judgement(held=False, code=ApprovalCode.CONTENT))


@given(
    origin=st.sampled_from(Partition),
    me=st.sampled_from(Partition),
    by=st.sampled_from(LISTED),
    keeper=st.sampled_from(["BQ-OM", "BQ-KPCN", "AW-OM", "NL-LE"]),
    task=st.sampled_from(["PROSECUTE", "CONSENT", "REGISTER"]),
    purpose=st.sampled_from(Purpose),
    days=st.integers(-3, 3),
    about=st.sampled_from([EXTRACT, an_id(2)]),
)
def test_nothing_passes_but_exactly_what_a_listed_key_of_the_keeper_approved(
    origin: Partition, me: Partition, by: Listed, keeper: str, task: str, purpose: Purpose, days: int, about: str
) -> None:
    put = extract(to=me, purpose="INVESTIGATE")
    claims = approval_of(
        put, keeper=keeper, task=task, purpose=str(purpose), recipients=["AW", "NL"],
        given=f"{TODAY + timedelta(days=days)}", expires=f"{TODAY + timedelta(days=days + 2)}",
    )  # fmt: skip
    found = judged(with_approval(put, signed(claims, by)), me=me, origin=origin, about=about)
    right = (
        origin is BQ and me in {AW, NL} and by is PROSECUTOR and keeper == "BQ-OM" and task == "PROSECUTE"
        and purpose is Purpose.INVESTIGATE and -2 <= days <= 0 and about == EXTRACT
    )  # fmt: skip
    assert found.held is right


def test_keeper_in_the_east_gives_on_a_day_that_has_not_begun_in_the_west() -> None:
    """Half past midnight of the second in Amsterdam is still the first in Aruba."""
    night = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    put = extract(to=AW).model_copy()
    put = put.model_copy(update={"record": put.record.model_copy(update={"reference": "NL-2026-1"})})
    claims = approval_of(put, keeper="NL-LE", task="CONSENT", given="2026-03-02", expires="2026-03-02")
    taken = with_approval(put, signed(claims, Listed("NL-LE-approve-1")))
    assert judged(taken, origin=NL, at=night).held
    assert judged(taken, origin=NL, at=night - timedelta(hours=1)).code == ApprovalCode.EARLY
    assert judged(taken, origin=NL, at=night + timedelta(hours=30)).code == ApprovalCode.EXPIRED


def test_key_that_a_later_roster_leaves_out_or_revokes_approves_nothing_more() -> None:
    put = with_approval(HONEST, signed(approval_of(HONEST)))
    for state in (None, KeyState.RETIRED, KeyState.REVOKED):
        kept = (*LISTED[1:], *(() if state is None else (replace(PROSECUTOR, state=state),)))
        later = Rosters((*ROSTERS.documents, *rosters(*kept).documents))
        assert judged(put, known=later).code == ApprovalCode.KEY_INACTIVE
    # Revoked once is revoked, though a later roster lists it as if nothing had been.
    back = Rosters((*rosters(replace(PROSECUTOR, state=KeyState.REVOKED)).documents, *ROSTERS.documents))
    assert judged(put, known=back).code == ApprovalCode.KEY_INACTIVE


@pytest.mark.parametrize(
    "wrong",
    [
        {"use": "approve"},
        {"use": "approve", "organisation": "BQ-OM"},
        {"use": "approve", "organisation": "AW-OM", "kind": "prosecution"},
        {"use": "sign", "organisation": "BQ-OM", "kind": "prosecution"},
    ],
)
def test_roster_names_the_organisation_of_an_approval_key_and_of_no_other(wrong: dict[str, Any]) -> None:
    row = {"kid": "BQ-x-1", "country": "BQ", "x": canonical.b64(bytes(32)), "state": "active"} | wrong
    with pytest.raises(canonical.DocumentRefused):
        wire.read(NodeKey, canonical.dumps(row))


def test_holder_shows_what_an_approval_covers_until_its_last_day() -> None:
    put = with_approval(HONEST, signed(approval_of(HONEST)))
    approval = wire.approval_in(put.approval or "")
    assert isinstance(approval, GateApproval)
    assert label_of(put.label, BQ, signed_until=approval.expires).gate_until == TODAY + timedelta(days=90)


# --- of a class -----------------------------------------------------------------------------------------------------

IN_CLASS = extract(DEMO)
"""A record that the demonstration's edition lets go on an approval of its class."""


def of_class(put: IndicatorPut = IN_CLASS, **changes: Any) -> dict[str, Any]:
    """What an honest keeper says of the class of an extract."""
    terms = {"country": "BQ", "legal_basis": "WPG8", "visibility": str(put.label.visibility), "edition": DEMO.hash}
    claims = approval_of(put, **{"class": terms | changes.get("of", {})})
    whole = {name: value for name, value in claims.items() if name not in {"object", "content"}} | changes
    return {name: value for name, value in whole.items() if name != "of"}


def test_record_of_an_approved_class_is_held_by_whose_edition_takes_classes_and_by_nobody_else() -> None:
    put = with_approval(IN_CLASS, signed(of_class()))
    assert judged(put, own=DEMO).held
    assert judged(put, own=DEMO, about=an_id(2)).held
    assert judged(put, own=STRICT) == Judgement(held=False, code=ApprovalCode.CLASS)


CLASS_FORGERIES: list[tuple[ApprovalCode, dict[str, Any], Listed]] = [
    (ApprovalCode.KEY_UNKNOWN, {}, UNLISTED),
    (ApprovalCode.KEY_UNKNOWN, {}, Listed(sign_kid(BQ))),
    (ApprovalCode.KEY_INACTIVE, {}, Listed("BQ-OM-approve-8")),
    (ApprovalCode.COUNTRY, {}, Listed("AW-OM-approve-1")),
    (ApprovalCode.KEEPER, {"keeper": "BQ-KPCN"}, Listed("BQ-KPCN-approve-1")),
    (ApprovalCode.CLASS, {"of": {"country": "NL"}}, PROSECUTOR),
    (ApprovalCode.CLASS, {"of": {"legal_basis": "WPG9"}}, PROSECUTOR),
    (ApprovalCode.CLASS, {"of": {"visibility": "V0"}}, PROSECUTOR),
    (ApprovalCode.CLASS, {"of": {"edition": STRICT.hash}}, PROSECUTOR),
    (ApprovalCode.LONG, {"expires": f"{TODAY + timedelta(days=91)}"}, PROSECUTOR),
    (ApprovalCode.PURPOSE, {"purpose": "PREVENT"}, PROSECUTOR),
    (ApprovalCode.RECIPIENT, {"recipients": ["CW", "NL"]}, PROSECUTOR),
    (ApprovalCode.EXPIRED, {"given": "2026-02-01", "expires": "2026-02-28"}, PROSECUTOR),
    (ApprovalCode.UNPROVEN, {"object": EXTRACT}, PROSECUTOR),
    (ApprovalCode.UNPROVEN, {"of": {"organisation": "BQ-KPCN"}}, PROSECUTOR),
]


@pytest.mark.parametrize(("code", "claims", "by"), CLASS_FORGERIES, ids=lambda value: str(value) if value else "")
def test_approval_of_a_class_is_stretched_to_nothing(code: ApprovalCode, claims: dict[str, Any], by: Listed) -> None:
    put = with_approval(IN_CLASS, signed(of_class(**claims), by))
    assert judged(put, own=DEMO) == Judgement(held=False, code=code)


ALONE: dict[str, dict[str, Any]] = {
    "handling that names its recipients": {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}},
    "basis that the prosecutor consents to": {"legal_basis": "WPG10A"},
}


@pytest.mark.parametrize("what", ALONE)
def test_receiver_holds_nothing_on_a_class_that_needs_an_approval_of_its_own(what: str) -> None:
    put = extract(DEMO, **ALONE[what])
    claims = of_class(put, of={"legal_basis": str(put.label.legal_basis)})
    assert judged(with_approval(put, signed(claims)), own=DEMO).code in {ApprovalCode.ALONE, ApprovalCode.CLASS}


def test_receiver_holds_nobody_who_is_protected_on_a_class() -> None:
    """Without a pseudonym too: what a class lets out nobody has looked at."""
    record = document(IN_CLASS.record)
    victim = {"n": 9, "role": "VICTIM_POTENTIAL", "category": "VICTIM", "kind": "person"}
    told = record | {"subjects": [*record["subjects"], victim]}
    put = IN_CLASS.model_copy(update={"record": wire.read(ExtractRecord, canonical.dumps(told))})
    assert judged(with_approval(put, signed(of_class())), own=DEMO).code == ApprovalCode.ALONE
    assert judged(with_approval(put, signed(approval_of(put))), own=DEMO).held
