"""The form of a signal: what it takes, what it refuses, and that no refusal gives back what was typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas.codes import Partition, SignalState, code_list
from schemas.form import PAGE_MAX, Form, Instant, Page
from schemas.signals import changes as signal_changes
from schemas.signals import out as signal_out
from schemas.signals import parts as signal_parts
from schemas.signals import signal
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, SignalChanges, WithdrawIn
from schemas.signals.out import SharingPreview, SignalOut, SignalSummary
from schemas.signals.parts import SELECTORS_MAX, SUBJECTS_MAX, SelectorIn, SubjectIn
from schemas.signals.signal import ACCOUNT_MAX, SignalIn

SECRET = "Zeno Testman +2970000142"
PERSON = {"n": 1, "role": "SUSPECT", "kind": "person"}
PASSPORT = {"type": "PASSPORT", "value": "ZZ0000017", "country": "NL", "use": "LOOKALIKE"}
GUARANTEE = {"kind": "ENTRY", "service": "DIMAS", "on": "2026-01-14", "guarantor": 1}
ID_SIGNAL = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_form(**parts: Any) -> dict[str, Any]:
    """A valid form with nothing known; the test names what matters to it. A part given as None is left out."""
    form: dict[str, Any] = {
        "kind": "submission",
        "urgency": "NORMAL",
        "account": "Two people in a locked house.",
        "received_on": "2026-03-01",
        "period": {"from": "2026-02-01", "to": "2026-02-20"},
        "place": {"island": "AW", "location_type": "PRIVATE_HOME"},
        "signal_type": "UNDETERMINED",
        "source": "GOV_DEPT",
        "channel": "CONTROL_ACTION",
    }
    if not {"subjects", "selectors", "nothing_known"} & set(parts):
        form["nothing_known"] = True
    return {key: value for key, value in (form | parts).items() if value is not None}


def refusal(form: dict[str, Any], model: type[BaseModel] = SignalIn) -> dict[str, Any]:
    """The one error of a form that is refused."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(form)
    (error,) = refused.value.errors(include_input=False, include_url=False)
    return dict(error)


def test_eight_answers_are_enough() -> None:
    form = SignalIn.model_validate(a_form())
    assert form.period.from_ == date(2026, 2, 1)
    assert form.subjects == ()
    assert form.purpose is None
    assert not form.reporter_anonymous
    assert not form.single_approval


@pytest.mark.parametrize(
    "part",
    ["kind", "urgency", "account", "received_on", "period", "place", "signal_type", "source", "channel"],
)
def test_each_question_must_be_answered(part: str) -> None:
    assert refusal(a_form(**{part: None}))["loc"] == (part,)


def test_nothing_known_must_be_said_when_neither_subjects_nor_selectors_are_given() -> None:
    assert refusal(a_form(nothing_known=False))["type"] == "nothing-known"


