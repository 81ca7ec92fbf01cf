"""The register's API for programs: typed, over HTTP, with a token; nothing of the server is imported.

`Client` is the one entry point; `read_profile` and `connect` open one for a person, from a small file. Answers are
the models of `schemas`; every refusal is a `ProblemAnswer` that carries the problem document.
"""

from __future__ import annotations

from api.client.answers import HistoryLine, Me, OrganisationLine, Ready
from api.client.client import Client, Filters
from api.client.connection import Retry
from api.client.errors import (
    BadAnswer,
    CallerAnswer,
    ConflictAnswer,
    NotFoundAnswer,
    NotPermittedAnswer,
    NotSignedInAnswer,
    OperatorAnswer,
    ProblemAnswer,
    RegisterUnreachable,
)
from api.client.profile import Profile, connect, read_profile, write_profile
from api.client.tokens import SignIn

__all__ = [
    "BadAnswer",
    "CallerAnswer",
    "Client",
    "ConflictAnswer",
    "Filters",
    "HistoryLine",
    "Me",
    "NotFoundAnswer",
    "NotPermittedAnswer",
    "NotSignedInAnswer",
    "OperatorAnswer",
    "OrganisationLine",
    "ProblemAnswer",
    "Profile",
    "Ready",
    "RegisterUnreachable",
    "Retry",
    "SignIn",
    "connect",
    "read_profile",
    "write_profile",
]
