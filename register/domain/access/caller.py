"""Who asks, for which country, and with which tasks: a value that every use case takes and none can change.

Made at the doors only: from a token and the rows of authorisations for people and services, from a signed
request for partners, by the process itself for its own work. Says nothing about rules of the MoU.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Self, get_args

from register.errors import NotPermitted, NotSignedIn
from schemas.codes import Partition, Purpose

Function = Literal["api", "worker", "auditor", "evaluator"]
Kind = Literal["person", "service", "partner", "system"]


class Task(StrEnum):
    """What somebody may be authorised for, by organisation and person (domain.md 4; the letters are its own)."""

    SUBMIT = "SUBMIT"
    REGISTER = "REGISTER"
    ENRICH = "ENRICH"
    READ_OWN = "READ_OWN"
    SEARCH_SHARED = "SEARCH_SHARED"
    CONSENT = "CONSENT"
    PROSECUTE = "PROSECUTE"
    STATISTICS = "STATISTICS"
    AUDIT = "AUDIT"
    PRIVACY = "PRIVACY"

    @property
    def letter(self) -> str:
        """The letter of domain.md 4, for lists made by people; never shown without the name."""
        return _LETTERS[self]

    @classmethod
    def of_letter(cls, letter: str) -> Self:
        """The task of a letter; a `ValueError` for any other text."""
        for task in cls:
            if task.letter == letter:
                return task
        raise ValueError(f"expected one of {''.join(_LETTERS.values())}")


_LETTERS: Final = dict(zip(Task, "STEOXCPKDF", strict=True))


class TaskMissing(NotPermitted):
    """The caller holds no authorisation for the task that this needs."""

    code = "task-missing"
    advice = "Ask your register unit for the authorisation that the message names; its operator gives it, by a list."


class FreshSignInNeeded(NotSignedIn):
    """This needs a sign-in of the last minutes, or a stronger one: whoever sits at an open session could do it else."""

    code = "fresh-sign-in-needed"
    advice = "Sign in again at your provider, now, and repeat it; nothing was done."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """How and when somebody signed in, as the provider signed it; never what a client says of itself.

    Attributes:
        at: when the person was asked for a proof (`auth_time`); None where the provider does not say.
        acr: how strong it was, as the provider calls it; empty where it does not say.
    """

    at: datetime | None = None
    acr: str = ""

    def is_fresh(self, now: datetime, *, within: timedelta, acr: Collection[str]) -> bool:
        """Whether it is no older than `within`, and of one of the strengths where any is named."""
        return self.at is not None and now - self.at <= within and (not acr or self.acr in acr)


UNSAID: Final = SignedIn()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller of one use case.

    Attributes:
        partition: the country whose rows the caller works on; decided by the issuer or the process, never by a claim.
        function: which database role serves him.
        kind: what he is.
        actor: an opaque id, fit for logs: never a name.
        organisation: the id of his organisation in this partition; None for partners and the system.
        legal_profile: of his organisation: police, justice or non-police; None for partners and the system.
        case_forms: how references of cases of his organisation look; any, where it has not said.
        tasks: what he is authorised for now.
        purpose: for what he asks, where a request says so.
        case: the reference of the case he names, where a request says so.
        signed_in: how and when, where the provider says so.
    """

    partition: Partition
    function: Function
    kind: Kind
    actor: str
    organisation: str | None = None
    legal_profile: str | None = None
    case_forms: tuple[str, ...] = ()
    tasks: frozenset[Task] = frozenset()
    purpose: Purpose | None = None
    case: str | None = None
    signed_in: SignedIn = UNSAID

    def __post_init__(self) -> None:
        if self.function not in get_args(Function) or self.kind not in get_args(Kind) or not self.actor:
            raise ValueError("a caller has a known function, a known kind and an actor")

    def may(self, task: Task) -> bool:
        """Whether the caller is authorised for the task."""
        return task in self.tasks

    def require(self, task: Task) -> None:
        """Do nothing if the caller is authorised for the task; raise `TaskMissing`, which names it, if not."""
        if not self.may(task):
            raise TaskMissing(f"this needs the task {task} ({task.letter})", task=task.value)


def system(partition: Partition, function: Function) -> Caller:
    """The node itself at its own work for a country; holds no task, since no person stands behind it."""
    return Caller(partition=partition, function=function, kind="system", actor=f"system:{function}")


def partner(partition: Partition, of: Partition, function: Function = "api") -> Caller:
    """The node of country `of`, asking at the door of `partition`; a `ValueError` if they are the same."""
    if partition is of:
        raise ValueError(f"{of} is no partner of itself")
    return Caller(partition=partition, function=function, kind="partner", actor=f"partner:{of}")
