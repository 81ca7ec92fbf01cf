"""The address of the search: one for all its pages, so that nothing of a question is ever in it.

The ground comes first; then what is known, added one by one; then the answers, country by country. Every step is
sent as a form and carries the question on; asking is the search of the API, with its log and its refusals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show
from api.web.frame.languages import N_, Text
from api.web.search.answer import CANNOT_FIND, name_families, show_country
from api.web.search.question import (
    FIELDS,
    PERSON,
    Question,
    probe_of,
    question_of,
    read_ground,
    read_thing,
    search_of,
    subject_of,
)
from api.web.signals.reporting.answers import Fault, Reader, Typed
from api.web.signals.reporting.known import REFUSED, UNREADABLE
from api.web.signals.reporting.reading import said
from register.domain.access.policy import UseCase
from register.domain.signals.reading import may_read
from register.errors import CallerError, RegisterError
from register.mou.asking import QuestionRefused, grounds_for
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.check_question import refused_question
from register.services.search.search_records import search_records
from schemas.signals.reading import ReadAs

router = APIRouter(prefix="/search", include_in_schema=False, route_class=PageRoute)
_NOTHING_TO_ASK: Final = "nothing-to-ask"
_ADD: Final = "add-"
_ADDED: Final = "added-"
_REMOVE: Final = "remove-"
_FULL: Final = N_("This is as much as can be asked at once. Ask, and ask about the rest in a second question.")
_TOO_LITTLE: Final = N_(
    "A name alone matches nothing. Add a number, or remove the name and add it with a birth date. With a nationality "
    "it is looked for in your own register only."
)
_NO_KEY: Final = N_("Nothing of this can be asked with: it says that it is not known, or too little is known of it.")
_KEPT: Final = N_(
    "Other countries cannot find this yet, so nothing would be asked with it. It can be kept in a report."
)
_CHECK_FAILS: Final = N_("Its digits do not fit together: one of them is wrong. Nothing can be asked with it.")
_NOTHING: Final = N_("Add what you know: a person, a phone, a document, a plate or an account.")
_SPENT: Final = {
    "person": N_(
        "You have looked up %(spent)s of the %(most)s values that one person may look up in a day, and this asks about "
        "%(values)s. Nothing was looked up. Ask about fewer, or tomorrow from 00:00; if it cannot wait, ask a "
        "colleague who may search."
    ),
    "case": N_(
        "%(spent)s of the %(most)s values that may be looked up for one case in a day were looked up for this one, and "
        "this asks about %(values)s. Nothing was looked up. Ask about fewer, or tomorrow from 00:00."
    ),
    "organisation": N_(
        "Your organisation has looked up %(spent)s of the %(most)s values that it may look up in a day, and this asks "
        "about %(values)s. Nothing was looked up. Ask about fewer, or tomorrow from 00:00."
    ),
    "own": N_(
        "You have looked up %(spent)s of the %(most)s values that one person may look up in the register of his "
        "country in a day, and this asks about %(values)s. Nothing was looked up. Ask about fewer, or tomorrow from "
        "00:00; if it cannot wait, ask a colleague who may search."
    ),
}
"""By whose values are used up; a day is the country's."""


@router.get("")
def begin(request: Request, here: SignedInHere) -> Response:
    """For what, on what ground and for which case: before anything else is asked."""
    here.register.permit(here.caller, UseCase.SEARCH)
    return _show_ground(request, here, {"purpose": here.session.shown.purpose, **only_basis(here)}, Question({}))


@router.post("")
def sent(request: Request, post: SentHere) -> Response:
    """Go on with a question: to its ground, to what is known, to one thing more, or to the answers."""
    here, posted = post.visitor, post.posted
    here.register.permit(here.caller, UseCase.SEARCH)
    question, then = question_of(posted), posted.one("then")
    reader = Reader(question.ground, _read_today(here))
    ground = read_ground(reader, *_list_offered_grounds(here), here.case_of)
    if reader.faults or then == "ground":
        return _show_ground(request, here, question.ground, question, reader.faults if then != "ground" else [])
    question = Question(ground, question.things)
    if then.startswith(_ADD) and then.removeprefix(_ADD) in FIELDS:
        return _show_thing(request, here, question, then.removeprefix(_ADD), {}, [])
    if then.startswith(_ADDED) and then.removeprefix(_ADDED) in FIELDS:
        kind = then.removeprefix(_ADDED)
        return _add_thing(request, here, question, kind, {name: posted.one(name) for name in FIELDS[kind]})
    number = then.removeprefix(_REMOVE) if then.startswith(_REMOVE) else ""
    if number.isascii() and number.isdigit():
        return _show_things(request, here, question.without(int(number[:3])))
    return _ask_question(request, here, question) if then == "ask" else _show_things(request, here, question)


