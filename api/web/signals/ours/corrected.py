"""A report's persons and things as entries of the report form, and the report with one of them added, changed or gone.

Pure. A person is told by the number in the report, which stays: what protects somebody is kept by it. A thing is told
by whose it is and its place there. What the form's pages cannot say (a company by its name, the fingerprint of a
picture) stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from api.web.signals.reporting.known import (
    ALONE,
    EMAIL,
    GONE,
    MARKS,
    OF_NOBODY,
    OF_REPORTER,
    OPEN,
    SAID,
    Item,
    read_items,
    selector_of,
)
from register.mou.facts import LOOSE
from schemas.signals.parts import IDENTITY_DOCUMENTS, SUBJECTS_MAX, SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

Parts = dict[str, Any]
_OPEN: Final = ""


@dataclass(frozen=True, slots=True)
class At:
    """Where an entry stands: number of the person (`LOOSE`: of none), and the place of a thing among theirs."""

    n: int
    place: int | None = None

    def __str__(self) -> str:
        return str(self.n) if self.place is None else f"{self.n}.{self.place}"

    @classmethod
    def read(cls, text: str) -> At | None:
        """`2` is a person, `2.0` the first thing of theirs; None for anything else."""
        n, dot, place = text.partition(".")
        numbers = [n, place] if dot else [n]
        if not all(one.isascii() and one.isdigit() and len(one) <= len("99") for one in numbers):
            return None
        return cls(int(n), int(place) if dot else None)


def kind_of(selector: SelectorIn) -> str | None:
    """The page of the form on which a thing is changed; None where there is none."""
    if selector.type in IDENTITY_DOCUMENTS:
        return "document"
    if selector.type in MARKS:
        return "mark"
    return {"PHONE": "phone", "PLATE": "plate", "EMAIL": "online", "SOCIAL_HANDLE": "online"}.get(selector.type)


def found_at(form: SignalIn, at: At) -> SubjectIn | SelectorIn | None:
    """What stands there."""
    person = next((s for s in form.subjects if s.n == at.n), None)
    if at.place is None:
        return person
    things = form.selectors if at.n == LOOSE else person.selectors if person else ()
    return things[at.place] if at.place < len(things) else None


def item_at(form: SignalIn, kind: str, at: At) -> Item | None:
    """The entry as the form's page of this kind shows it; None where nothing of the kind stands there."""
    found = found_at(form, at)
    if isinstance(found, SubjectIn):
        return _person_item(found) if kind == "person" and found.kind in {"person", "unknown"} else None
    if found is None or kind_of(found) != kind:
        return None
    owner = _owner_of(form, at, found)
    item = {"kind": kind, "number": found.value, "owner": owner, "country": found.country or ""}
    if kind == "document":
        return item | {"document_type": found.document_type or "", "use": found.use or ""}
    if kind == "mark":
        return item | {"mark_type": found.type}
    return item | {"platform": EMAIL if found.type == EMAIL else found.platform or ""}


def with_item(form: SignalIn, item: Item, at: At | None, *, taken: Collection[int]) -> Parts:
    """The parts of the report with an entry added (`at` is None), or changed.

    Args:
        form: of the report.
        item: as the form's page gives it; its owner is the place among the persons, from 1.
        at: what it replaces.
        taken: numbers of persons that were of somebody before, and are given to nobody again while others are free.
    """
    parts = _copy_parts(form)
    if item["kind"] == "person":
        return _with_person(form, parts, item, at, taken)
    new = selector_of(item)
    home = _find_home(form, parts, item["owner"])
    new |= {"of_nobody": item["owner"] == OF_NOBODY, "of_reporter": item["owner"] == OF_REPORTER}
    if at is None or at.place is None:
        home.append(new)
        return _settle_parts(parts)
    before = _list_things(parts, at.n)
    old = before[at.place]
    if old["type"] == new["type"]:
        new = {**old, **new}  # what the page does not ask stays
    if before is home:
        before[at.place] = new
    else:
        del before[at.place]
        home.append(new)
    return _settle_parts(parts)


