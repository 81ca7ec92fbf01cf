"""The parts of the pages that a person may go to: what the navigation shows him, and nothing that would refuse him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.web.frame.languages import N_, Text
from register.domain.access.caller import Caller, Task
from register.domain.access.policy import UseCase
from register.domain.running.to_do import ACTING
from register.domain.signals.reading import OWN_ORGANISATION, REFERRED_TO, WHOLE_COUNTRY


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the pages.

    Attributes:
        path: of its first page.
        name: in the navigation.
        hint: what one does there, in a sentence for the first page.
        tasks: any one of them opens it; none means that it is open to everybody who is signed in.
    """

    path: str
    name: Text
    hint: Text
    tasks: frozenset[Task] = frozenset()

    def opens_to(self, caller: Caller) -> bool:
        """Whether its first page would be shown to this caller."""
        return not self.tasks or bool(self.tasks & caller.tasks)


AREAS: Final[Sequence[Area]] = (
    Area(
        "/report",
        N_("Register a report"),
        N_(
            "Eight short questions. Each page that you send is kept, or comes back with what you typed, so a lost line "
            "costs only the page on the screen."
        ),
        frozenset({Task.SUBMIT}),
    ),
    Area(
        "/to-do",
        N_("What waits"),
        N_("What you or your organisation is asked to do, the most urgent first."),
        ACTING,
    ),
    Area(
        "/ours",
        N_("Our register"),
        N_("What was registered here, what became of it, and who has it: find a report, change it, hand it on."),
        WHOLE_COUNTRY | OWN_ORGANISATION,
    ),
    Area(
        "/referrals",
        N_("Referrals"),
        N_("What your organisation was asked: read what was reported, and answer."),
        REFERRED_TO | {Task.REGISTER},
    ),
    Area(
        "/desk",
        N_("Interviews, victims, trainings"),
        N_("The records behind the figures: what your organisation recorded, and a form or a file for more."),
        frozenset({Task.REGISTER, Task.ENRICH, Task.READ_OWN, Task.SUBMIT, Task.STATISTICS}),
    ),
    Area(
        "/hits",
        N_("Hits from abroad"),
        N_("Reports of ours that share a person, a phone or a document with what a partner shared."),
        frozenset(UseCase.LIST_HITS.policy.tasks),
    ),
    Area(
        "/search",
        N_("Search"),
        N_("Ask all countries at once whether a person, a phone or a document is known, and draft a request."),
        frozenset(UseCase.SEARCH.policy.tasks),
    ),
    Area(
        "/exchange",
        N_("Exchange"),
        N_("What each partner has of ours and we of theirs, and what to do where it stands still."),
        frozenset({Task.REGISTER, Task.SEARCH_SHARED}),
    ),
    Area(
        "/figures",
        N_("Figures"),
        N_("The tables of a year beside the year before, exact, with a picture each and a workbook."),
        frozenset(UseCase.READ_FIGURES.policy.tasks),
    ),
    Area(
        "/privacy",
        N_("How is asked"),
        N_("For the privacy officer: what rang about how is asked, and searches of a week to look through."),
        frozenset(UseCase.OVERSEE_ASKING.policy.tasks),
    ),
    Area(
        "/rules",
        N_("Rules and words"),
        N_("The rules in force, a sentence each, the words of the register, and what it never shows."),
    ),
    Area(
        "/sessions",
        N_("Your sign-ins"),
        N_("In which browsers you are signed in, since when, and an end to what you left open."),
    ),
)
"""In the order of the navigation."""


def areas_of(caller: Caller) -> list[Area]:
    """Where this caller may go."""
    return [area for area in AREAS if area.opens_to(caller)]
