"""What can go wrong for a program that asks the register, in the families of `register.errors`.

A refusal of the register keeps its own code and advice: they are the server's, not the class's.
"""

from __future__ import annotations

from register.errors import (
    CallerError,
    Conflict,
    NotFound,
    NotPermitted,
    NotSignedIn,
    OperatorError,
    RegisterError,
)
from schemas.problem import Problem

_UNAUTHENTICATED, _FORBIDDEN, _NOT_FOUND, _SERVER = 401, 403, 404, 500
_CONFLICTS = frozenset((409, 412))


class RegisterUnreachable(OperatorError):
    """The register did not answer; what was sent may or may not have arrived."""

    code = "register-unreachable"
    advice = "Check the address and the network, then send the same again; a signal with the same Idempotency-Key."


class BadAnswer(OperatorError):
    """Something answered at the register's address, but not as a register does."""

    code = "bad-answer"
    advice = "Check the address in the profile; a proxy between may have answered instead."


class UnsafeAddress(OperatorError):
    """A token would travel to this address in the clear."""

    code = "unsafe-address"
    advice = "Use an https address; plain http is for the loopback only, and no address holds a password."


class ProblemAnswer(RegisterError):
    """The register refused, or could not do, what was asked.

    `code` and `advice` are those of the problem document.

    Attributes:
        problem: the document as it came.
        retry_after_s: seconds that the register asks to wait; None where it did not say.
    """

    def __init__(self, problem: Problem, *, retry_after_s: float | None = None) -> None:
        super().__init__(problem.detail)
        self.details = dict(problem.details or {})
        self.problem, self.retry_after_s = problem, retry_after_s
        # Instances stand for many codes, so each has its own in place of its class's.
        vars(self).update(code=problem.code, advice=problem.advice)


class CallerAnswer(ProblemAnswer, CallerError):
    """What was asked cannot be done as asked."""


class NotFoundAnswer(ProblemAnswer, NotFound):
    """There is no such object that we may know of."""


class ConflictAnswer(ProblemAnswer, Conflict):
    """The object is not in the state that we assumed."""


class NotSignedInAnswer(ProblemAnswer, NotSignedIn):
    """The register does not know us: no token, or one that does not hold."""


class NotPermittedAnswer(ProblemAnswer, NotPermitted):
    """The register knows us, and a rule or a missing authorisation forbids it."""


class OperatorAnswer(ProblemAnswer, OperatorError):
    """The register answered that it cannot do its work."""


def answer_of(problem: Problem, *, retry_after_s: float | None = None) -> ProblemAnswer:
    """The error of a problem document; its status decides the family."""
    return _class_of(problem.status)(problem, retry_after_s=retry_after_s)


def _class_of(status: int) -> type[ProblemAnswer]:
    match status:
        case _ if status == _UNAUTHENTICATED:
            return NotSignedInAnswer
        case _ if status == _FORBIDDEN:
            return NotPermittedAnswer
        case _ if status == _NOT_FOUND:
            return NotFoundAnswer
        case _ if status in _CONFLICTS:
            return ConflictAnswer
        case _ if status >= _SERVER:
            return OperatorAnswer
        case _:
            return CallerAnswer
