"""Who is new in a corrected report has a number that no protected person had, and that a form may have."""

from __future__ import annotations

from register.pseudonyms.signal_keys import with_numbers_kept
from schemas.codes import Partition
from schemas.signals.parts import SUBJECTS_MAX
from schemas.signals.signal import SignalIn
from tests.support.forms import a_form


def of(*persons: tuple[int, str]) -> SignalIn:
    return a_form(
        subjects=[
            {"n": n, "role": "SUSPECT", "kind": "person", "name": name,
             "birth": {"year": 1980, "month": 1, "day": 1 + ord(name[-1]) % 28}}
            for n, name in persons
        ]
    )  # fmt: skip


def names(form: SignalIn) -> dict[int, str | None]:
    return {one.n: one.name for one in form.subjects}


def test_who_is_new_never_takes_the_number_of_a_protected_person_whom_the_form_has_no_more() -> None:
    # Ana, whose number 1 is, is typed under 2; who is typed under 1 is somebody new.
    after = with_numbers_kept(
        of((1, "Ana Alva")), of((1, "Berta Bolb"), (2, "Ana Alva")), Partition.AW, protected=frozenset({1, 3})
    )
    assert names(after) == {1: "Ana Alva", 4: "Berta Bolb"}


def test_where_all_numbers_were_somebodys_who_is_new_takes_one_that_nothing_protects() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    crowd = [(n, f"Uno{letters[n % 26] * 3} Due{letters[n // 26] * (n + 3)}q") for n in range(1, SUBJECTS_MAX + 1)]
    # Number 1 is still in the report under 32; 2 to 31 were taken off; protected are all of them but 7.
    moved = [(32, crowd[0][1]), (1, "Berta Bolb")]
    after = with_numbers_kept(
        of(*crowd), of(*moved), Partition.AW, protected=frozenset(range(1, SUBJECTS_MAX + 1)) - {7}
    )
    assert names(after) == {1: crowd[0][1], 7: "Berta Bolb"}
