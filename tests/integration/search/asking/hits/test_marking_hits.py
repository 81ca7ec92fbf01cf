"""What was done about a hit is said by a person, kept step by step, and logged; a draft made from one says so."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.signals.signal import ChangedMeanwhile
from register.errors import NotFound
from register.services.casework.draft_request import draft_request
from register.services.search.mark_hit import mark_hit
from schemas.casework.request import RequestIn
from schemas.codes import HitState
from schemas.search.question import HitMarkIn, HitRow
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import CW, SX, Scene, a_phone, about, ground_of

pytestmark = pytest.mark.any_engine
SEEN = HitMarkIn(state=HitState.SEEN)
NONE = HitMarkIn(state=HitState.NO_CONCERN, no_concern="SHARED_BY_MANY")


def a_hit(scene: Scene, *, n: int = 1) -> HitRow:
    """A hit on a fresh report that Curaçao's extract shares a phone with."""
    phone = a_phone()
    subject = {"n": n, "role": "SUSPECT", "kind": "person", "selectors": [phone.model_dump()]}
    signal = scene.record(subjects=[subject], selectors=[]).id
    scene.hold(CW, about(phone))
    scene.settle()
    return of(scene, signal)


def of(scene: Scene, signal: UUID, by: Caller | None = None) -> HitRow:
    (row,) = [row for row in scene.hits(by) if row.signal == signal]
    return row


def say(scene: Scene, row: HitRow, form: HitMarkIn, *, by: Caller | None = None, version: int | None = None) -> HitRow:
    by = by or scene.unit
    return mark_hit(scene.aruba, by, ground_of(by), row.id, form, version=version or row.version)


def leaves(scene: Scene, action: str, hit: UUID) -> list[dict[str, object]]:
    found = scene.rows("SELECT * FROM rtr.audit_leaf WHERE country = 'AW' AND action = %s ORDER BY id", action)
    return [leaf["commitment"]["facts"] for leaf in found if leaf["commitment"]["about"] == str(hit)]


def a_request(row: HitRow, **parts: object) -> RequestIn:
    asks = {
        "record": row.record, "owner": row.origin, "route": "police", "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE", "case": "Z-2026-04", "asks": "Who is it about?", "hit": row.id,
    }  # fmt: skip
    return RequestIn.model_validate({**asks, **parts})


def test_hit_is_new_and_says_on_whom_of_the_report_it_is_and_whom_to_ask(scene: Scene) -> None:
    row = a_hit(scene, n=2)
    assert (row.state, row.version, row.subject) == (HitState.NEW, 1, 2)
    assert row.contact is not None
    assert row.contact.unit


def test_each_hit_of_one_report_names_the_subject_that_it_is_on(scene: Scene) -> None:
    phones = [a_phone(), a_phone()]
    subjects = [
        {"n": n, "role": "SUSPECT", "kind": "person", "selectors": [phone.model_dump()]}
        for n, phone in enumerate(phones, start=1)
    ]
    loose = a_phone()
    signal = scene.record(subjects=subjects, selectors=[loose.model_dump()]).id
    extracts = {scene.hold(CW, about(phone)): n for n, phone in enumerate([loose, *phones])}
    scene.settle()
    assert {row.record: row.subject for row in scene.hits() if row.signal == signal} == extracts


def test_what_is_said_is_kept_step_by_step_and_logged_with_its_ground(scene: Scene) -> None:
    row = a_hit(scene)
    seen = say(scene, row, SEEN)
    assert (seen.state, seen.version, seen.marked_by) == (HitState.SEEN, 2, "AW-JIUMM")
    none = say(scene, seen, NONE)
    assert (none.state, none.no_concern, none.version) == (HitState.NO_CONCERN, "SHARED_BY_MANY", 3)
    assert of(scene, row.signal) == none
    steps = scene.rows("SELECT number, state, actor FROM rtr.hit_step WHERE hit_id = %s ORDER BY number", row.id)
    assert [tuple(step.values()) for step in steps] == [(1, "SEEN", "unit"), (2, "NO_CONCERN", "unit")]
    said = leaves(scene, "hit.marked", row.id)
    assert [(one["state"], one["no_concern"]) for one in said] == [("SEEN", "-"), ("NO_CONCERN", "SHARED_BY_MANY")]
    assert {one["basis"] for one in said} == {"AW_NONPOLICE"}
    assert "Z-2026-04" not in json.dumps(said), "the case is sealed"


def test_of_two_who_say_something_of_the_same_state_the_second_is_told(scene: Scene) -> None:
    row = a_hit(scene)
    say(scene, row, SEEN)
    with pytest.raises(ChangedMeanwhile):
        say(scene, row, NONE)
    assert of(scene, row.signal).state is HitState.SEEN


@pytest.mark.parametrize(
    "said",
    [
        {"state": "NO_CONCERN"},
        {"state": "SEEN", "no_concern": "SHARED_BY_MANY"},
        {"state": "NEW"},
        {"state": "DRAFTED"},
        {"state": "NO_CONCERN", "no_concern": "Ana was only visiting"},
    ],
)
def test_no_concern_has_a_reason_of_the_list_and_what_the_register_says_itself_is_said_by_nobody(
    said: dict[str, str],
) -> None:
    with pytest.raises(ValidationError):
        HitMarkIn.model_validate(said)


