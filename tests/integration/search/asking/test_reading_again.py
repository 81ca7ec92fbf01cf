"""What the engine says is never shown as it is: every hit is read again in PostgreSQL, by today's rules."""

from __future__ import annotations

from uuid import UUID

import pytest

from register.domain.partition import day_in
from register.search.compiler import Scope
from register.services.search.read_record import read_record
from schemas.canonical import unb64
from schemas.codes import LegalBasis, Purpose
from schemas.search.question import Answer
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, CW, Scene, a_phone, about
from tests.support.records.mirror import tokens_of

pytestmark = pytest.mark.any_engine


def test_a_retracted_record_that_the_engine_still_holds_never_shows(scene: Scene) -> None:
    phone, record = _indexed(scene)
    scene.mirrors[CW].retract(record)
    _still_in_the_engine(scene, phone)
    _is_a_miss(scene, phone)


def test_a_hidden_record_that_the_engine_still_holds_never_shows(scene: Scene) -> None:
    phone, record = _indexed(scene)
    scene.change(f"UPDATE rtr.received_record SET hidden_at = now() WHERE country = 'AW' AND object = '{record}'")
    _still_in_the_engine(scene, phone)
    _is_a_miss(scene, phone)


def test_a_document_of_an_older_version_never_shows_for_what_the_record_no_longer_has(scene: Scene) -> None:
    was, now = a_phone(), a_phone()
    record = scene.hold(CW, about(was))
    scene.settle()
    scene.mirrors[CW].hold(scene.extract(CW, about(now)), about=record, version=2)
    _still_in_the_engine(scene, was)
    _is_a_miss(scene, was)


def test_a_document_of_an_older_version_shows_the_record_as_it_is_now(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    newer = scene.extract(CW, about(phone), record={"location_type": "HOTEL"}, visibility="V2")
    scene.mirrors[CW].hold(newer, about=record, version=2)
    (hit,) = scene.answer(CW, phone).hits
    assert (hit.visibility, hit.location_type, hit.reference) == ("V2", None, newer.record.reference)


def test_a_record_that_may_not_be_seen_for_this_purpose_never_shows(scene: Scene) -> None:
    phone, _ = _indexed(scene, purpose="INVESTIGATE", legal_basis="CW_POLICE")
    assert scene.answer(CW, phone).answer is Answer.HIT
    _is_a_miss(scene, phone, purpose=Purpose.ADMINISTRATIVE)


def test_a_record_past_its_last_day_of_use_never_shows(scene: Scene) -> None:
    last = day_in(CW, scene.clock.now())
    phone, _ = _indexed(scene, handling={"code": "H3", "conditions": ["EXPIRY"], "expires": f"{last}"})
    assert scene.answer(CW, phone).answer is Answer.HIT
    scene.clock.move(86_400)
    scene.mirrors[CW].fresh()
    _is_a_miss(scene, phone)


def test_an_erased_body_never_shows(scene: Scene) -> None:
    phone, record = _indexed(scene)
    scene.change(
        "INSERT INTO rtr.data_key_end SELECT country, data_key, 'withdrawn', 'x', now() FROM rtr.received_record "
        f"WHERE country = 'AW' AND object = '{record}'"
    )
    _still_in_the_engine(scene, phone)
    _is_a_miss(scene, phone)


def test_a_handle_that_postgres_does_not_know_shows_nothing(scene: Scene) -> None:
    phone, record = _indexed(scene)
    scene.change(f"DELETE FROM rtr.search_key_aw WHERE record = '{record}'")
    _still_in_the_engine(scene, phone)
    _is_a_miss(scene, phone)


def test_one_record_read_again_shows_what_its_visibility_allows(scene: Scene) -> None:
    _, record = _indexed(scene, visibility="V2")
    out = read_record(
        scene.aruba,
        scene.coordinator,
        record,
        purpose=Purpose.COORDINATE,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case="Z-2026-1",
    )
    assert (out.owner, out.visibility, set(out.shown)) == (CW, "V2", {"reference", "period", "contact"})


def _indexed(scene: Scene, **changes: object) -> tuple[SelectorIn, UUID]:
    phone = a_phone()
    record = scene.hold(CW, about(phone), **changes)
    scene.settle()
    assert scene.answer(CW, phone).answer is Answer.HIT
    return phone, record


def _still_in_the_engine(scene: Scene, phone: SelectorIn) -> None:
    tokens = [unb64(str(t["token"])) for t in tokens_of(scene.aruba, about(phone))]
    assert scene.aruba.index is not None
    (found,) = scene.aruba.index.match(Scope(AW, (CW,)), tokens)
    assert len(found.hits) == 1


def _is_a_miss(scene: Scene, phone: SelectorIn, **asked: object) -> None:
    """Byte for byte what a number that nobody has is answered."""
    miss = scene.answer(CW, a_phone(), **asked)
    assert miss.answer is Answer.NOTHING
    assert scene.answer(CW, phone, **asked).model_dump_json() == miss.model_dump_json()
