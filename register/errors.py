"""Errors, grouped by who must act: the caller, a partner, or the operator of this node.

Every class below a family has a stable `code` that programs may compare and an `advice` that says what to do.
A message gives what was expected, what came and what to do next, with ids only: never a name, a document
number, a pseudonym, a key or a token. The core knows no HTTP status; `api/http/problems.py` maps families to one.
"""

from __future__ import annotations

from typing import Any, ClassVar


class RegisterError(Exception):
    """The root of every error this product raises on purpose.

    Attributes:
        code: stable, hyphenated; documented on the page of error codes.
        advice: one sentence that says what whoever must act can do now.
        details: extra members for programs (ids, numbers, allowed values); never a selector.
    """

    code: ClassVar[str] = "register-error"
    advice: ClassVar[str] = "Look up the correlation id in the node's log."

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


def code_of(error: BaseException) -> str:
    """The stable code of an error; `unforeseen` of one that nobody raised on purpose."""
    return error.code if isinstance(error, RegisterError) else "unforeseen"


class CallerError(RegisterError):
    """What was asked cannot be done as asked; the caller must change it."""

    code = "bad-request"
    advice = "Correct what the message names and send it again."


class NotFound(CallerError):
    """There is no such object that this caller may know of."""

    code = "not-found"
    advice = "Check the reference. Objects of other countries are found by a search, not by their id."


class Conflict(CallerError):
    """The object is not in the state that the caller assumed."""

    code = "conflict"
    advice = "Read the object again and repeat the change on what you see."


class NotSignedIn(RegisterError):
    """The caller is unknown: no token, or one that does not hold."""

    code = "not-signed-in"
    advice = "Sign in again at your country's provider."


class NotPermitted(RegisterError):
    """The caller is known and may not do this; the message names the rule or the missing authorisation."""

    code = "not-permitted"
    advice = "Ask your register unit for the authorisation that the message names; its operator gives it, by a list."


class PartnerError(RegisterError):
    """A partner's message cannot be accepted; the partner must act."""

    code = "partner-error"
    advice = "The partner's operator sees the same code; nothing was applied."


class OperatorError(RegisterError):
    """This node cannot do its work; its operator must act."""

    code = "operator-error"
    advice = "Run `rtr doctor` on the node: it says what is missing and how to get it."


class Unreadable(RegisterError):
    """What is sealed here can be read by nobody: it was erased, or it does not open."""


class DoesNotOpen(OperatorError, Unreadable):
    """What is sealed here does not open, and nobody erased it: its key is lost, or it was moved, changed or forged.

    For who goes on without it, and tells it as damaged.
    """