@pytest.mark.parametrize("known", [{"subjects": [PERSON]}, {"selectors": [{"type": "PHONE", "value": "5550142"}]}])
def test_nothing_known_is_refused_when_something_is(known: dict[str, Any]) -> None:
    SignalIn.model_validate(a_form(**known))
    assert refusal(a_form(**known, nothing_known=True))["type"] == "nothing-known"


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"kind": SECRET}, "signal_kind"),
        ({"urgency": SECRET}, "urgency"),
        ({"place": {"island": SECRET, "location_type": "SHOP"}}, "island"),
        ({"place": {"island": "AW", "location_type": SECRET}}, "location_type"),
        ({"signal_type": SECRET}, "signal_type"),
        ({"source": SECRET}, "source"),
        ({"channel": SECRET}, "channel"),
        ({"exploitation_forms": [SECRET]}, "exploitation_form"),
        ({"exploitation_forms": ["SEX"], "sexual_form": SECRET}, "sexual_form"),
        ({"acts": [SECRET]}, "act"),
        ({"means": [SECRET]}, "means"),
        ({"smuggling_elements": [SECRET]}, "smuggling_element"),
        ({"recruitment": [SECRET]}, "recruitment_method"),
        ({"indicators": [{"group": SECRET, "strength": "W"}]}, "indicator_group"),
        ({"indicators": [{"group": "CHILD", "strength": SECRET}]}, "strength"),
        ({"sector": SECRET}, "sector"),
        ({"movement": SECRET}, "movement"),
        ({"victim_relation": SECRET}, "victim_relation"),
        ({"purpose": SECRET}, "purpose"),
        ({"legal_basis": SECRET}, "legal_basis"),
        ({"crime_class": SECRET}, "crime_class"),
        ({"visibility": SECRET}, "visibility"),
        ({"handling": {"code": SECRET}}, "handling"),
        ({"handling": {"code": "H3", "conditions": [SECRET]}}, "handling_condition"),
        ({"evaluation": {"scheme": SECRET, "source": "A", "information": "1"}}, "evaluation_scheme"),
        ({"subjects": [PERSON | {"role": SECRET}]}, "subject_role"),
        ({"subjects": [PERSON | {"kind": SECRET}]}, "subject_kind"),
        ({"selectors": [{"type": SECRET, "value": "1"}]}, "identifier_type"),
        ({"selectors": [PASSPORT | {"document_type": SECRET}]}, "document_type"),
        ({"selectors": [PASSPORT | {"use": SECRET}]}, "document_use"),
        ({"selectors": [{"type": "SOCIAL_HANDLE", "value": "z", "platform": SECRET}]}, "platform"),
        ({"subjects": [PERSON], "guarantees": [GUARANTEE | {"kind": SECRET}]}, "guarantee_kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unknown_code_is_answered_with_the_allowed_ones_and_never_repeated(parts: dict[str, Any], name: str) -> None:
    error = refusal(a_form(**parts))
    assert error["type"] == "unknown-code"
    assert tuple(error["ctx"]["allowed"]) == code_list(name).codes
    assert all(code in error["msg"] for code in code_list(name).codes)
    assert SECRET not in str(error)


def test_reporter_is_never_a_subject() -> None:
    assert refusal(a_form(subjects=[PERSON | {"role": "REPORTER"}]))["type"] == "unknown-code"


@pytest.mark.parametrize(
    "parts",
    [
        {"account": SECRET + "\x00"},
        {"account": SECRET * ACCOUNT_MAX},
        {"place": {"island": "AW", "location_type": "SHOP", "locality": SECRET + "\n" + SECRET}},
        {"subjects": [PERSON | {"name": SECRET + "\x1b"}]},
        {"subjects": [PERSON | {"name": {"first": SECRET}}]},
        {"subjects": [PERSON | {"nationality": SECRET}]},
        {"subjects": [PERSON | {"birth": SECRET}]},
        {"subjects": [PERSON | {"minor": SECRET}]},
        {"subjects": [PERSON | {"n": SECRET}]},
        {"subjects": SECRET},
        {"selectors": [{"type": "PASSPORT", "value": SECRET}]},
        {"selectors": [{"type": "NAME_DOB", "value": SECRET}]},
        {"selectors": [{"type": "PHONE", "value": SECRET * 100}]},
        {"selectors": [{"type": "PHONE", "value": SECRET, "use": "OWN"}]},
        {"selectors": [{"type": "SOCIAL_HANDLE", "value": SECRET}]},
        {"received_on": SECRET},
        {"evaluation": {"scheme": "4x4", "source": SECRET, "information": "1"}},
        {"legal_basis": {SECRET: SECRET}},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_refusal_never_gives_back_what_was_typed(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        SignalIn.model_validate(a_form(**parts))
    told = refused.value.errors(include_input=False, include_url=False)
    for piece in (SECRET, "Zeno", "2970000142"):
        assert piece not in str(refused.value)
        assert piece not in str(told)


def test_form_shown_in_a_log_holds_no_account_name_or_selector() -> None:
    person = PERSON | {"name": "Zeno Testman", "birth": {"year": 1979, "month": 4}, "selectors": [PASSPORT]}
    place = {"island": "AW", "location_type": "SHOP", "locality": "Noord, by the church"}
    shown = repr(SignalIn.model_validate(a_form(subjects=[person], place=place)))
    for secret in ("locked house", "Zeno", "1979", "ZZ0000017", "church"):
        assert secret not in shown
    assert "SUSPECT" in shown


def test_member_that_the_form_does_not_know_is_refused() -> None:
    assert refusal(a_form(narrative="x"))["type"] == "extra_forbidden"
    assert refusal(a_form(place={"island": "AW", "location_type": "SHOP", "street": "x"}))["loc"] == ("place", "street")


@pytest.mark.parametrize("day", ["1 March 2026", "2026-03-01T00:00:00", "2026-02-30", "2026-3-1", 0, 1e9, "1899-12-31"])
def test_date_is_a_day_written_one_way(day: object) -> None:
    assert refusal(a_form(received_on=day))["loc"] == ("received_on",)


@pytest.mark.parametrize("flag", ["reporter_anonymous", "single_approval", "nothing_known"])
@pytest.mark.parametrize("value", ["true", 1, "yes"])
def test_flag_is_true_or_false_and_nothing_like_it(flag: str, value: object) -> None:
    assert refusal(a_form(**{"nothing_known": True, flag: value}))["loc"] == (flag,)


def test_period_may_not_end_before_it_begins() -> None:
    SignalIn.model_validate(a_form(period={"from": "2026-02-01", "to": "2026-02-01"}))
    assert SignalIn.model_validate(a_form(period={"from": "2026-02-01"})).period.to is None
    assert refusal(a_form(period={"from": "2026-02-02", "to": "2026-02-01"}))["type"] == "period-reversed"


@pytest.mark.parametrize("kind", ["PASSPORT", "NATIONAL_ID", "RESIDENCE_PERMIT", "PLATE", "COMPANY_REG"])
def test_number_that_exists_in_several_countries_needs_its_country(kind: str) -> None:
    document = {"document_type": "ID_CARD"} if kind == "NATIONAL_ID" else {}
    SelectorIn.model_validate({"type": kind, "value": "A-1234", "country": "AW", **document})
    assert refusal({"type": kind, "value": "A-1234", **document}, SelectorIn)["type"] == "country-missing"


def test_passport_and_permit_name_their_document_and_another_document_must_be_named() -> None:
    assert SelectorIn.model_validate(PASSPORT).document_type == "PASSPORT"
    permit = {"type": "RESIDENCE_PERMIT", "value": "1", "country": "CW"}
    assert SelectorIn.model_validate(permit).document_type == "RESIDENCE_PERMIT"
    card = {"type": "NATIONAL_ID", "value": "1", "country": "CW"}
    assert refusal(card, SelectorIn)["type"] == "document-type-missing"
    assert refusal(PASSPORT | {"document_type": "VISA"}, SelectorIn)["type"] == "document-type"


def test_use_and_type_of_a_document_belong_to_documents_only() -> None:
    phone = {"type": "PHONE", "value": "5550142"}
    assert refusal(phone | {"use": "FALSE"}, SelectorIn)["type"] == "not-a-document"
    assert refusal(phone | {"document_type": "PASSPORT"}, SelectorIn)["type"] == "not-a-document"


def test_social_media_name_needs_its_platform_and_nothing_else_has_one() -> None:
    SelectorIn.model_validate({"type": "SOCIAL_HANDLE", "value": "zeno", "platform": "TIKTOK"})
    assert refusal({"type": "SOCIAL_HANDLE", "value": "zeno"}, SelectorIn)["type"] == "platform"
    assert refusal({"type": "PHONE", "value": "1", "platform": "TIKTOK"}, SelectorIn)["type"] == "platform"


def test_name_and_birth_date_are_a_subject_and_no_selector() -> None:
    assert refusal({"type": "NAME_DOB", "value": "x"}, SelectorIn)["type"] == "name-as-selector"


@pytest.mark.parametrize("country", ["UK", "nl", "XX", "NLD"])
def test_country_is_a_code_of_the_standard(country: str) -> None:
    assert refusal(PASSPORT | {"country": country}, SelectorIn)["loc"] == ("country",)


@pytest.mark.parametrize(
    "birth",
    [{"year": 1979, "day": 3}, {"year": 2023, "month": 2, "day": 29}, {"year": 1979, "month": 13}, {"year": 79}, {}],
)
def test_birth_date_that_cannot_be_is_refused(birth: dict[str, int]) -> None:
    assert refusal(a_form(subjects=[PERSON | {"birth": birth}]))["loc"][:3] == ("subjects", 0, "birth")


@pytest.mark.parametrize("birth", [{"year": 1979}, {"year": 1979, "month": 4}, {"year": 2024, "month": 2, "day": 29}])
def test_birth_date_is_taken_as_far_as_it_is_known(birth: dict[str, int]) -> None:
    SignalIn.model_validate(a_form(subjects=[PERSON | {"birth": birth}]))


@pytest.mark.parametrize("part", [{"birth": {"year": 1979}}, {"nationality": "CO"}, {"minor": False}])
def test_company_has_no_birth_date_nationality_or_age(part: dict[str, Any]) -> None:
    company = PERSON | {"kind": "company", "name": "Testwinkel"}
    SignalIn.model_validate(a_form(subjects=[company]))
    assert refusal(a_form(subjects=[company | part]))["type"] == "not-a-person"


def test_two_subjects_cannot_have_one_number() -> None:
    assert refusal(a_form(subjects=[PERSON, PERSON]))["type"] == "subject-number"
    assert refusal(a_form(subjects=[PERSON | {"n": 0}]))["loc"] == ("subjects", 0, "n")


@pytest.mark.parametrize("wrong", [{"guarantor": 3}, {"beneficiary": 3}, {"beneficiary": 1}])
def test_guarantee_names_subjects_of_this_signal_and_two_different_ones(wrong: dict[str, int]) -> None:
    people = [PERSON | {"role": "GUARANTOR"}, PERSON | {"n": 2, "role": "VICTIM_POTENTIAL"}]
    good = a_form(subjects=people, guarantees=[GUARANTEE | {"beneficiary": 2}, GUARANTEE])
    assert len(SignalIn.model_validate(good).guarantees) == 2
    assert refusal(a_form(subjects=people, guarantees=[GUARANTEE | wrong]))["type"] == "subject-number"


def test_sexual_form_needs_sexual_exploitation() -> None:
    SignalIn.model_validate(a_form(exploitation_forms=["SEX"], sexual_form="REMOTE_INTERACTIVE"))
    form = a_form(exploitation_forms=["LABOUR"], sexual_form="REMOTE_INTERACTIVE")
    assert refusal(form)["type"] == "sexual-form"


def test_code_given_twice_is_refused_but_a_sign_may_be_seen_twice() -> None:
    assert refusal(a_form(means=["FORCE", "FORCE"]))["type"] == "given-twice"
    sign = {"group": "CHILD", "strength": "M"}
    assert len(SignalIn.model_validate(a_form(indicators=[sign, sign])).indicators) == 2


@pytest.mark.parametrize(
    ("handling", "error"),
    [
        ({"code": "H3"}, "handling-conditions"),
        ({"code": "H1", "conditions": ["NO_CONTACT"]}, "handling-conditions"),
        ({"code": "H3", "conditions": ["EXPIRY"]}, "handling-expiry"),
        ({"code": "H3", "conditions": ["NO_CONTACT"], "expires": "2027-01-01"}, "handling-expiry"),
    ],
)
def test_conditions_are_what_h3_stands_for(handling: dict[str, Any], error: str) -> None:
    good = {"code": "H3", "conditions": ["NO_CONTACT", "EXPIRY"], "expires": "2027-01-01"}
    SignalIn.model_validate(a_form(handling=good))
    assert refusal(a_form(handling=handling))["type"] == error


@pytest.mark.parametrize(
    ("scheme", "source", "information"), [("4x4", "X", "4"), ("3x5x2", "2", "E"), ("admiralty", "F", "6")]
)
def test_evaluation_is_taken_in_the_scheme_in_which_it_was_made(scheme: str, source: str, information: str) -> None:
    form = a_form(evaluation={"scheme": scheme, "source": source, "information": information})
    evaluation = SignalIn.model_validate(form).evaluation
    assert evaluation is not None
    assert (evaluation.scheme, evaluation.source, evaluation.information) == (scheme, source, information)


@pytest.mark.parametrize(("source", "information"), [("D", "1"), ("A", "5"), ("A", "E")])
def test_evaluation_of_another_scheme_is_refused_and_not_converted(source: str, information: str) -> None:
    form = a_form(evaluation={"scheme": "4x4", "source": source, "information": information})
    assert refusal(form)["type"] == "unknown-code"


@pytest.mark.parametrize(
    ("part", "one", "most"),
    [
        ("subjects", lambda n: PERSON | {"n": n + 1}, SUBJECTS_MAX),
        ("indicators", lambda _: {"group": "CHILD", "strength": "W"}, 200),
        ("guarantees", lambda _: GUARANTEE, 200),
    ],
)
def test_list_has_an_end(part: str, one: Any, most: int) -> None:
    people = {"subjects": [PERSON]} if part == "guarantees" else {}
    SignalIn.model_validate(a_form(**{**people, part: [one(n) for n in range(most)]}))
    with pytest.raises(ValidationError):
        SignalIn.model_validate(a_form(**{**people, part: [one(n) for n in range(most + 1)]}))


def test_subject_has_no_more_selectors_than_tokens_are_made_of() -> None:
    one = {"type": "PHONE", "value": "5550142"}
    SignalIn.model_validate(a_form(subjects=[PERSON | {"selectors": [one] * SELECTORS_MAX}]))
    form = a_form(subjects=[PERSON | {"selectors": [one] * (SELECTORS_MAX + 1)}])
    assert refusal(form)["type"] == "too_long"


def test_text_is_trimmed_and_may_have_lines_only_where_it_tells_a_story() -> None:
    form = SignalIn.model_validate(a_form(account="  first line\nsecond line ", operation=" Turquesa "))
    assert (form.account, form.operation) == ("first line\nsecond line", "Turquesa")
    assert refusal(a_form(account=" \n "))["type"] == "string_too_short"
    assert refusal(a_form(operation="a\nb"))["type"] == "control-character"


def test_form_cannot_be_changed_once_it_is_read() -> None:
    form = SignalIn.model_validate(a_form())
    with pytest.raises(ValidationError):
        form.urgency = "NOW"  # type: ignore[misc]  # that it is refused is the point


def test_amendment_replaces_what_it_names_and_leaves_the_rest() -> None:
    form = SignalIn.model_validate(a_form(sector="RETAIL", operation="Turquesa"))
    amend = AmendIn.model_validate(
        {"reason": "The skipper was found.", "changes": {"subjects": [PERSON], "nothing_known": False, "sector": None}}
    )
    amended = amend.applied_to(form)
    assert [subject.n for subject in amended.subjects] == [1]
    assert amended.sector is None
    assert amended.model_copy(update={"subjects": (), "nothing_known": True, "sector": "RETAIL"}) == form


def test_amendment_is_checked_as_a_whole() -> None:
    form = SignalIn.model_validate(a_form())
    both = AmendIn.model_validate({"reason": "x", "changes": {"subjects": [PERSON]}})
    with pytest.raises(ValidationError, match="nothing_known"):
        both.applied_to(form)
    emptied = AmendIn.model_validate({"reason": "x", "changes": {"account": None}})
    with pytest.raises(ValidationError, match="account"):
        emptied.applied_to(form)


def test_amendment_needs_a_change_and_a_reason() -> None:
    assert refusal({"reason": "x", "changes": {}}, AmendIn)["type"] == "no-change"
    assert refusal({"reason": " ", "changes": {"sector": "RETAIL"}}, AmendIn)["loc"] == ("reason",)


def test_amendment_can_change_every_part_but_kind_and_type() -> None:
    """Kind decides in which count a signal stands; the type has a history of its own."""
    assert set(SignalIn.model_fields) - set(SignalChanges.model_fields) == {"kind", "signal_type"}
    assert set(SignalChanges.model_fields) < set(SignalIn.model_fields)


def test_withdrawal_is_for_the_three_reasons_that_a_person_can_give() -> None:
    for code in ("withdrawn", "corrected", "erased"):
        assert WithdrawIn.model_validate({"reason": "Wrong number.", "code": code}).code == code
    for code in ("expired", "narrowed"):
        assert refusal({"reason": "x", "code": code}, WithdrawIn)["loc"] == ("code",)


def test_reclassification_and_referral_take_codes_and_a_reason() -> None:
    ReclassifyIn.model_validate({"signal_type": "HT_MS", "reason": "Must work off the fee."})
    assert refusal({"signal_type": "HT"}, ReclassifyIn)["loc"] == ("reason",)
    assert ReferIn.model_validate({"kind": "assistance", "to": "AW-FCVR"}).note is None
    assert refusal({"kind": "arrest", "to": "AW-FCVR"}, ReferIn)["type"] == "unknown-code"
    assert refusal({"kind": "assistance", "to": "a b"}, ReferIn)["loc"] == ("to",)


def test_signal_comes_back_whole_with_times_in_utc_to_the_millisecond() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=-4)))
    preview = SharingPreview(recipient=Partition.CW, allowed=False, rules=("R-1",), sentences=("Only by request.",))
    form = SignalIn.model_validate(a_form(subjects=[PERSON | {"name": "Zeno Testman", "selectors": [PASSPORT]}]))
    sent = SignalOut(
        id=ID_SIGNAL,
        reference="AW-2026-0031",
        kind="submission",
        state=SignalState.RECEIVED,
        version=1,
        type_registered="MS",
        type_assessed="HT_MS",
        organisation="AW-IMIGRACION",
        form=form,
        sharing=(preview,),
        recorded_at=local,
        changed_at=NOON,
    ).model_dump_json()
    assert '"recorded_at":"2026-03-01T12:00:00.000Z"' in sent
    assert '"period":{"from":"2026-02-01"' in sent
    back = SignalOut.model_validate_json(sent)
    assert back.form == form
    assert back.sharing == (preview,)
    assert back.recorded_at == NOON


@pytest.mark.parametrize("reference", ["AW-2026-31", "XX-2026-0031", "AW-26-0031", "AW-2026-0031\n", "aw-2026-0031"])
def test_reference_has_one_form(reference: str) -> None:
    line = {"reference": reference}
    with pytest.raises(ValidationError) as refused:
        SignalSummary.model_validate(line)
    assert "string_pattern_mismatch" in [e["type"] for e in refused.value.errors() if e["loc"] == ("reference",)]


def test_line_in_a_list_holds_nothing_that_could_name_a_person() -> None:
    assert not {"account", "form", "subjects", "selectors", "place", "period"} & set(SignalSummary.model_fields)


def test_page_has_items_and_the_way_to_the_next_and_an_end() -> None:
    page = Page[int].model_validate({"items": [1, 2], "next": "c2"})
    assert page.model_dump() == {"items": (1, 2), "next": "c2"}
    assert Page[int](items=()).next is None
    with pytest.raises(ValidationError):
        Page[int](items=(1,) * (PAGE_MAX + 1))


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(datetime(2026, 3, 1))  # noqa: DTZ001  # that it has no zone is the point


def test_every_form_is_strict_frozen_and_silent_about_its_input() -> None:
    modules = (signal, signal_parts, signal_changes, signal_out)
    forms = [m for where in modules for m in vars(where).values() if isinstance(m, type) and issubclass(m, Form)]
    assert len(set(forms)) > 15
    for form in forms:
        assert form.model_config["extra"] == "forbid"
        assert form.model_config["frozen"]
        assert form.model_config["hide_input_in_errors"]


def test_published_schema_names_the_allowed_codes() -> None:
    schema = SignalIn.model_json_schema()
    assert schema["properties"]["signal_type"]["enum"] == list(code_list("signal_type").codes)
    assert schema["additionalProperties"] is False
    assert {"kind", "urgency", "account", "received_on", "period", "place", "signal_type", "source", "channel"} == set(
        schema["required"]
    )


@pytest.mark.parametrize("issuer", ["AN", "XXX"])
def test_papers_of_the_netherlands_antilles_and_of_an_unknown_issuer_can_be_entered(issuer: str) -> None:
    assert SelectorIn(type="PASSPORT", value="ZZ0000017", country=issuer).country == issuer


@pytest.mark.parametrize("country", ["AN", "XXX"])
def test_a_plate_has_a_country_of_today(country: str) -> None:
    assert refusal({"type": "PLATE", "value": "A-1", "country": country}, SelectorIn)["type"] == "unknown-country"


def test_a_person_can_be_stateless() -> None:
    parts = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman", "nationality": "XXA"}
    assert SubjectIn.model_validate(parts).nationality == "XXA"