def test_hit_that_was_no_concern_says_so_when_another_kind_of_value_is_shared_too(scene: Scene) -> None:
    phone, mail = a_phone(), SelectorIn(type="EMAIL", value=f"{uuid4().hex}@example.org")
    subject = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [phone.model_dump(), mail.model_dump()]}
    signal = scene.record(subjects=[subject], selectors=[]).id
    record = scene.hold(CW, about(phone))
    scene.settle()
    assert not say(scene, of(scene, signal), NONE).changed_since
    scene.mirrors[CW].hold(scene.extract(CW, about(phone, mail)), about=record, version=2)
    scene.settle()
    now = of(scene, signal)
    assert (now.state, now.changed_since, set(now.families)) == (HitState.NO_CONCERN, True, {"phone", "email"})


def test_nobody_marks_a_hit_that_does_not_show_to_him(scene: Scene) -> None:
    """Not one on a blind report, none on a report of his own without the task to search, none without a task."""
    blind = a_hit(scene)
    scene.change(f"UPDATE rtr.signal SET visibility = 'V3' WHERE id = '{blind.signal}'")
    own = scene.world.caller("AW-DIMAS", Task.SUBMIT, Task.REGISTER, actor="aw-dimas")
    row = a_hit(scene)
    for by, on in ((scene.coordinator, blind), (own, row)):
        with pytest.raises(NotFound):
            say(scene, on, SEEN, by=by)
    with pytest.raises(TaskMissing):
        say(scene, row, SEEN, by=scene.world.caller("AW-DIMAS", Task.SUBMIT))
    assert say(scene, blind, SEEN).state is HitState.SEEN, "the register unit sees it, and may"


@pytest.mark.parametrize("gone", ["never there", "withdrawn", "hidden"])
def test_hit_that_is_not_there_is_refused_and_leaves_a_leaf(scene: Scene, gone: str) -> None:
    row = a_hit(scene)
    if gone == "never there":
        row = row.model_copy(update={"id": scene.clock.new_id()})
    elif gone == "withdrawn":
        scene.mirrors[CW].retract(row.record)
    else:
        scene.change(f"UPDATE rtr.received_record SET hidden_at = now() WHERE object = '{row.record}'")
    with pytest.raises(NotFound):
        say(scene, row, SEEN)
    assert len(leaves(scene, "hit.not-marked", row.id)) == 1


def test_draft_made_from_a_hit_marks_it_and_is_named_to_the_own_organisation_alone(scene: Scene) -> None:
    row = a_hit(scene)
    by = scene.coordinator
    until = scene.aruba.today() + timedelta(days=14)
    assert of(scene, row.signal, by).state is HitState.NEW
    made = draft_request(scene.aruba, by, a_request(row, answer_by=until), str(scene.clock.new_id()))
    drafted = of(scene, row.signal, by)
    assert (drafted.state, drafted.request, drafted.version) == (HitState.DRAFTED, made.id, 2)
    assert of(scene, row.signal, scene.unit).request is None, "another organisation's"
    (leaf,) = leaves(scene, "hit.marked", row.id)
    assert leaf["request"] == str(made.id)
    asked = say(scene, drafted, HitMarkIn(state=HitState.REQUESTED), by=by)
    assert (asked.state, asked.version) == (HitState.REQUESTED, 3)


@pytest.mark.parametrize("wrong", ["another extract", "nowhere", "blind"])
def test_draft_that_names_a_hit_on_something_else_is_refused_whole(scene: Scene, wrong: str) -> None:
    row, other = a_hit(scene), a_hit(scene)
    if wrong == "blind":
        scene.change(f"UPDATE rtr.signal SET visibility = 'V3' WHERE id = '{row.signal}'")
    named = {"another extract": other.id, "nowhere": scene.clock.new_id(), "blind": row.id}[wrong]
    form = a_request(row, answer_by=scene.aruba.today(), hit=named)
    before = scene.rows("SELECT count(*) AS n FROM rtr.request")
    with pytest.raises(NotFound):
        draft_request(scene.aruba, scene.coordinator, form, str(scene.clock.new_id()))
    assert scene.rows("SELECT count(*) AS n FROM rtr.request") == before
    assert scene.rows("SELECT * FROM rtr.hit_step WHERE hit_id = ANY(%s)", [row.id, other.id]) == []


def test_marking_costs_a_value_only_where_the_hit_was_not_shown_today(scene: Scene) -> None:
    shown, other = a_hit(scene), a_hit(scene)

    def spent() -> int:
        rows = scene.rows("SELECT spent FROM rtr.search_spent WHERE country = 'AW' AND budget = 'person'")
        return sum(int(row["spent"]) for row in rows)

    before = spent()
    say(scene, shown, SEEN)
    assert spent() == before
    stranger = scene.world.caller("AW-CMMA", Task.SEARCH_SHARED, actor="nobody-showed-him")
    say(scene, other, SEEN, by=stranger)
    assert spent() == before + 1


def test_hits_on_several_countries_extracts_have_a_state_each(scene: Scene) -> None:
    phone = a_phone()
    subject = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [phone.model_dump()]}
    signal = scene.record(subjects=[subject], selectors=[]).id
    for country in (CW, SX):
        scene.hold(country, about(phone))
    scene.settle()
    first = next(row for row in scene.hits() if row.signal == signal and row.origin is CW)
    say(scene, first, SEEN)
    states = {row.origin: row.state for row in scene.hits() if row.signal == signal}
    assert states == {CW: HitState.SEEN, SX: HitState.NEW}
