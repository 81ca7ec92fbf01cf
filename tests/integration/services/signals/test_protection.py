"""Protection is derived, monotone, goes by every input of a key, and reaches partners with the fact itself.

Cases C1 to C4 of 2026-11-29 with their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from register.domain.access.caller import Caller, Task
from register.domain.desk.victim import VictimId
from register.domain.running.consumer import Consumer
from register.domain.signals.protection import AgeContradicted
from register.domain.signals.signal import SignalId
from register.domain.signals.signal_document import ADULT_BY_PAPER
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.signal_keys import subject_keys
from register.services.desk.keep_intakes import amend_intake, record_intake
from register.services.desk.keep_victims import assign_status, put_on_ladder, withdraw_victim
from register.services.signals.change_signal import OwnerGone, amend_signal
from register.services.signals.preview_signal import preview_signal
from register.store.models.signals import protected_input
from register.store.running.server.rls import child_name
from schemas.codes import Partition
from schemas.desk.intake import AmendIntakeIn, IntakeIn
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import StatusIn, VictimIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.found import findings, say
from tests.support.told import drafts_of, live, live_blinds, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
PASSPORT = {"type": "PASSPORT", "value": "ZT1000001", "country": "VE"}
HERS = {"type": "PHONE", "value": "+58 412 555 7701"}
HIS = {"type": "PHONE", "value": "+297 000 0999"}
SUSPECT = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Pruebo Ficticio", "selectors": [HIS]}
VICTIM = {"n": 2, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Muestra Inventada", "selectors": [HERS]}
STATUS = {"status": "PRESUMED", "form": "SEX", "decided_on": "2025-06-02", "reason": "She told of her debt."}
# What one test says of these values is no other test's: `nothing_known` forgets whose they were.
BIRTHS = ({"year": 1990, "month": month, "day": day} for month in range(1, 13) for day in range(13, 29))
"""A birth date of its own for each companion: what one test protects stays protected in the country."""
NUMBERS = ({"type": "PHONE", "value": f"+58 412 604 {n:04}"} for n in range(1_000, 10_000, 7))
"""So a number: with a part of the name it holds whoever shares it."""


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    """Aruba and Curaçao, apart from other modules: a document here is a document in every test of the country."""
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_known(two: World) -> None:
    """Values of this module stand in many reports: here each test begins in a country that protects nobody."""
    forget(two)


@pytest.fixture
def hotline(two: World) -> Caller:
    """The register unit, which also takes calls here."""
    return two.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="hotline")


def told(two: World, signal: SignalOut) -> dict[str, Any] | None:
    """What Curaçao has of a signal of Aruba once the worker has decided."""
    share_all(two[AW])
    return live(two[AW], signal.id, CW)


def families(record: dict[str, Any] | None) -> set[tuple[int, str]]:
    assert record is not None
    return {(t["n"], t["family"]) for t in record["tokens"]}


def companion(**parts: Any) -> dict[str, Any]:
    return {"n": 1, "role": "COMPANION", "kind": "person", "name": "Nena Muestra", "selectors": [PASSPORT]} | parts


# --- C1: a fact in another form ---


@pytest.mark.parametrize(
    ("person", "form"),
    [
        pytest.param({"birth": {"year": 2018, "month": 3, "day": 4}}, {}, id="birth-and-no-box"),
        pytest.param({"birth": {"year": 2008}}, {}, id="year-alone"),
        pytest.param({"birth": {"year": 2007, "month": 6}}, {}, id="year-and-month"),
        pytest.param({"birth": {"year": 2007, "month": 6, "day": 1}}, {}, id="eighteen-the-day-after-the-period-began"),
        pytest.param({"birth": {"year": 2007}, "minor": False}, {}, id="a-box-that-the-year-does-not-bear-out"),
        pytest.param({"minor": True}, {}, id="the-box-alone"),
        pytest.param({}, {"persons_seen": {"adults": 2, "children": 1}}, id="children-seen-and-no-age"),
        pytest.param({}, {"persons_seen": {"adults": 0, "children": 1}}, id="only-children-seen"),
    ],
)
def test_who_may_have_been_a_minor_stays_at_home_however_it_was_said(
    two: World, record: Record, person: dict[str, Any], form: dict[str, Any]
) -> None:
    signal = record(subjects=[companion(**person)], selectors=[], period={"from": "2025-05-31"}, **form)
    assert told(two, signal) is None


@pytest.mark.parametrize("birth", [{"year": 2007, "month": 5, "day": 31}, {"year": 2006}, {"year": 1984}])
def test_who_was_an_adult_on_the_first_day_is_shared(two: World, record: Record, birth: dict[str, Any]) -> None:
    assert told(two, record(subjects=[companion(birth=birth, selectors=[HIS])], selectors=[])) is not None


def test_no_minor_beside_a_childs_birth_date_is_asked_about_and_nothing_of_it_is_repeated(
    two: World, record: Record, submitter: Caller
) -> None:
    person = {"minor": False, "birth": {"year": 2015}}
    with pytest.raises(AgeContradicted) as refused:
        record(subjects=[companion(**person)], selectors=[])
    assert refused.value.details == {"pointer": "/subjects/0/minor"}
    assert not {"2015", "Nena"} & set(str(refused.value).replace(",", " ").split())
    with pytest.raises(AgeContradicted):
        preview_signal(two[AW], submitter, a_form(subjects=[companion(**person)], selectors=[]))


@pytest.mark.parametrize("person", [{"minor": True}, {"name": "Katja Xrem (15)"}, {"name": "Katja Xrem geb. 2011"}])
def test_a_child_with_an_adults_paper_is_kept_as_both_and_stays_at_home(
    two: World, record: Record, person: dict[str, Any]
) -> None:
    signal = record(subjects=[companion(**{"birth": {"year": 1999, "month": 1, "day": 1}, **person})], selectors=[])
    assert told(two, signal) is None
    assert ADULT_BY_PAPER in signal.questions


def test_a_birth_date_corrected_later_is_taken_back_with_the_correction(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(subjects=[companion(birth={"year": 1990}, selectors=[HIS])], selectors=[])
    assert told(two, signal) is not None
    amend(two, submitter, signal, subjects=[companion(birth={"year": 2012}, selectors=[HIS])])
    assert live(two[AW], signal.id, CW) is None


def test_a_birth_date_corrected_to_an_adults_releases_nothing(two: World, record: Record, submitter: Caller) -> None:
    signal = record(subjects=[companion(birth={"year": 2012}, selectors=[HIS])], selectors=[])
    assert told(two, signal) is None
    amend(two, submitter, signal, subjects=[companion(birth={"year": 1990}, selectors=[HIS])])
    assert told(two, signal) is None


# --- C2: by input, within a record ---


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"subjects": [SUSPECT, VICTIM], "selectors": [{**HERS, "of_nobody": True}]}, id="loose"),
        pytest.param(
            {"subjects": [SUSPECT, {**VICTIM, "selectors": []}], "selectors": [HERS]}, id="loose-and-nobody-said-whose"
        ),
        pytest.param(
            {
                "subjects": [
                    {**SUSPECT, "selectors": [HIS, {"type": "PHONE", "value": "0412-5557701", "country": "VE"}]},
                    VICTIM,
                ],
                "selectors": [],
            },
            id="under-the-suspect-in-another-writing",
        ),
        pytest.param(
            {
                "subjects": [
                    {"n": 3, "role": "EMPLOYER", "kind": "company", "name": "Prueba NV", "selectors": [HERS, HIS]},
                    VICTIM,
                ],
                "selectors": [],
            },
            id="company-and-victim",
        ),
        pytest.param(
            {
                "subjects": [
                    {**SUSPECT, "selectors": [HIS]},
                    {**SUSPECT, "n": 3, "name": "Inventada, Muestra", "selectors": [HERS]},
                    VICTIM,
                ],
                "selectors": [],
            },
            id="one-person-entered-as-both",
        ),
    ],
)
def test_a_victims_phone_leaves_under_nobodys_name(two: World, record: Record, form: dict[str, Any]) -> None:
    signal = record(**form)
    share_all(two[AW])
    hers = blind_of(two, signal, "+584125557701")
    assert hers
    assert not hers & live_blinds(two[AW], signal.id, CW)
    assert his(two) <= live_blinds(two[AW], signal.id, CW), "what is not hers goes"


@pytest.mark.parametrize(
    ("other", "left"),
    [
        # One number of one issuer is one document, whatever it is called, and so the two are taken for one person.
        ({"type": "NATIONAL_ID", "document_type": "ID_CARD"}, None),
        ({"country": "CO"}, {(1, "phone")}),
    ],
)
def test_a_victims_document_is_withheld_by_its_number_whatever_it_is_called(
    two: World, record: Record, other: dict[str, Any], left: set[tuple[int, str]] | None
) -> None:
    suspect = {**SUSPECT, "selectors": [HIS, {**PASSPORT, "value": "99 12 34 56", **other}]}
    signal = record(subjects=[suspect, {**VICTIM, "selectors": [{**PASSPORT, "value": "99123456"}]}], selectors=[])
    has = told(two, signal)
    assert (None if has is None else families(has)) == left


def test_a_name_is_withheld_where_all_that_is_known_of_both_births_agrees(two: World, record: Record) -> None:
    born = {"year": 1990, "month": 2, "day": 3}
    victim = {**VICTIM, "name": "Separada Distinta", "birth": born}  # of no other test: a name alone is compared, too
    namesake = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [HIS]}
    same = record(
        subjects=[{**namesake, "name": "Separada Distinta", "nationality": "VE"}, victim],
        selectors=[],
    )
    assert told(two, same) is None, "one person under two numbers, and no other key"
    forget(two)
    another = record(
        subjects=[
            {**namesake, "name": "Separada Distinta", "birth": {**born, "year": 1960}},
            victim,
        ],
        selectors=[],
    )
    assert families(told(two, another)) == {(1, "phone"), (1, "person.p1")}


def test_a_value_beside_a_victim_goes_once_the_register_unit_too_says_whose_it_is(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    van = {"type": "PLATE", "value": "A-99907", "country": "AW"}
    signal = record(subjects=[SUSPECT, VICTIM], selectors=[van])
    assert families(told(two, signal)) == {(1, "phone")}
    amend(two, submitter, signal, selectors=[{**van, "of_nobody": True}])
    assert families(told(two, signal)) == {(1, "phone")}
    [asked] = [one for one in findings(two, hotline, signal) if one.subject == 0]
    say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    assert families(told(two, signal)) == {(1, "phone"), (0, "plate")}


# --- C3 at the API: nothing moves to nobody, and what was hers stays hers ---


def test_a_victims_phone_stays_at_home_when_she_is_taken_off_or_is_given_another_role(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(subjects=[SUSPECT, VICTIM], selectors=[])
    hers = blind_of(two, signal, "+584125557701")
    for change in (
        {"subjects": [SUSPECT], "selectors": [{**HERS, "of_nobody": True}]},
        {"subjects": [{**SUSPECT, "selectors": [HIS, HERS]}], "selectors": []},
        {"subjects": [SUSPECT, {**VICTIM, "role": "EXPLOITER"}], "selectors": []},
        {"subjects": [SUSPECT, {**VICTIM, "n": 5, "role": "EXPLOITER"}], "selectors": []},
    ):
        signal = amend(two, submitter, signal, **change)
        share_all(two[AW])
        assert hers & blind_of(two, signal, "+584125557701"), "it is still in the record"
        assert live_blinds(two[AW], signal.id, CW) == his(two)


def test_an_amendment_by_which_a_value_would_become_nobodys_asks_whose_it_is(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(subjects=[SUSPECT, VICTIM], selectors=[])
    with pytest.raises(OwnerGone) as refused:
        amend(two, submitter, signal, subjects=[SUSPECT], selectors=[{**HERS, "value": "0058 412 5557701"}])
    assert refused.value.details == {"pointer": "/selectors/0"}
    assert "5557701" not in str(refused.value)
    assert amend(two, submitter, signal, subjects=[SUSPECT], selectors=[]).version == 2


# --- C4: a later fact in another record ---


def companion_shared(two: World, record: Record) -> SignalOut:
    signal = record(subjects=[SUSPECT, companion(n=2, birth=next(BIRTHS), selectors=[next(NUMBERS)])], selectors=[])
    assert families(told(two, signal)) == {(1, "phone"), (2, "phone"), (2, "person.p1")}
    return signal


def a_victim(signal: SignalOut | None = None, subject: int | None = None, **parts: Any) -> VictimIn:
    whole = {"sex": "FEMALE", "age_band": "30-39", "status": STATUS}
    about = {"signal": signal.id, "subject": subject} if signal else {}
    return VictimIn.model_validate(whole | about | parts)


def test_the_ladder_takes_back_in_its_own_transaction(two: World, record: Record, hotline: Caller) -> None:
    signal = companion_shared(two, record)
    before = drafts_of(two[AW], signal.id, CW)
    put_on_ladder(two[AW], hotline, a_victim(signal, 2), fresh(two))
    after = drafts_of(two[AW], signal.id, CW)[len(before) :]
    assert [d.type for d in after] == ["indicator.retract", "indicator.put"]
    assert after[0].body == {"reason": "narrowed"}
    assert after[1].body is not None
    assert families(after[1].body["record"]) == {(1, "phone")}
    assert [s["n"] for s in after[1].body["record"]["subjects"]] == [1], "not even the role is told"
    share_all(two[AW])
    assert drafts_of(two[AW], signal.id, CW)[len(before) :] == after, "nothing is left for the worker to say"


def test_a_transaction_that_fails_leaves_neither_the_fact_nor_the_retraction(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = companion_shared(two, record)
    key = fresh(two)
    put_on_ladder(two[AW], hotline, a_victim(signal, 2), key)
    with pytest.raises(Exception, match="ladder"):
        put_on_ladder(two[AW], hotline, a_victim(signal, 2), fresh(two))
    assert [d.type for d in drafts_of(two[AW], signal.id, CW)][1:] == ["indicator.retract", "indicator.put"]


def test_a_partner_who_has_nothing_is_told_nothing_by_a_fact(two: World, record: Record, hotline: Caller) -> None:
    signal = record(subjects=[SUSPECT, companion(n=2)], selectors=[])
    put_on_ladder(two[AW], hotline, a_victim(signal, 2), fresh(two))
    assert drafts_of(two[AW], signal.id, CW) == []
    assert families(told(two, signal)) == {(1, "phone")}


def test_neither_not_a_victim_nor_taken_off_by_mistake_brings_anything_back(
    two: World, record: Record, hotline: Caller
) -> None:
    for undo in ("NOT", "taken off"):
        forget(two)
        signal = companion_shared(two, record)
        victim = put_on_ladder(two[AW], hotline, a_victim(signal, 2), fresh(two))
        if undo == "NOT":
            status = StatusIn.model_validate({**STATUS, "status": "NOT"})
            assign_status(two[AW], hotline, VictimId(victim.id), status, version=1)
        else:
            withdraw_victim(two[AW], hotline, VictimId(victim.id), TakeBackIn(reason="Another person."), version=1)
        again(two, signal)
        assert families(live(two[AW], signal.id, CW)) == {(1, "phone")}


@pytest.mark.parametrize("named", ["Nena M.", None])
def test_an_interview_of_the_signal_that_leads_onto_the_ladder_takes_back(
    two: World, record: Record, hotline: Caller, named: str | None
) -> None:
    signal = companion_shared(two, record)
    interview = record_intake(two[AW], hotline, an_intake(name=named), fresh(two))
    victim = a_victim(intake=interview.id)
    put_on_ladder(two[AW], hotline, victim, fresh(two))
    assert families(live(two[AW], signal.id, CW)) == {(1, "phone"), (2, "phone"), (2, "person.p1")}
    change = AmendIntakeIn.model_validate({"changes": {"signal": signal.id}, "reason": "It was about this report."})
    amend_intake(two[AW], hotline, interview.id, change, version=1)
    assert families(live(two[AW], signal.id, CW)) == {(1, "phone")}


def test_an_interview_of_the_signal_with_a_child_takes_back(two: World, record: Record, hotline: Caller) -> None:
    signal = companion_shared(two, record)
    record_intake(two[AW], hotline, an_intake(signal=signal.id, age_band="12-17"), fresh(two))
    assert live(two[AW], signal.id, CW) is None


def test_a_role_changed_to_a_victims_takes_back_with_the_amendment(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = companion_shared(two, record)
    her = signal.form.subjects[1].model_dump(mode="json") | {"role": "VICTIM_PRESUMED"}
    amend(two, submitter, signal, subjects=[SUSPECT, her])
    assert families(live(two[AW], signal.id, CW)) == {(1, "phone")}


# --- across records of the country ---


def test_what_identifies_one_person_is_withheld_everywhere_in_the_country_at_once(
    two: World, record: Record, hotline: Caller
) -> None:
    document = {"type": "PASSPORT", "value": "ZT7000123", "country": "VE"}
    born = {"year": 1991, "month": 4, "day": 5}
    hers, his = {**HERS, "value": "+58 412 555 7799"}, {**HIS, "value": "+297 000 0899"}
    suspect = {**SUSPECT, "name": "Una Doble", "birth": born, "selectors": [his, hers, document]}
    there = record(subjects=[suspect], selectors=[])
    assert families(told(two, there)) == {(1, "phone"), (1, "document"), (1, "person.p1")}
    victim = {**VICTIM, "name": "Doble, Una", "birth": born, "selectors": [hers, document]}
    record(hotline, kind="notification", subjects=[victim], selectors=[])
    assert [d.type for d in drafts_of(two[AW], there.id, CW)][-1] == "indicator.retract", "with the report on her"
    assert live(two[AW], there.id, CW) is None, "the whole person, until somebody says that it is another"
    assert [a["asked"] for a in questions(two, there)] == ["SAME_PERSON"]
    later = record(subjects=[{**suspect, "name": "Otra Persona", "birth": None}], selectors=[])
    assert told(two, later) is None, "also in what comes later"
    assert "SAME_PERSON" in {a["asked"] for a in questions(two, later)}


def test_a_document_of_somebody_else_that_a_victim_used_asks_its_rightful_holder_first(
    two: World, record: Record, hotline: Caller
) -> None:
    document = {"type": "PASSPORT", "value": "ZT7000456", "country": "VE"}
    there = record(subjects=[{**SUSPECT, "selectors": [document]}], selectors=[])
    assert families(told(two, there)) == {(1, "document")}
    victim = {**VICTIM, "name": "Otra Prueba", "selectors": [{**document, "use": "LOOKALIKE"}]}
    record(hotline, kind="notification", subjects=[victim], selectors=[])
    assert live(two[AW], there.id, CW) is None
    assert {a["asked"] for a in questions(two, there)} == {"RIGHTFUL_HOLDER"}


# --- helpers ---


def forget(two: World) -> None:
    """Forget what protected persons own, and whose numbers reporters have."""
    with two[AW].work(two.worker(AW)) as work:
        work._connection.execute(sa.text(f"DELETE FROM {child_name(protected_input, AW)}"))


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    version = two_version(two, signal)
    change = AmendIn.model_validate({"changes": changes, "reason": "Looked again."})
    return amend_signal(two[AW], by, SignalId(signal.id), change, version=version)


def two_version(two: World, signal: SignalOut) -> int:
    with two[AW].work(two.worker(AW)) as work:
        return work.signals.reports.get(SignalId(signal.id)).version


def again(two: World, signal: SignalOut) -> None:
    """Let the worker look at the signal anew, as after any change."""
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, UUID(str(signal.id)))
    share_all(two[AW])


def blind_of(two: World, signal: SignalOut, number: str) -> set[bytes]:
    with two[AW].work(two.worker(AW)) as work:
        form = work.signals.reports.get(SignalId(signal.id)).form
    secret = two[AW].keys.blind_index
    return {blind_index(secret, k.key) for k in subject_keys(form, AW) if k.key.values == (number,)}


def his(two: World) -> set[bytes]:
    secret = two[AW].keys.blind_index
    return {blind_index(secret, k.key) for k in subject_keys(a_form(subjects=[SUSPECT], selectors=[]), AW)}


def an_intake(**parts: Any) -> IntakeIn:
    return IntakeIn.model_validate({"held_on": "2025-06-02", "sex": "FEMALE", "age_band": "30-39"} | parts)


def fresh(two: World) -> str:
    return str(two[AW].clock.new_id())


def questions(two: World, about: SignalOut) -> list[dict[str, Any]]:
    """What the register unit was asked about a signal."""
    with two[AW].work(two.worker(AW)) as work:
        found = [one.question for one in work.signals.findings.of_signal(SignalId(about.id))]
    return [{"asked": one.asked.value, "family": one.family, "n": one.subject_n} for one in found]


def test_a_document_later_said_to_be_the_victims_own_is_taken_from_every_record(
    two: World, record: Record, hotline: Caller
) -> None:
    document = {"type": "PASSPORT", "value": "ZT7000789", "country": "VE"}
    there = record(subjects=[{**SUSPECT, "selectors": [HIS, document]}], selectors=[])
    share_all(two[AW])
    her = {**VICTIM, "name": "Otra Prueba", "selectors": [{**document, "use": "LOOKALIKE"}]}
    signal = record(hotline, kind="notification", subjects=[her], selectors=[])
    assert families(told(two, there)) == {(1, "phone")}
    amend(two, hotline, signal, subjects=[{**her, "selectors": [{**document, "use": "OWN"}]}])
    assert live(two[AW], there.id, CW) is None, "with the person who has it there, until somebody says who that is"


@pytest.mark.parametrize(
    "nobody",
    [
        {**VICTIM, "name": "onbekend", "selectors": []},
        {**VICTIM, "name": "NN Vrouw", "birth": {"year": 1988}, "selectors": []},
        {**VICTIM, "name": None, "selectors": [{**PASSPORT, "value": "000000000"}]},
        {**SUSPECT, "n": 2, "name": "n/a", "selectors": []},
        {**SUSPECT, "n": 2, "name": "onbekend", "nationality": "VE", "selectors": []},
    ],
)
def test_a_value_that_says_none_stops_neither_the_report_nor_what_it_protects(
    two: World, record: Record, nobody: dict[str, Any]
) -> None:
    signal = record(subjects=[SUSPECT, nobody], selectors=[])
    assert his(two) <= live_blinds_of(two, signal)


def test_the_number_of_a_victim_who_calls_waits_until_somebody_says_whose_it_is(two: World, record: Record) -> None:
    phone = {"type": "PHONE", "value": "+297 560 1120"}
    both = [SUSPECT, {**VICTIM, "selectors": []}]
    told_by_her = record(source="VICTIM", subjects=both, selectors=[phone])
    assert families(told(two, told_by_her)) <= {(1, "phone"), (1, "document"), (1, "person.p1"), (1, "person.p2")}
    said = record(source="VICTIM", subjects=both, selectors=[{**phone, "of_nobody": True}])
    assert (0, "phone") not in families(told(two, said)), "the register unit says so too, or not"


def live_blinds_of(two: World, signal: SignalOut) -> set[bytes]:
    share_all(two[AW])
    return set(live_blinds(two[AW], signal.id, CW))


# --- who told it ---

CALLER = {"type": "PHONE", "value": "+297 560 1199"}
VAN = {"type": "PLATE", "value": "A-99911", "country": "AW"}


def test_what_belongs_to_whoever_told_it_is_found_by_nobody_abroad_under_whomever_it_stands(
    two: World, record: Record
) -> None:
    told_by = {**CALLER, "of_reporter": True}
    signal = record(subjects=[SUSPECT], selectors=[told_by, VAN])
    assert families(told(two, signal)) == {(1, "phone"), (0, "plate")}, "the van is nobody's"
    assert live_blinds(two[AW], signal.id, CW) & his(two)
    number = {**CALLER, "value": "00297-5601199"}
    witness = {"n": 2, "role": "WITNESS", "kind": "person", "name": "Testiga Sola", "selectors": [number]}
    both = record(subjects=[SUSPECT, witness], selectors=[told_by])
    assert families(told(two, both)) == {(1, "phone")}, "a witness who is the reporter"
    elsewhere = record(subjects=[{**SUSPECT, "selectors": [CALLER]}], selectors=[])
    assert told(two, elsewhere) is None, "also in other reports, until somebody has said what it is"
    assert {a["asked"] for a in questions(two, elsewhere)} == {"ALSO_A_REPORTERS", "ALSO_A_VICTIMS"}, "and a witness's"


def test_what_was_the_reporters_stays_so_whatever_is_said_of_it_later(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(subjects=[SUSPECT], selectors=[{**CALLER, "of_reporter": True}])
    assert families(told(two, signal)) == {(1, "phone")}
    amend(two, submitter, signal, selectors=[{**CALLER, "of_nobody": True}])
    assert families(told(two, signal)) == {(1, "phone")}
    assert live_blinds(two[AW], signal.id, CW) == his(two)


def test_a_number_that_may_be_an_unnamed_reporters_waits_until_somebody_says_whose_it_is(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(reporter_anonymous=True, subjects=[SUSPECT], selectors=[CALLER, VAN])
    assert families(told(two, signal)) == {(1, "phone"), (0, "plate")}, "nobody is reached by a plate"
    amend(two, submitter, signal, selectors=[{**CALLER, "of_nobody": True}, VAN])
    assert families(told(two, signal)) == {(1, "phone"), (0, "plate")}, "the register unit says so too, or not"


@pytest.mark.parametrize("both", [{"of_nobody": True}, {"under": True}])
def test_a_reporters_value_is_beside_the_persons_and_somebodys(both: dict[str, Any]) -> None:
    value = {**CALLER, "of_reporter": True}
    parts = {"subjects": [{**SUSPECT, "selectors": [value]}], "selectors": []}
    if "of_nobody" in both:
        parts = {"subjects": [SUSPECT], "selectors": [{**value, **both}]}
    with pytest.raises(ValueError, match="reporter"):
        a_form(**parts)
