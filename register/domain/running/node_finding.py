"""What can be wrong with the work of a node: codes, and for each what its operator does about it.

Pure. Readiness is another question (can this process serve people?) and never asks for any of these: a partner's fork,
a dead worker or a full queue must not turn off the intake of reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

SILENT_AFTER: Final = timedelta(seconds=60)
"""A worker says every ten seconds that it lives."""
STANDS_AFTER: Final = timedelta(minutes=90)
"""The rarest job, which fetches partners' lists, has its turn every hour."""
TURN_STANDS_AFTER: Final = timedelta(seconds=45)
"""A turn that got on with nothing for so long: told within a minute. Of what it asks only a write of the engine may
take longer, by a quarter of a minute."""
TURN_STANDS: Final = "turn-stands"
"""The code by which a worker says so of one of its jobs."""
FAILING_AFTER: Final = timedelta(seconds=30)
QUEUE_AFTER: Final = timedelta(minutes=15)
BACKUP_AFTER: Final = timedelta(hours=25)
"""Daily, with an hour's grace (operator's guide, "Backup and restore")."""

BACKUP: Final = "backup"
"""The job that an operator's command does, and no worker."""
CLOCK: Final = "clock"
"""No job: whether the clock is believed (`moments`), and until when it last was."""
LOG: Final = "log"
"""No job: whether the lines of the process's own log are kept."""


class FindingCode(StrEnum):
    """What is wrong."""

    WORKER_SILENT = "worker-silent"
    JOB_STANDS = "job-stands"
    JOB_FAILING = "job-failing"
    QUEUE_WAITS = "queue-waits"
    DEAD_LETTERS = "dead-letters"
    ENGINE_AWAY = "engine-away"
    LOG_HALTED = "log-halted"
    LOG_STOPPED = "log-stopped"
    REMOVALS_HELD_BACK = "removals-held-back"
    ORIGIN_BEHIND = "origin-behind"
    PARTNER_STALE = "partner-stale"
    PARTNER_REFUSES = "partner-refuses"
    ENTRIES_REFUSED = "entries-refused"
    WITHDRAWALS_OVERDUE = "withdrawals-overdue"
    WITHDRAWALS_REFUSED = "withdrawals-refused"
    PARTNER_DIFFERS = "partner-differs"
    RECEIPT_OF_TOMORROW = "receipt-from-the-future"
    PARTNER_ASKS_MUCH = "partner-asks-much"
    BACKUP_OLD = "backup-old"
    RECEIVED_DAMAGED = "received-damaged"
    OWN_DAMAGED = "own-damaged"
    LOG_DAMAGED = "log-damaged"
    SEAL_WAITS = "seal-waits"
    SCHEMA_DIFFERS = "schema-differs"
    CLOCK_NOT_BELIEVED = "clock-not-believed"
    LINES_LOST = "lines-lost"
    KEY_STORE_CLOSED = "key-store-closed"
    KEYS_LOST = "keys-lost"


