"""What partners may have of a record holds nothing of whom it hides, and no key that is withheld."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from register.domain.signals.ground import ground_of
from register.domain.signals.signal import Signal, SignalId
from register.mou.extract import Pseudonym, record_of
from register.mou.facts import LOOSE
from register.mou.keys import PublishableKeys
from rtr_trial.demo.made_up import data
from schemas.codes import Partition, SignalState
from schemas.exchange.wire import ExtractRecord
from tests.support.forms import a_form

ID = UUID("01900000-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DIMAS = next(o for o in (one.admitted().organisation for one in data.organisations()) if o.code == "AW-DIMAS")
SUSPECTS: list[dict[str, Any]] = [{"n": n, "role": "SUSPECT", "kind": "person", "selectors": []} for n in (1, 2)]
TOKENS = [Pseudonym(n, "phone", 1, 1, bytes([i]) * 32, key=bytes([i])) for i, n in enumerate((1, 1, 2, LOOSE), 1)]


def record(
    subjects: list[dict[str, Any]] = SUSPECTS,
    tokens: list[Pseudonym] = TOKENS,
    *,
    published: frozenset[int] = frozenset({1, 2}),
    **keys: Any,
) -> ExtractRecord:
    """Of two suspects: the first has two keys, the second has one, and one is nobody's."""
    form = a_form(subjects=subjects)
    signal = Signal(
        id=SignalId(ID), partition=Partition.AW, reference="AW-2026-0417", state=SignalState.REGISTERED, version=1,
        organisation=DIMAS.code, actor="tester", type_registered=form.signal_type, type_assessed=form.signal_type,
        form=form, ground=ground_of(form, DIMAS, today=date(2026, 3, 1), covenant="MOU-2019"), extract_id=ID,
        pseudonyms="done", last_necessity_at=NOW, recorded_at=NOW, changed_at=NOW,
    )  # fmt: skip
    return record_of(signal, DIMAS, tokens, PublishableKeys(published, loose=True, withheld={}, **keys))


def told(of: ExtractRecord) -> tuple[list[int], list[int]]:
    """The numbers of the persons, and those that its tokens stand with."""
    return [s.n for s in of.subjects], [t.n for t in of.tokens]


def test_what_nothing_withholds_is_told() -> None:
    assert told(record()) == ([1, 2], [LOOSE, 1, 1, 2])


def test_a_key_that_is_withheld_never_becomes_a_token_though_its_person_is_shown() -> None:
    assert told(record(one_by_one={(1, b"\x01"): ("KEYS-5",)})) == ([1, 2], [LOOSE, 1, 2])
    assert told(record(one_by_one={(LOOSE, b"\x04"): ("KEYS-6",)})) == ([1, 2], [1, 1, 2])


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("role", ["VICTIM_POTENTIAL", "SUSPECT"])
def test_an_extract_with_somebody_held_back_at_any_place_cannot_be_told_from_one_without_her(
    place: int, role: str
) -> None:
    """Not by a gap in the numbers of those who are told, nor by those of their pseudonyms."""
    others = [n for n in (1, 2, 3) if n != place]
    subjects = [{"n": n, "role": "SUSPECT", "kind": "person", "selectors": []} for n in others]
    subjects.insert(place - 1, {"n": place, "role": role, "kind": "person", "selectors": []})
    tokens = [replace(t, subject=t.subject and others[t.subject - 1]) for t in TOKENS]
    tokens.append(Pseudonym(place, "phone", 1, 1, bytes([9]) * 32, key=bytes([9])))
    held_back = record(subjects, tokens, published=frozenset(others), hidden=frozenset({place}))
    assert held_back == record()


def test_of_a_suspect_who_is_hidden_not_even_the_role_is_told() -> None:
    assert told(record(hidden=frozenset({2}))) == ([1], [LOOSE, 1, 1])


def test_a_document_found_at_two_persons_and_beside_them_is_told_once_and_of_nobody() -> None:
    one = Pseudonym(1, "document", 1, 1, b"\x07" * 32, use="FOUND", key=b"\x07")
    found = record(tokens=[replace(one, subject=LOOSE, use=None), one, replace(one, subject=2)])
    assert [(t.n, t.use) for t in found.tokens] == [(LOOSE, "FOUND")]
