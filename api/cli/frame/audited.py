"""Operators' commands in the audit log: a leaf in the log of each country that a command touches.

A command that changes a database, or takes data out of it, does not run where its leaf cannot be written. One that
comes before the database (`keys`) says on stderr that no log has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.cli.frame.machine import with_database, with_host
from api.cli.frame.terminal import Desk
from register.errors import OperatorError
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.domain.running.audit_action import AuditAction
    from register.settings import Settings


def leave_leaf(settings: Settings, countries: Iterable[Partition], what: AuditAction, **facts: str | int) -> None:
    """Write a leaf of an operator into each country's log.

    Args:
        settings: from `with_database`.
        countries: hosted ones.
        what: one of the actions of operators.
        facts: codes, counts and hashes; no names, no paths.

    Raises:
        SecretMissing, DatabaseUnavailable: it cannot be written.
    """
    from register.services.running.note_operation import note_operation

    for country in countries:
        note_operation(with_host(settings), country, what, uid=os.getuid(), **facts)


def leave_word_of_backup(settings: Settings, country: Partition) -> None:
    """Say where `rtr status` looks that this country was backed up just now."""
    from register.services.running.note_operation import note_backup

    note_backup(with_host(settings), country)


def leave_leaf_if_there_is_a_log(
    desk: Desk, settings: Settings, countries: Iterable[Partition], what: AuditAction, **facts: str | int
) -> None:
    """Write it where a database of this node answers; say so where none does."""
    for country in countries:
        if country not in settings.countries:
            desk.note(f"In no audit log of this node: {country} is not hosted here.")
            continue
        try:
            found = settings if settings.database.host else with_database(settings)
            leave_leaf(found, [country], what, **facts)
        except OperatorError as error:
            desk.note(f"Not in the audit log of {country}, since no database answers yet ({error.code}).")
