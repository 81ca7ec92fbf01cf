"""Rosters are believed through the pin and three coordinators; versions meet or say that they do not."""

from __future__ import annotations

import pytest

from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.wire import Approval, KeyState, ProtocolRange, Roster
from sync.protocol.documents.roster import Approved, Rosters, roster_hash
from sync.protocol.documents.versions import OWN, body_schema_for, envelope_for, reads_body
from sync.protocol.refusals import NoCommonVersion, NoSealingKey, RosterRefused
from tests.simulator.fakes import a_roster, fake_key, rosters_of, seal_kid, sign_kid

CW = Partition.CW
FIRST = a_roster()
KNOWN = rosters_of(FIRST)
SECOND = a_roster(number=2, prev=FIRST)


def words(roster: Roster, *countries: str, number: int | None = None) -> list[Approved]:
    approval = Approval(number=number or roster.number, roster=canonical.b64(roster_hash(roster)))
    return [Approved(f"{country}-coordinator-1", approval) for country in countries]


def test_roster_one_is_believed_by_its_pinned_hash_only() -> None:
    assert Rosters.pinned(FIRST, roster_hash(FIRST)).newest == FIRST
    with pytest.raises(RosterRefused):
        Rosters.pinned(FIRST, roster_hash(SECOND))
    with pytest.raises(RosterRefused):
        Rosters.pinned(SECOND, roster_hash(SECOND))


def test_a_roster_that_three_coordinators_approved_follows() -> None:
    assert KNOWN.accept(SECOND, words(SECOND, "AW", "CW", "NL")).newest == SECOND


@pytest.mark.parametrize(
    "approvals",
    [
        words(SECOND, "AW", "CW"),
        words(SECOND, "AW", "AW", "AW"),
        words(FIRST, "AW", "CW", "NL", number=2),
        words(SECOND, "AW", "CW", "NL", number=3),
        words(SECOND, "AW", "CW", "XX"),
    ],
)
def test_a_roster_with_fewer_than_three_approvals_for_it_is_refused(approvals: list[Approved]) -> None:
    with pytest.raises(RosterRefused):
        KNOWN.accept(SECOND, approvals)


def test_coordinators_of_the_roster_before_decide_and_not_those_of_the_new_one() -> None:
    revoked = SECOND.model_copy(
        update={
            "coordinator_keys": tuple(k.model_copy(update={"state": KeyState.REVOKED}) for k in SECOND.coordinator_keys)
        }
    )
    known = KNOWN.accept(revoked, words(revoked, "AW", "CW", "NL"))
    third = a_roster(number=3, prev=revoked)
    with pytest.raises(RosterRefused):
        known.accept(third, words(third, "AW", "CW", "NL"))


def test_a_roster_that_does_not_follow_the_newest_is_refused() -> None:
    third = a_roster(number=3, prev=SECOND)
    with pytest.raises(RosterRefused):
        KNOWN.accept(third, words(third, "AW", "CW", "NL"))


def test_a_key_id_keeps_its_key_for_ever() -> None:
    changed = a_roster(number=2, prev=FIRST, signing={sign_kid(CW): bytes(32)})
    with pytest.raises(RosterRefused):
        KNOWN.accept(changed, words(changed, "AW", "CW", "NL"))


def test_a_country_is_sealed_to_by_its_active_key() -> None:
    assert KNOWN.sealing_key(CW) == fake_key(seal_kid(CW))
    none = FIRST.model_copy(update={"node_keys": tuple(key for key in FIRST.node_keys if key.use == "sign")})
    with pytest.raises(NoSealingKey):
        rosters_of(none).sealing_key(CW)


def test_a_country_that_takes_no_part_has_no_row() -> None:
    assert KNOWN.member(CW) == FIRST.members[list(Partition).index(CW)]
    assert rosters_of(FIRST.model_copy(update={"members": FIRST.members[:1]})).member(Partition.SX) is None


def a_range(envelope: tuple[int, int], body: tuple[str, str]) -> ProtocolRange:
    return ProtocolRange(envelope=envelope, body=body)


def test_the_highest_version_that_both_read_is_written() -> None:
    own = a_range((1, 3), ("1.0", "2.10"))
    assert body_schema_for(a_range((1, 2), ("1.4", "2.9")), own) == "2.9"
    assert envelope_for(a_range((2, 9), ("1.0", "1.0")), own) == 3
    assert (body_schema_for(OWN), envelope_for(OWN)) == ("1.0", 1)


def test_ranges_that_do_not_meet_are_named() -> None:
    with pytest.raises(NoCommonVersion):
        body_schema_for(a_range((1, 1), ("2.0", "2.3")))
    with pytest.raises(NoCommonVersion):
        envelope_for(a_range((2, 2), ("1.0", "1.0")))


@pytest.mark.parametrize(("schema", "read"), [("1.0", True), ("1.99", True), ("2.0", False), ("0.9", False)])
def test_any_minor_of_a_major_we_know_is_read(schema: str, read: bool) -> None:  # noqa: FBT001 - a table
    assert reads_body(schema) is read