def _add_thing(request: Request, here: Visitor, question: Question, kind: str, typed: Typed) -> Response:
    reader = Reader(typed, _read_today(here))
    thing = read_thing(kind, reader)
    if not question.has_room(kind):
        reader.fault(FIELDS[kind][0], _FULL)
    probe = None if thing is None else probe_of(thing)
    refused = None if probe is None else refused_question(here.register, probe)
    if refused is not None:
        reader.fault("name" if kind == PERSON else "number", _explain_refusal(refused))
    if reader.faults or thing is None:
        return _show_thing(request, here, question, kind, typed, reader.faults)
    return _show_things(request, here, question.with_thing(thing))


def _ask_question(request: Request, here: Visitor, question: Question) -> Response:
    subject = subject_of(question.things)
    if subject is None:
        return _show_things(request, here, question, [Fault("add", _TOO_LITTLE if question.things else _NOTHING)])
    if (refused := refused_question(here.register, subject)) is not None:
        why = _explain_refusal(refused) if refused.code == _NOTHING_TO_ASK else _FULL
        return _show_things(request, here, question, [Fault("add", why)])
    try:
        found = search_records(here.register, here.caller, search_of(question, subject))
    except QuestionRefused as by_rule:
        return _show_things(request, here, question, refused=reasons_of(here, by_rule))
    except SearchBudgetSpent as spent:
        return _show_things(request, here, question, [Fault("add", spent_sentence(spent))])
    return show(
        request,
        here,
        "search/answer.html",
        question=question,
        found=found,
        edition=here.register.edition,
        countries=[show_country(one, found.asked_at) for one in found.countries],
        families=name_families,
        said=said,
        out_of_reach=[CANNOT_FIND[one.code] for one in found.cannot_find],
        opens=lambda organisation: may_read(here.caller, organisation),
        faults=[],
    )


def spent_sentence(spent: SearchBudgetSpent) -> Text:
    """What was asked today and when there is more, for a page."""
    return Text(
        _SPENT[spent.details["budget"]].message, {name: spent.details[name] for name in ("spent", "most", "values")}
    )


def _explain_refusal(refused: CallerError) -> Text:
    if refused.code != _NOTHING_TO_ASK:
        return REFUSED.get(refused.code, UNREADABLE)
    why = {ReadAs.KEPT: _KEPT, ReadAs.CHECK_FAILS: _CHECK_FAILS}
    return next((why[one] for one in why if one.value in refused.details["read_as"]), _NO_KEY)


def reasons_of(here: Visitor, refused: RegisterError) -> list[str]:
    """The sentences of the rules by which a question was refused."""
    rules = here.register.edition.rules
    return [rules[name].says for name in refused.details.get("rules", ()) if name in rules]


def _show_ground(
    request: Request, here: Visitor, typed: Typed, question: Question, faults: Sequence[Fault] = ()
) -> Response:
    bases, purposes = _list_offered_grounds(here)
    return _show_search_page(
        request, here, "ground", question, typed=typed, faults=list(faults), bases=bases, purposes=purposes
    )


def only_basis(here: Visitor) -> Mapping[str, str]:
    """The ground to be ticked beforehand: who has one only need not choose it every morning."""
    bases, _ = _list_offered_grounds(here)
    return {"legal_basis": bases[0]} if len(bases) == 1 else {}


def _list_offered_grounds(here: Visitor) -> tuple[list[str], list[str]]:
    """The grounds and purposes on which the person's organisation may ask."""
    return grounds_for(here.caller, here.register.edition)


def _show_things(
    request: Request,
    here: Visitor,
    question: Question,
    faults: Sequence[Fault] = (),
    refused: Sequence[str] = (),
) -> Response:
    kinds = [kind for kind in FIELDS if question.has_room(kind)]
    return _show_search_page(request, here, "things", question, faults=list(faults), kinds=kinds, refused=list(refused))


def _show_thing(
    request: Request, here: Visitor, question: Question, kind: str, typed: Typed, faults: Sequence[Fault]
) -> Response:
    return _show_search_page(request, here, "thing", question, kind=kind, typed=typed, faults=list(faults))


def _show_search_page(request: Request, here: Visitor, name: str, question: Question, **values: Any) -> Response:
    # 200 also with faults: browsers report another status of a page as an error of the page.
    return show(request, here, f"search/{name}.html", question=question, **values)


def _read_today(here: Visitor) -> date:
    return here.register.today()
