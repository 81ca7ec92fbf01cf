"""Leave word in a country's audit log that an operator's command was used on its node.

No key store is needed, since nothing of such a leaf is sealed: the command may be the one that makes the key store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from register.clock import SystemClock
from register.domain.access.caller import system
from register.domain.running.audit_action import AuditAction
from register.domain.running.moments import Moments
from register.domain.running.node_finding import BACKUP, Beat
from register.keys.home import read_secret
from register.settings import Settings
from register.store.running.audit_leaves import AuditLeaves
from register.store.running.beats import Beats
from register.store.running.server.database import Address, Database
from schemas.codes import Partition


def note_backup(settings: Settings, country: Partition) -> None:
    """Write down that a backup of a country's rows and keys was made just now, for `check_node`.

    Raises:
        SecretMissing, DatabaseUnavailable: it cannot be.
    """
    with as_the_node(settings, country) as connection:
        now = SystemClock().now()
        Beats(connection, country).write([Beat(BACKUP, now, now, None, None)])


def note_operation(settings: Settings, country: Partition, what: AuditAction, *, uid: int, **facts: Any) -> None:
    """Write one leaf of an operator as the node's system caller.

    Args:
        settings: with the address of the database.
        country: in whose log.
        what: one of the actions of operators.
        uid: the operating system's number of the user who gave the command.
        facts: codes, counts and hashes; no names, no paths.

    Raises:
        SecretMissing, DatabaseUnavailable: there is no log to write in.
    """
    with as_the_node(settings, country) as connection:
        leaves = AuditLeaves(connection, system(country, "worker"), None, SystemClock())
        leaves.note(what, "-", uid=uid, **facts)


def believe_clock(settings: Settings, country: Partition, *, uid: int) -> None:
    """Take an operator's word that the database's clock is right, and leave one leaf, `operator.clock-believed`.

    Raises:
        ClockDiffers: this machine says another time.
        SecretMissing, DatabaseUnavailable: it cannot be written down.
    """
    with as_the_node(settings, country) as connection:
        beats = Beats(connection, country)
        moments = beats.read_moments()
        known = moments.believed_at or moments.newest_leaf
        leaves = AuditLeaves(connection, system(country, "worker"), None, SystemClock())
        before = known.isoformat() if known else "-"
        leaves.note(AuditAction.OPERATOR_CLOCK_BELIEVED, "-", uid=uid, before=before)
        beats.keep_verdict(moments, None)


def read_clock(settings: Settings, country: Partition) -> Moments:
    """What the database's clock says, and what was known of it before.

    Raises:
        SecretMissing, DatabaseUnavailable: nothing can be known.
    """
    with as_the_node(settings, country) as connection:
        return Beats(connection, country).read_moments()


@contextmanager
def as_the_node(settings: Settings, country: Partition) -> Iterator[Any]:
    """One transaction of the worker's role, for a command that needs no key store."""
    caller = system(country, "worker")
    database = Database(
        Address.of(settings.database),
        country,
        lambda role: read_secret(settings, f"{role}.password"),
        pool_size=1,
    )
    try:
        with database.transaction(caller.function) as connection:
            yield connection
    finally:
        database.close()
