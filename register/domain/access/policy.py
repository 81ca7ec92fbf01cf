"""Who may do what: one row a use case, and the only place that says so for the areas that stand here.

A use case begins with `Register.permit`, which takes its row and refuses by it; pages, routes and the navigation ask
the same rows. What beside that depends on the record (whose it is, who had a hand in it, which country's edition names
whom) is said where the record is read. `register/docs/who-may-do-what.md` is made from this module.

Here stand the areas `access`, `casework`, `search` and `statistics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, Self

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.signals.reading import OWN_ORGANISATION, WHOLE_COUNTRY
from register.errors import NotPermitted


class PeopleOnly(NotPermitted):
    """A program cannot do this: a person answers for it."""

    code = "people-only"
    advice = "Let a person do it who holds the task, signed in at the pages or with a token of their own."


class Scope(StrEnum):
    """Of whom something is read or changed."""

    OWN = "the caller's own"
    ORGANISATION = "the own organisation's"
    COUNTRY = "the whole country's"
    SHARED = "what partners share, as far as the rules show it"


class Budget(StrEnum):
    """What is spent: of the person, of the organisation and of the case, by the day."""

    NONE = "nothing"
    ASKED = "values asked and extracts opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds of a use case, whatever it is about.

    Attributes:
        words: what is done, as a phrase.
        tasks: any one of them lets somebody do it; none means whoever is signed in.
        scope: of whom it is.
        budget: what it spends.
        step_up: it needs a sign-in of the last minutes.
        people_only: no program does it.
    """

    words: str
    tasks: tuple[Task, ...]
    scope: Scope
    budget: Budget = Budget.NONE
    step_up: bool = False
    people_only: bool = False


def _own(words: str) -> Policy:
    return Policy(words=words, tasks=(), scope=Scope.OWN)


def _privacy(words: str) -> Policy:
    return Policy(words=words, tasks=(Task.PRIVACY,), scope=Scope.COUNTRY)


def _figures(words: str, *, step_up: bool = False, people_only: bool = False) -> Policy:
    tasks = (Task.STATISTICS,)
    return Policy(words=words, tasks=tasks, scope=Scope.COUNTRY, step_up=step_up, people_only=people_only)


def _asking(words: str, *tasks: Task) -> Policy:
    return Policy(words=words, tasks=tasks, scope=Scope.SHARED, budget=Budget.ASKED)


def _requests(words: str) -> Policy:
    return Policy(words=words, tasks=(Task.SEARCH_SHARED,), scope=Scope.ORGANISATION)


_READERS: Final = (Task.READ_OWN, *sorted(WHOLE_COUNTRY | OWN_ORGANISATION - {Task.READ_OWN}))


@unique
class UseCase(StrEnum):
    """Something that a caller does, with who may."""

    policy: Policy

    def __new__(cls, value: str, policy: Policy) -> Self:
        """One use case and its row."""
        member = str.__new__(cls, value)
        member._value_, member.policy = value, policy
        return member

    def is_open_to(self, caller: Caller) -> bool:
        """Whether the caller holds a task for it."""
        return not self.policy.tasks or any(caller.may(task) for task in self.policy.tasks)

    def check(self, caller: Caller) -> None:
        """Do nothing if the caller may do it, but for a fresh sign-in.

        Raises:
            TaskMissing: names the tasks that would do.
            PeopleOnly: the caller is a program.
        """
        tasks = self.policy.tasks
        if not self.is_open_to(caller):
            names = " or ".join(f"{task} ({task.letter})" for task in tasks)
            raise TaskMissing(f"this needs the task {names}", task=tasks[0].value)
        if self.policy.people_only and caller.kind != "person":
            raise PeopleOnly("expected a person")

    OPEN_SESSION = "open-session", _own("open a session at the pages")
    CLOSE_SESSION = "close-session", _own("sign out")
    LIST_SESSIONS = "list-sessions", _own("list own sessions")
    END_SESSIONS = "end-sessions", _own("end own sessions elsewhere")
    HOLD_FORM = "hold-form", _own("have a form held while one signs in again, and send it then")
    LIST_ORGANISATIONS = (
        "list-organisations",
        Policy(words="list the country's organisations", tasks=_READERS, scope=Scope.COUNTRY),
    )
    OVERSEE_ASKING = "oversee-asking", _privacy("list alarms, and searches that were drawn by lot")
    ACKNOWLEDGE_ALARM = "acknowledge-alarm", _privacy("say what was found about an alarm")
    TICK_SEARCH = "tick-search", _privacy("say whether a drawn search is in order")
    OVERSEE_EVALUATIONS = "oversee-evaluations", _privacy("see how the lists of evaluators stand")

    SEARCH = "search", _asking("search in all countries", Task.SEARCH_SHARED)
    READ_RECORD = "read-record", _asking("open an extract by its id", Task.SEARCH_SHARED)
    # Nobody else: whoever registers a report would learn from hits what a search tells, without ground or case.
    LIST_HITS = "list-hits", _asking("list hits of own reports, on a ground", Task.SEARCH_SHARED, Task.REGISTER)
    MARK_HIT = "mark-hit", _asking("say how far a hit has come", Task.SEARCH_SHARED, Task.REGISTER)

    DRAFT_REQUEST = "draft-request", _asking("draft a request to the owner of an extract", Task.SEARCH_SHARED)
    LIST_REQUESTS = "list-requests", _requests("list the own organisation's requests")
    READ_REQUEST = "read-request", _requests("read a request of the own organisation")
    AMEND_REQUEST = "amend-request", _requests("change a draft of a request")
    WITHDRAW_REQUEST = "withdraw-request", _requests("take a request back")

    READ_FIGURES = "read-figures", _figures("read the country's exact figures")
    LIST_CONTRIBUTIONS = "list-contributions", _figures("read what countries gave to regional tables")
    CONTRIBUTE = "contribute", _figures("give the country's figures to a regional table")
    LIST_FACTS = "list-facts", _figures("list figures that are public")
    PUBLISH_FACT = "publish-fact", _figures("say that a figure is public")
    KEEP_ROW = "keep-row", _figures("keep a row of the tables from a day on")
    READ_LEDGER = "read-ledger", _figures("read all that was made public")
    LIST_RELEASES = "list-releases", _figures("list releases")
    READ_RELEASE = "read-release", _figures("read a release")
    DRAFT_RELEASE = "draft-release", _figures("draft a release")
    ATTACK_RELEASE = "attack-release", _figures("try to turn a release back into persons")
    APPROVE_RELEASE = "approve-release", _figures("approve a release", step_up=True, people_only=True)
    FREEZE_RELEASE = "freeze-release", _figures("freeze a release", step_up=True)
    EXPORT_RELEASE = "export-release", _figures("read a frozen release beside last year's, or take it out as files")
    VERIFY_RELEASE = "verify-release", _figures("compute a release again and compare")
