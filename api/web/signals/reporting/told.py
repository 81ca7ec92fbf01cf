"""What a report that was not sent is about, in a line: enough for its writer to tell it from his others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from register.domain.running.form_draft import FormDraft
from schemas.codes import code_list

_BEGINS: Final = 60
"""Characters of the story that are shown; who writes two at once knows it by these."""


@dataclass(frozen=True, slots=True)
class Told:
    """One draft, as its writer knows it.

    Attributes:
        changed_at: when it was last kept.
        signal_type: the code chosen; empty where none is yet.
        roles: of the persons, each with how many there are.
        things: how many phones, documents and other marks.
        begins: the first words of the story.
    """

    id: UUID
    changed_at: datetime
    signal_type: str
    roles: tuple[tuple[str, int], ...]
    things: int
    begins: str


def told_of(draft: FormDraft) -> Told:
    """What this draft is about."""
    content = draft.content
    chosen = str(content.get("type", {}).get("signal_type", ""))
    items = content.get("known", {}).get("items", [])
    roles = Counter(item["role"] for item in items if item["kind"] == "person")
    story = " ".join(str(content.get("what", {}).get("account", "")).split())
    return Told(
        draft.id,
        draft.changed_at,
        chosen if chosen in code_list("signal_type") else "",
        tuple(roles.items()),
        len(items) - roles.total(),
        story if len(story) <= _BEGINS else story[:_BEGINS].rpartition(" ")[0] + " …",
    )
