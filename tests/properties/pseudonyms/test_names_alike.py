"""However a name is written, a protected person of this name and birth date is known again, before as after."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from register.pseudonyms.inputs import (
    derive_owned_inputs,
    found_alike,
    identifies_one,
    is_alike,
    made_of,
    names_indexed,
)
from register.pseudonyms.matchkeys import derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.folding import fold
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.stop import stop_file

BORN = Birth(1979, 4, 13)
PARTICLES = ("de", "de la", "del", "van", "van der", "van den", "von", "da", "dos")
# Four letters or more: a shorter name is not told from a particle that is written as one with it.
PART = st.text("aeioubcmnprstz" + "áéíóúñ", min_size=4, max_size=7).filter(
    lambda part: fold(part) not in stop_file().placeholders | stop_file().describing
)
NAME = st.lists(PART, min_size=2, max_size=4, unique_by=fold)
CHANGES: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.title,
    fold,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.replace(" ", "\u200b"),
    lambda text: text.translate(str.maketrans("aeoc", "\u0430\u0435\u043e\u0441")),
)
# A sign that nobody sees inside a name: not where a particle is written as one with it, which is split off with it.
SPLIT: Callable[[str], str] = lambda text: text.replace(" ", "  ").replace("a", "a\u200b", 1)  # noqa: E731


@st.composite
def written(draw: st.DrawFn, parts: list[str]) -> str:
    """A name in some order, with at most two particles, apart or as one with a name, and some names joined."""
    ordered, glued = list(draw(st.permutations(parts))), False
    for place in draw(st.sets(st.integers(0, len(parts) - 1), max_size=2)):
        particle = draw(st.sampled_from(PARTICLES))
        apart = draw(st.booleans())
        glued = glued or not apart
        ordered[place] = f"{particle} {ordered[place]}" if apart else particle.replace(" ", "") + ordered[place]
    text = ordered[0]
    for one in ordered[1:]:
        # A particle that stands apart from the name behind it is not written as one with the name before it.
        text += draw(st.sampled_from([" ", "-"] if " " in one else [" ", "-", ""])) + one
    return draw(st.sampled_from(CHANGES if glued else (*CHANGES, SPLIT)))(text)


def knows_again(owner: Person, other: Person) -> bool:
    """Whether somebody is taken for the owner in a report that comes later, and in one that was there before."""
    common = derive_owned_inputs(owner) & made_of(other)
    later = any(is_alike(key) or identifies_one(key) for key in common)
    looked_for = {*derive_owned_inputs(owner), *found_alike(owner)}
    return later and bool(looked_for & {*names_indexed(other), *derive(other, mode=Mode.REGISTER)})


@given(parts=NAME, data=st.data())
def test_no_way_of_writing_her_name_makes_a_protected_person_somebody_else(
    parts: list[str], data: st.DataObject
) -> None:
    plain = Person(" ".join(parts), BORN)
    other = Person(data.draw(written(parts)), BORN)
    assert knows_again(plain, other)
    assert knows_again(other, plain)


@given(parts=NAME, data=st.data())
def test_initials_for_some_of_her_names_make_a_protected_person_nobody_else(
    parts: list[str], data: st.DataObject
) -> None:
    cut = data.draw(st.sets(st.integers(0, len(parts) - 1), min_size=1, max_size=len(parts) - 1))
    short = [f"{one[0]}." if place in cut else one for place, one in enumerate(parts)]
    initialled = Person(data.draw(st.sampled_from([" ", ", "])).join(data.draw(st.permutations(short))), BORN)
    assert knows_again(Person(" ".join(parts), BORN), initialled)
    assert knows_again(initialled, Person(" ".join(parts), BORN))
