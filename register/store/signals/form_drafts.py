"""Forms that were begun and not sent yet: sealed as signals are, each change under a fresh data key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.running.form_draft import FormDraft
from register.errors import DoesNotOpen, NotFound
from register.store.models.signals import form_draft
from register.store.running.sealing import DataKeys, KeyEnd, Place, read_settled
from register.store.running.server.rls import child_name
from schemas.codes import Partition

_BEFORE_VERSIONS: Final = 0
"""The version of drafts that were begun when persons were told by their place; they end with their days."""


class FormDrafts:
    """The drafts of one country's people, inside one transaction; each sees his own only."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock
        self._child = child_name(form_draft, country)

    def begin(self, actor: str, form: str, content: Mapping[str, Any], *, kept: timedelta) -> UUID:
        """Keep a new draft, and forget those whose time is over."""
        self.forget_ended()
        now, draft_id = self._clock.now(), self._clock.new_id()
        key = self._keys.make((now + kept).date())
        row = {
            "country": self._country,
            "id": draft_id,
            "actor": actor,
            "form": form,
            "began_at": now,
            "changed_at": now,
            "ends_at": now + kept,
            "version": 1,
            "content": key.seal_json(self._place(draft_id, actor, form), "content", content),
            "data_key": key.id,
            "outcome": None,
        }
        self._connection.execute(sa.insert(form_draft), [row])
        return draft_id

    def get(
        self, draft_id: UUID, actor: str, form: str, *, to_change: bool = False, also_damaged: bool = False
    ) -> FormDraft:
        """Return a draft of this person, opened.

        Args:
            draft_id: as it stands in the address of the page.
            actor: whose it must be.
            form: of which it must be, so that no page takes another's content for its own.
            to_change: hold it until commit, so that two steps sent at once are both kept.
            also_damaged: return one that does not open, too, as far as it goes; else its error is raised.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        try:
            return read_settled(lambda: self._get(draft_id, actor, form, to_change=to_change))
        except DoesNotOpen:
            if not also_damaged:
                raise
        return self._get(draft_id, actor, form, to_change=to_change, unopened=True)

    def _get(self, draft_id: UUID, actor: str, form: str, *, to_change: bool, unopened: bool = False) -> FormDraft:
        query = sa.select(form_draft).where(
            form_draft.c.country == self._country,
            form_draft.c.id == draft_id,
            form_draft.c.actor == actor,
            form_draft.c.form == form,
            form_draft.c.ends_at > self._clock.now(),
            form_draft.c.version > _BEFORE_VERSIONS,
        )
        row = self._connection.execute(query.with_for_update() if to_change else query).one_or_none()
        if row is None:
            raise NotFound(f"there is no draft {draft_id} of yours")
        content: dict[str, Any] = {}
        if row.data_key is not None and not unopened:
            place = self._place(draft_id, actor, form)
            content = self._keys.get(row.data_key).open_json(place, "content", row.content)
        return FormDraft(
            row.id, actor, form, row.began_at, row.changed_at, row.version, content, row.outcome, row.data_key,
            damaged=unopened,
        )  # fmt: skip

    def keep(self, draft: FormDraft, content: Mapping[str, Any], *, kept: timedelta) -> FormDraft:
        """Replace what a draft, held to be changed, holds, and return it; its time begins anew."""
        now, version = self._clock.now(), draft.version + 1
        key = self._keys.make((now + kept).date())
        sealed = key.seal_json(self._place(draft.id, draft.actor, draft.form), "content", content)
        self._set(draft.id, content=sealed, data_key=key.id, changed_at=now, ends_at=now + kept, version=version)
        self._end(draft, KeyEnd.REPLACED)
        return replace(draft, content=content, data_key=key.id, changed_at=now, version=version)

    def finish(self, draft: FormDraft, outcome: Mapping[str, Any]) -> None:
        """Destroy what a draft, held to be changed, holds and keep what became of it."""
        self._set(draft.id, content=None, data_key=None, outcome=dict(outcome), changed_at=self._clock.now())
        self._end(draft, KeyEnd.DROPPED)

    def drop(self, draft: FormDraft) -> None:
        """Destroy a draft that is held to be changed."""
        self._connection.execute(sa.text(f"DELETE FROM {self._child} WHERE id = :id"), {"id": draft.id})
        self._end(draft, KeyEnd.DROPPED)

    def drop_one(self, actor: str, form: str, draft_id: UUID, *, why: KeyEnd) -> bool:
        """Destroy a draft of a person, unopened; False where there is none."""
        one = sa.text(
            f"DELETE FROM {self._child} WHERE actor = :actor AND form = :form AND id = :id RETURNING data_key"
        )
        return self._destroyed(one, {"actor": actor, "form": form, "id": draft_id}, why) > 0

    def drop_beyond(self, actor: str, form: str, most: int, *, why: KeyEnd) -> int:
        """Destroy all that a person began of a form but the newest, unopened; return how many."""
        older = (
            f"SELECT id FROM {self._child} WHERE actor = :actor AND form = :form "
            "ORDER BY began_at DESC, id DESC OFFSET :most"
        )
        query = sa.text(f"DELETE FROM {self._child} WHERE id IN ({older}) RETURNING data_key")
        return self._destroyed(query, {"actor": actor, "form": form, "most": most}, why)

    def unsent(self, actor: str, form: str) -> list[FormDraft]:
        """The drafts of a person that can be gone on with, newest first; one that opens no more is empty."""
        query = (
            sa.select(form_draft)
            .where(
                form_draft.c.country == self._country,
                form_draft.c.actor == actor,
                form_draft.c.form == form,
                form_draft.c.outcome.is_(None),
                form_draft.c.ends_at > self._clock.now(),
                form_draft.c.version > _BEFORE_VERSIONS,
            )
            .order_by(form_draft.c.changed_at.desc())
            .limit(20)
        )
        rows = self._connection.execute(self._keys.beside(query, form_draft)).mappings()
        return [self._listed(row) for row in rows]

    def _listed(self, row: Mapping[Any, Any]) -> FormDraft:
        """A draft of a list, also one that does not open, so that one damaged draft hides no other."""
        content: Mapping[str, Any] = {}
        damaged = False
        try:
            key = self._keys.of_row(row)
            place = self._place(row["id"], row["actor"], row["form"])
            content = {} if key is None else key.open_json(place, "content", row["content"])
        except DoesNotOpen:
            damaged = True
        whose = (row["id"], row["actor"], row["form"], row["began_at"], row["changed_at"], row["version"])
        return FormDraft(*whose, content, None, row["data_key"], damaged=damaged)

    def forget_ended(self) -> int:
        """Destroy the drafts whose time is over, whoever began them; return how many."""
        ended = sa.text(f"DELETE FROM {self._child} WHERE ends_at <= :now RETURNING data_key")
        return self._destroyed(ended, {"now": self._clock.now()}, KeyEnd.EXPIRED)

    def _destroyed(self, query: sa.TextClause, values: Mapping[str, Any], why: KeyEnd) -> int:
        gone = self._connection.execute(query, values).scalars().all()
        if keys := [key for key in gone if key is not None]:
            self._keys.end(keys, why)
        return len(gone)

    def _set(self, draft_id: UUID, **columns: Any) -> None:
        own = form_draft.c
        self._connection.execute(
            sa.update(form_draft).where(own.country == self._country, own.id == draft_id).values(columns)
        )

    def _end(self, draft: FormDraft, why: KeyEnd) -> None:
        if draft.data_key is not None:
            self._keys.end([draft.data_key], why)

    def _place(self, draft_id: UUID, actor: str, form: str) -> Place:
        """For its person alone: in a row that says somebody else it does not open."""
        return Place(self._country, "form_draft", str(draft_id), bound=json.dumps([actor, form]))
