"""Does the node do all its work? What is not as it should be, each with its code; errors become findings too.

Not readiness: see `check_readiness`. From this node's own rows and its engine; no partner is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from register.core import Register
from register.domain.access.caller import system
from register.domain.running.node_finding import (
    BACKUP,
    BACKUP_AFTER,
    QUEUE_AFTER,
    Beat,
    FindingCode,
    NodeFinding,
    findings_of_beats,
)
from register.store.schema_revision import SchemaFit, fit_of


def keep_beats(register: Register, beats: Sequence[Beat]) -> None:
    """Write down what this process says of its jobs."""
    with register.work(system(register.partition, "worker")) as work:
        work.beats.write(beats)


def check_node(register: Register) -> tuple[NodeFinding, ...]:
    """Look at workers, queues, dead letters, engine and backup.

    Raises:
        DatabaseUnavailable: nothing can be known.
    """
    now = register.clock.now()
    with register.work(system(register.partition, "worker")) as work:
        beats = work.beats.all()
        due = work.outbox.oldest_due()
        dead = (*work.outbox.stuck(), *work.indexed.dead_letters())
        fit = fit_of(work.schema.read())
    dumped_at = next((one.worked_at for one in beats if one.job == BACKUP), None)
    found = [*findings_of_beats(beats, now)]
    found += [NodeFinding(FindingCode.QUEUE_WAITS, name, at) for name, at in due.items() if now - at > QUEUE_AFTER]
    if fit is not SchemaFit.FITS:
        found.append(NodeFinding(FindingCode.SCHEMA_DIFFERS, "", None, fit.value))
    if dead:
        found.append(NodeFinding(FindingCode.DEAD_LETTERS, "", min(one.since for one in dead), str(len(dead))))
    if register.index is not None and not (health := register.index.health()).reachable:
        found.append(NodeFinding(FindingCode.ENGINE_AWAY, "", None, health.reason or ""))
    if dumped_at is None or now - dumped_at > BACKUP_AFTER:
        found.append(NodeFinding(FindingCode.BACKUP_OLD, "", dumped_at))
    return tuple(found)
