"""Keep a form while it is being filled in: each step that was sent, sealed, for the one person who types it.

A draft is no record yet: nothing counts it, compares it or shows it to anybody else, and it goes when its time is
over. What it holds is the page's own affair: texts by step, as typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.running.audit_action import AuditAction
from register.domain.running.form_draft import FormDraft
from register.domain.signals.signal import ChangedMeanwhile
from register.errors import Conflict
from register.store.work import Work

Content = Mapping[str, Any]
REPORT: Final = "report"
"""The form that is kept here."""
_CLAIMED: Final = "claimed"
"""Where a draft that is being sent says so: the version that was looked at, and the one that the claim made of it."""


class DraftSent(Conflict):
    """The draft has been sent; the report holds it now."""

    code = "draft-sent"
    advice = "Open the report itself, or begin a new one."


def begin_draft(register: Register, caller: Caller, form: str, content: Content) -> UUID:
    """Keep a new draft and return its id; `TaskMissing` for a caller who may not submit."""
    caller.require(Task.SUBMIT)
    with register.work(caller) as work:
        draft_id = work.signals.form_drafts.begin(caller.actor, form, content, kept=_read_keeping_time(register))
        work.running.audit.note(AuditAction.DRAFT_BEGUN, str(draft_id), form=form)
    return draft_id


def read_draft(register: Register, caller: Caller, draft_id: UUID, *, also_damaged: bool = False) -> FormDraft:
    """Return a draft of the caller's own; one that does not open only to who asks for it, to throw it away.

    Raises:
        TaskMissing: the caller may not submit.
        NotFound: there is none of his with this id.
    """
    caller.require(Task.SUBMIT)
    with register.work(caller) as work:
        return work.signals.form_drafts.get(draft_id, caller.actor, REPORT, also_damaged=also_damaged)


def keep_draft(
    register: Register, caller: Caller, draft_id: UUID, change: Callable[[Content], Content], *, version: int
) -> FormDraft:
    """Change a draft and return it as it now is; `change` sees the newest content and may be called once only.

    Args:
        register: of the country.
        caller: whose draft it is.
        draft_id: which one.
        change: gives the content anew.
        version: of the draft when the page was shown that asks for the change.

    Raises:
        TaskMissing, NotFound: as for reading it.
        DraftSent: it was sent meanwhile.
        ChangedMeanwhile: it has another version by now, and the change would change it: a form that is sent twice
            finds its own answer there, and is no conflict.
    """
    caller.require(Task.SUBMIT)
    with register.work(caller) as work:
        draft = _find_unsent(work, caller, draft_id)
        content = change(draft.content)
        if draft.version != version:
            if content == draft.content:
                return draft
            raise ChangedMeanwhile("the draft was changed after this page was shown")
        return work.signals.form_drafts.keep(draft, content, kept=_read_keeping_time(register))


def list_drafts(register: Register, caller: Caller, form: str) -> list[FormDraft]:
    """The caller's drafts that can be gone on with, newest first."""
    with register.work(caller) as work:
        return work.signals.form_drafts.unsent(caller.actor, form)


def claim_draft(register: Register, caller: Caller, draft_id: UUID, *, version: int) -> FormDraft:
    """Hold a draft to be sent as it was looked at, and return it: from now on a page that was made before is late.

    Else what another window sends while the report is being registered would be kept, and destroyed with the draft.
    Claimed again by the same page, after a press too many or a failure, it is the same claim.

    Raises:
        NotFound: there is none of the caller's.
        DraftSent: it was sent meanwhile.
        ChangedMeanwhile: it holds something else by now than whoever sends it was shown.
    """
    with register.work(caller) as work:
        draft = _find_unsent(work, caller, draft_id)
        if draft.content.get(_CLAIMED) == [version, draft.version]:
            return draft
        if draft.version != version:
            raise ChangedMeanwhile("the draft was changed after this page was shown")
        claimed = {**draft.content, _CLAIMED: [version, version + 1]}
        return work.signals.form_drafts.keep(draft, claimed, kept=_read_keeping_time(register))


def finish_draft(register: Register, caller: Caller, draft_id: UUID, outcome: Mapping[str, Any]) -> None:
    """Destroy what a draft holds, and keep what became of it: codes and ids only."""
    with register.work(caller) as work:
        work.signals.form_drafts.finish(
            work.signals.form_drafts.get(draft_id, caller.actor, REPORT, to_change=True), outcome
        )
        work.running.audit.note(AuditAction.DRAFT_SENT, str(draft_id))


def drop_draft(register: Register, caller: Caller, draft_id: UUID, *, version: int) -> None:
    """Destroy a draft that will not be sent, whether it opens or not.

    Raises:
        NotFound: there is none of the caller's.
        DraftSent: it was sent meanwhile.
        ChangedMeanwhile: it holds something else by now than whoever said so was shown.
    """
    with register.work(caller) as work:
        draft = _find_unsent(work, caller, draft_id, also_damaged=True)
        if draft.version != version:
            raise ChangedMeanwhile("the draft was changed after this page was shown")
        work.signals.form_drafts.drop(draft)
        work.running.audit.note(AuditAction.DRAFT_DROPPED, str(draft_id))


def _find_unsent(work: Work, caller: Caller, draft_id: UUID, *, also_damaged: bool = False) -> FormDraft:
    draft = work.signals.form_drafts.get(draft_id, caller.actor, REPORT, to_change=True, also_damaged=also_damaged)
    if draft.outcome is not None:
        raise DraftSent("this report has been sent already")
    return draft


def _read_keeping_time(register: Register) -> timedelta:
    return timedelta(days=register.settings.of(register.partition).draft_days)
