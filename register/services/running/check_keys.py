"""Is the key store the one that the rows of the database rest on?

A file that was put back from an older copy opens as well as the newest one: what it lacks shows only beside what the
database knows (`register.store.known_keys`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import system
from register.domain.running.audit_action import AuditAction
from register.domain.running.month_keys import PREFIX
from register.errors import Conflict, OperatorError
from register.keys.home import open_keys
from register.services.running.note_operation import as_the_node
from register.settings import Settings
from register.store.known_keys import KnownKey, KnownKeys, fault_of
from register.store.running.audit_leaves import AuditLeaves
from schemas.codes import Partition


class KeyIsThere(Conflict):
    """The key that was to be given up is not lost: the key store has it, or nothing rests on it."""

    code = "key-not-lost"
    advice = "Run `rtr doctor`, which names the keys that are lost; no other can be given up."


def faults_of(known: Mapping[str, KnownKey], checks: Mapping[str, str | None]) -> dict[str, OperatorError]:
    """By name, what is wrong with the keys that rows rest on; `checks` is what `NodeKeys.checks` gives."""
    looked = {name: fault_of(name, one, checks.get(name)) for name, one in known.items()}
    return {name: fault for name, fault in looked.items() if fault is not None}


def stops_all(name: str) -> bool:
    """Whether a node without this key can do nothing right; without a month's it lacks what ends in that month."""
    return not name.startswith(PREFIX)


def find_key_faults(register: Register) -> dict[str, OperatorError]:
    """By name, the keys that the rows of a country rest on and its key store lacks, or has others for.

    Raises:
        KeyStoreError: it cannot be read at all.
    """
    checks = register.keys.checks()
    with register.work(system(register.partition, "worker")) as work:
        return faults_of(work.keys.known.all(), checks)


def newest_key(register: Register) -> datetime | None:
    """Since when the database knows the newest key of the key store; None where it knows none."""
    with register.work(system(register.partition, "worker")) as work:
        return max((one.known_at for one in work.keys.known.all().values()), default=None)


def note_keys(register: Register) -> None:
    """At a node's start: remember all keys of its key store.

    Raises:
        KeyStoreOlder, KeyStoreDiffers: of a key without which a node can do nothing right; nothing was noted.
    """
    checks = register.keys.checks()
    with register.work(system(register.partition, "worker")) as work:
        known = work.keys.known.all()
        for name, fault in faults_of(known, checks).items():
            if stops_all(name):
                raise fault
        unknown = {name for name in checks if name not in known or known[name].check is None}
        work.keys.known.note({name: check for name, check in checks.items() if check is not None and name in unknown})


class KeyNeeded(Conflict):
    """The key that was to be given up is no month's: with another the node would not know who is protected."""

    code = "key-needed"
    advice = "Only a month's key (kek/YYYY-MM) is given up. Put back a copy of the key store that has this one."


def give_up_key(settings: Settings, country: Partition, name: str, *, uid: int) -> None:
    """Go on with another key under the name of one that no copy of the key store has any more.

    What was sealed under the lost one never opens again, and says so. The log has it in the same transaction.

    Args:
        settings: with the address of the database.
        country: whose key store.
        name: as `rtr doctor` names it.
        uid: the operating system's number of the user who gave the command.

    Raises:
        KeyNeeded: it is no month's key.
        KeyIsThere: it is not lost.
        KeyStoreError, DatabaseUnavailable: it cannot be done now.
    """
    if stops_all(name):
        raise KeyNeeded(f"{name} is needed by all that the node does, and is not given up")
    keys = open_keys(settings, country)
    found = keys.check_of(name)
    with as_the_node(settings, country) as connection:
        known = KnownKeys(connection, country, SystemClock())
        one = known.all([name]).get(name)
        again = one is not None and one.given_up_at is not None and found is None
        if one is None or (fault_of(name, one, found) is None and not again):
            raise KeyIsThere(f"{name} of {country} is not lost")
        known.give_up(name)
        leaves = AuditLeaves(connection, system(country, "worker"), None, SystemClock())
        leaves.note(AuditAction.OPERATOR_KEY_GIVEN_UP, "-", uid=uid, key=name)
    # Only now: where this ends in between, the key is given up, and giving it up again makes the other one.
    if found is None:
        keys.make_anew(name)