ADVICE: Final[Mapping[FindingCode, str]] = MappingProxyType(
    {
        FindingCode.WORKER_SILENT: "Start `rtr node` with its workers, or look why it ended; reports are taken "
        "meanwhile, and neither shared nor taken back.",
        FindingCode.JOB_STANDS: "A turn of this job does not get on. Look again in half a minute: an engine "
        "that is slow to write ends it by itself. Else restart the worker, and keep its log.",
        FindingCode.JOB_FAILING: "Look for `worker.turn-failed` of this job in the log; the code says what is missing.",
        FindingCode.QUEUE_WAITS: "Look whether its job fails or stands; with neither, the machine is too slow for what "
        "comes in.",
        FindingCode.DEAD_LETTERS: "`rtr index dead-letters` names object and code; mend the cause, then `--retry`.",
        FindingCode.ENGINE_AWAY: "Start the search engine or correct `engine.url`; searches are answered from "
        "PostgreSQL meanwhile.",
        FindingCode.LOG_HALTED: "Call the partner before you do anything: its log contradicts what was received.",
        FindingCode.LOG_STOPPED: "Call the partner: nothing more is told to it, since its receipts contradict our log. "
        "`origin-restored` means that this register was restored from a backup that is older than what the partner has "
        "of it: what was withdrawn after the backup counts here as never withdrawn, and is still gone there. "
        "`rtr sync resume` compares what its receipts claim with our log, and says what can be done.",
        FindingCode.REMOVALS_HELD_BACK: "Urgent: so many extracts were taken back or changed since this partner's log "
        "stopped, and it was not told; a person who is protected since can still be found there. Reach that country by "
        "other means at once, and let its coordinator take out the references by hand; then `rtr sync resume`.",
        FindingCode.ORIGIN_BEHIND: "Call the partner: its log ends before what it gave us, so it was restored from a "
        "backup. What we have of it stays as it is, and what it withdrew stays withdrawn; its signed word is kept.",
        FindingCode.PARTNER_STALE: "Nothing fresh was heard from the partner: `rtr sync status` says why; call it if "
        "it lasts.",
        FindingCode.PARTNER_REFUSES: "The partner did not take entries of ours: compare the editions of the rules.",
        FindingCode.ENTRIES_REFUSED: "Entries of the partner are in quarantine: `rtr sync status`; tell it the codes.",
        FindingCode.WITHDRAWALS_OVERDUE: "The partner has not confirmed that what was withdrawn is gone: call it.",
        FindingCode.WITHDRAWALS_REFUSED: "The partner says that it refused so many withdrawals, which no register "
        "does: what was taken back can still be found there. Call it now, and let its operator look at its node.",
        FindingCode.PARTNER_DIFFERS: "The partner has confirmed all that it was told, and holds something else: call "
        "it; the two operators compare `rtr sync status`. What was taken back may still be there.",
        FindingCode.RECEIPT_OF_TOMORROW: "The partner's newest receipt says that it was given later than it came: its "
        "clock is wrong, or somebody signs for it by hand. Call it.",
        FindingCode.PARTNER_ASKS_MUCH: "The partner has used most of what it may have evaluated here: call its "
        "operator and your privacy officer, who says at `/privacy` what was found, which ends this; if its node's key "
        "may be stolen, the five make roster 1 anew without it.",
        FindingCode.BACKUP_OLD: "Run `rtr db backup`, every day.",
        FindingCode.RECEIVED_DAMAGED: "So many extracts of the partner do not open here, and its answers say so. "
        "They are fetched anew from it within ten minutes; where that lasts, `rtr sync status` says why the partner is "
        "not reached. Look why: a disk fails, or somebody changed rows (`extract.damaged` in the log names them).",
        FindingCode.OWN_DAMAGED: "These reports do not open. No command puts back one row: restore the newest backup "
        "into a database beside (`rtr db restore`), and let its administrator copy these rows (guide, damaged rows).",
        FindingCode.LOG_DAMAGED: "These entries are missing or do not follow from the one before. `log_entry` is what "
        "the partner was told, `received_stub` what it told: copy them from the newest backup (guide, damaged rows). "
        "`draft`: somebody wrote these into our log beside the program; they were not told, and the log goes on "
        "(guide, written beside the program).",
        FindingCode.SEAL_WAITS: "So many rows and reports of the release before are not sealed as this one seals: the "
        "job `seal` does it, at once when a worker starts, and this goes when it is done. Where it stays, "
        "`row.not-sealed` in the log names what does not open: put its data key back (guide, damaged rows).",
        FindingCode.SCHEMA_DIFFERS: "`schema-newer`: the database was migrated by a newer version; install that one "
        "and start it.",
        FindingCode.CLOCK_NOT_BELIEVED: "Nothing that has had its time is forgotten, taken back or hidden meanwhile. "
        "Run `rtr clock`, which says what each clock says, and set the wrong one right; `clock-jumped`: restart the "
        "worker then. If the clocks are right, and the node stood still for so long, `rtr clock --believe`.",
        FindingCode.LINES_LOST: "The program's log is not kept, and its work goes on. `log-not-written`: give the disk "
        "of the log room. `log-not-read`: whoever reads its standard error stands still; let it go on. The log says "
        "then how many lines were lost (`log.lost`).",
        FindingCode.KEY_STORE_CLOSED: "Nothing is taken, read or searched: the key store is gone, damaged or "
        "somebody else's. Put back the newest copy of this country's own; the node goes on with it at once.",
        FindingCode.KEYS_LOST: "The key store lacks these keys, or has others under their names: it was put back from "
        "an older copy, or was made anew. What rests on them does not open, and nothing is sealed under another in "
        "their place. Put back the newest copy; only a month's key that no copy has is given up: `rtr keys give-up`.",
    }
)


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """One thing that is wrong.

    Attributes:
        about: a job, a consumer of the outbox or a partner; empty for the node as a whole.
        since: from when; None where that is not known.
        detail: a stable code or a count.
    """

    code: FindingCode
    about: str = ""
    since: datetime | None = None
    detail: str = ""

    @property
    def advice(self) -> str:
        """What the operator does about it."""
        return ADVICE[self.code]


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker said last of one of its jobs.

    Attributes:
        at: when it said so.
        worked_at: when a turn last ended without an error; None if none has yet.
        failing_since: since when each turn fails; None where the last one did not.
        code: of what went wrong the last time.
    """

    job: str
    at: datetime
    worked_at: datetime | None
    failing_since: datetime | None
    code: str | None


def find_silent(beats: Iterable[Beat], now: datetime) -> tuple[NodeFinding, ...]:
    """The worker where it says nothing, or those of its jobs that stand; empty where each has its turns."""
    silent = (FindingCode.WORKER_SILENT, FindingCode.JOB_STANDS)
    return tuple(one for one in findings_of_beats(beats, now) if one.code in silent)


def findings_of_beats(beats: Iterable[Beat], now: datetime) -> tuple[NodeFinding, ...]:
    """What a worker's own words tell of it; without any, none has ever worked here."""
    beats = tuple(beat for beat in beats if beat.job not in (BACKUP, CLOCK))
    # A word of tomorrow is none: it was kept while the database's clock was wrong.
    newest = max((beat.at for beat in beats if beat.at - now <= SILENT_AFTER), default=None)
    if newest is None or now - newest > SILENT_AFTER:
        return (NodeFinding(FindingCode.WORKER_SILENT, since=newest),)
    found = []
    for beat in beats:
        if beat.job == LOG:
            if beat.code:
                found.append(NodeFinding(FindingCode.LINES_LOST, "", beat.failing_since, beat.code))
        elif beat.code == TURN_STANDS:
            found.append(NodeFinding(FindingCode.JOB_STANDS, beat.job, beat.failing_since))
        elif beat.failing_since is not None and now - beat.failing_since > FAILING_AFTER:
            found.append(NodeFinding(FindingCode.JOB_FAILING, beat.job, beat.failing_since, beat.code or ""))
        elif beat.failing_since is None and beat.worked_at is not None and now - beat.worked_at > STANDS_AFTER:
            found.append(NodeFinding(FindingCode.JOB_STANDS, beat.job, beat.worked_at))
    return tuple(found)
