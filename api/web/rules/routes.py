"""The pages on rules and words, for everybody who is signed in; they hold nothing but what ships with the register."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, show
from api.web.frame.languages import N_, Words
from api.web.frame.rendering import words_of
from api.web.rules.glossary import glossary
from api.web.rules.grouped import TOPICS, find_topic, group_rules, list_differences
from register.errors import NotFound
from register.mou import edition as editions
from schemas.codes import code_list

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/rules")
def rules(request: Request, here: SignedInHere) -> Response:
    """The edition in force, rule by rule."""
    edition = here.register.edition
    return show(
        request,
        here,
        "rules/rules.html",
        edition=edition,
        groups=group_rules(edition),
        topics=TOPICS,
        topic=find_topic,
        others=[editions.load(name) for name in _list_other_editions(edition.id)],
    )


@router.get("/rules/words")
def words(request: Request, here: SignedInHere) -> Response:
    """The glossary, and what the register never shows."""
    return show(request, here, "rules/words.html", chapters=glossary())


@router.get("/rules/beside/{name}")
def beside(request: Request, here: SignedInHere, name: str) -> Response:
    """What would change under another edition that ships with the register."""
    edition = here.register.edition
    if name not in _list_other_editions(edition.id):
        raise NotFound("no other edition of this name ships with the register")
    other = editions.load(name)
    spoken = words_of(request, here.register.partition, intake=False)
    return show(
        request,
        here,
        "rules/beside.html",
        edition=edition,
        other=other,
        differences=list_differences(edition, other),
        said=lambda codes: "; ".join(_say_parameter(code, spoken) for code in codes),
    )


def _list_other_editions(own: str) -> list[str]:
    return [name for name in editions.list_packaged_editions() if name != own]


_LISTS: Final = ("partition", "legal_basis", "purpose", "visibility", "handling", "signal_state", "subject_role")
_PLAIN: Final = {
    "True": N_("yes"),
    "False": N_("no"),
    "defaults_count": N_("What an organisation's profile fills in counts as confirmed"),
    "kept_home": N_("Records about minors stay at home"),
    "reference": N_("the reference"),
    "signal_type": N_("the type"),
    "reporting_class": N_("the class of the report"),
    "period": N_("the month"),
    "subjects": N_("the roles of persons"),
    "sector": N_("the sector"),
    "location_type": N_("the kind of place"),
    "smuggling_elements": N_("the signs of smuggling"),
    "persons_seen": N_("how many persons were seen"),
    "contact": N_("whom to ask"),
}


def _say_parameter(code: str, words: Words) -> str:
    """A parameter's value in words; what is no code of ours is a name that the edition gave, and stays."""
    if code in _PLAIN:
        return words.plain(_PLAIN[code])
    found = next((one for one in map(code_list, _LISTS) if code in one), None)
    return found[code].label(words.language) if found is not None else code
