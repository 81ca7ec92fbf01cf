"""Answers of the register that have no model in `schemas`, as the client reads them.

Members that a newer register adds are passed over: an older client keeps working.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas.codes import Partition


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Me(_Answer):
    """Who the register takes us for, and the edition of the rules in force there."""

    country: Partition
    country_name: str
    kind: str
    organisation: str | None
    tasks: tuple[str, ...]
    edition: str


class OrganisationLine(_Answer):
    """An organisation of the country, and of which kind it is (`organisation_kind`)."""

    code: str
    name: str
    kind: str


class Ready(_Answer):
    """Whether the node can serve people.

    Attributes:
        parts: by name, "ok" or the stable code of what is wrong.
        waiting: how many objects wait for each of the worker's jobs.
        advice: by part, what to run where a command mends it.
    """

    ready: bool
    parts: Mapping[str, str]
    waiting: Mapping[str, int] = {}
    advice: Mapping[str, str] = {}


class HistoryLine(_Answer):
    """One line of a signal's timeline."""

    at: AwareDatetime
    what: str
    actor: str
    facts: Mapping[str, Any] = {}
    reason: str | None = None
