"""A form that was begun and not sent yet: what was typed, by page, and which change of it this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FormDraft:
    """One form under way.

    Attributes:
        actor: whose it is; form: which.
        version: which change of it this is, from 1; never the same twice.
        content: what was typed, by step; empty once it has been sent.
        outcome: what became of it, once it has been sent.
        damaged: what was typed does not open here any more, and `content` is empty.
        data_key: under which the content is sealed; None once it has been sent.
    """

    id: UUID
    actor: str
    form: str
    began_at: datetime
    changed_at: datetime
    version: int
    content: Mapping[str, Any]
    outcome: Mapping[str, Any] | None
    data_key: UUID | None
    damaged: bool = False