def without_item(form: SignalIn, at: At, things: Sequence[str]) -> tuple[Parts, frozenset[int]] | None:
    """The parts of the report without an entry, and which of its loose values are left open; None: somebody must say.

    Args:
        form: of the report.
        at: what goes.
        things: what becomes of each of the things that were theirs, in their order: gone, nobody's, the reporter's,
            not known (`OPEN`), or the place of another person.
    """
    parts = _copy_parts(form)
    if at.place is not None:
        del _list_things(parts, at.n)[at.place]
        return _settle_parts(parts), frozenset()
    theirs = _list_things(parts, at.n)
    known = {GONE, OPEN, *SAID, *(n for n, _, _ in list_heirs(form, at))}
    if len(things) != len(theirs) or any(one not in known for one in things):
        return None
    left_open = set()
    for one, becomes in zip(theirs, things, strict=True):
        if becomes == GONE:
            continue
        home = _find_home(form, parts, becomes)
        if becomes == OPEN:
            left_open.add(len(home))
        home.append({**one, "of_nobody": becomes == OF_NOBODY, "of_reporter": becomes == OF_REPORTER})
    parts["subjects"] = [one for one in parts["subjects"] if one["n"] != at.n]
    return _settle_parts(parts), frozenset(left_open)


def chosen_by(form: SignalIn) -> list[tuple[str, SubjectIn]]:
    """The persons, each with the place by which the pages choose them."""
    return [(str(i), s) for i, s in enumerate(form.subjects, 1)]


def list_heirs(form: SignalIn, at: At) -> list[tuple[str, str, SubjectIn]]:
    """The other persons, each with the place by which the pages choose them and show them."""
    return [(i, i, s) for i, s in chosen_by(form) if s.n != at.n]


def _with_person(form: SignalIn, parts: Parts, item: Item, at: At | None, taken: Collection[int]) -> Parts:
    [new] = read_items([{"id": ALONE, **item}])["subjects"]
    if at is None:
        used = {s.n for s in form.subjects}
        free = [n for n in range(1, SUBJECTS_MAX + 1) if n not in used]
        n = next((n for n in free if n not in taken and n > max(used, default=0)), free[-1])
        parts["subjects"].append({**new, "n": n})
    else:
        # The number, the kind, and what is theirs stay.
        told = ("role", "name", "birth", "nationality", "minor")
        parts["subjects"] = [
            {**one, **{name: new[name] for name in told}} if one["n"] == at.n else one for one in parts["subjects"]
        ]
    return _settle_parts(parts)


def _copy_parts(form: SignalIn) -> Parts:
    whole = form.model_dump(mode="json", by_alias=True, include={"subjects", "selectors"})
    return deepcopy({"subjects": list(whole["subjects"]), "selectors": list(whole["selectors"])})


def _list_things(parts: Parts, n: int) -> list[dict[str, Any]]:
    if n == LOOSE:
        return parts["selectors"]  # type: ignore[no-any-return]  # a list of the form's own JSON
    return next(one["selectors"] for one in parts["subjects"] if one["n"] == n)


def _find_home(form: SignalIn, parts: Parts, owner: str) -> list[dict[str, Any]]:
    """The list in which a thing of this owner stands."""
    return _list_things(parts, form.subjects[int(owner) - 1].n if owner.isdigit() else LOOSE)


def _settle_parts(parts: Parts) -> Parts:
    return {**parts, "nothing_known": not (parts["subjects"] or parts["selectors"])}


def _person_item(person: SubjectIn) -> Item:
    birth = person.birth
    born = {"year": birth.year, "month": birth.month, "day": birth.day} if birth else {}
    return {
        "kind": "person",
        "role": person.role,
        "name": person.name or "",
        **{name: str(born.get(name) or "") for name in ("year", "month", "day")},
        "nationality": person.nationality or "",
        "minor": {True: "yes", False: "no", None: ""}[person.minor],
    }


def _owner_of(form: SignalIn, at: At, thing: SelectorIn) -> str:
    if at.n != LOOSE:
        return str([s.n for s in form.subjects].index(at.n) + 1)
    return OF_NOBODY if thing.of_nobody else OF_REPORTER if thing.of_reporter else _OPEN
