"""Which keys of the key store the rows of a country rest on, by name and check value.

A key store lives in a file, and a file can be put back from an older copy: then it lacks keys, or has other ones under
their names. The database remembers. A key is made only under a name that it does not know, and used only where it is
the one that it knows. A check value tells keys apart and nothing of them (`register.keys.keystore.check_value`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import sqlalchemy as sa

from register.clock import Clock
from register.domain.running.month_keys import year_of
from register.errors import DoesNotOpen, OperatorError
from register.store.models.running import known_key
from register.store.running.server.bulk import insert_rows
from schemas.codes import Partition

_PUT_BACK: Final = (
    "Put back the newest copy of the key store, which has the key; what needs none of the missing keys goes on "
    "meanwhile. Only a month's key that no copy has is given up: `rtr keys give-up`."
)


class KeyStoreOlder(DoesNotOpen):
    """The key store lacks a key that rows of the database rest on: it was put back from an older copy."""

    code = "key-store-older"
    advice = _PUT_BACK


class KeyStoreDiffers(DoesNotOpen):
    """Under the name of a key that rows of the database rest on, the key store has another one."""

    code = "key-store-differs"
    advice = _PUT_BACK


class KeyGivenUp(DoesNotOpen):
    """What is sealed here rests on a key that no copy of the key store had any more, and an operator gave up."""

    code = "key-given-up"
    advice = "Nothing opens it, unless a copy of the key store with this key is found after all; register it anew."


class HasKeys(Protocol):
    """What the key store is asked here.

    Attributes:
        agreed: keys that were found to be the ones that the database knows, by name and check value.
    """

    agreed: set[tuple[str, str]]

    def check_of(self, kek: str) -> str | None:
        """The check value of a key; None where there is none of this name."""
        ...

    def make(self, keks: Sequence[str]) -> None:
        """Make the keys of these names that are not there."""
        ...


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key.

    Attributes:
        check: its check value; None where an older release used it, and nobody noted it yet.
        known_at: since when.
        given_up_at: when another of its name was given up as lost; None where none was.
    """

    check: str | None
    known_at: datetime
    given_up_at: datetime | None


class KnownKeys:
    """The keys that one country's rows rest on, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def all(self, names: Sequence[str] | None = None) -> dict[str, KnownKey]:
        """Those of these names, or all, by name in order."""
        own = known_key.c
        query = sa.select(own.name, own.check_value, own.known_at, own.given_up_at).where(own.country == self._country)
        if names is not None:
            query = query.where(own.name.in_(names))
        rows = self._connection.execute(query.order_by(own.name))
        return {row.name: KnownKey(row.check_value, row.known_at, row.given_up_at) for row in rows}

    def agree_on(self, name: str, keys: HasKeys) -> None:
        """See to it that the key store has the key of a month, and that it is the one that rows rest on.

        Makes it, with those of its year, where the database knows none of its name.

        Raises:
            KeyStoreOlder, KeyStoreDiffers: another key would be used in its place.
        """
        found = keys.check_of(name)
        if found is not None and (name, found) in keys.agreed:
            return
        known = self.all(year_of(name))
        if found is None and name not in known:
            keys.make([one for one in year_of(name) if one not in known])
        if name not in known or known[name].check is None:
            self.note({one: check for one in year_of(name) if (check := keys.check_of(one)) is not None})
            known = self.all([name])
        elif found is not None and found == known[name].check:
            # Read back from a transaction that has ended: nothing takes it away again.
            keys.agreed.add((name, found))
        if (error := fault_of(name, known[name], keys.check_of(name))) is not None:
            raise error

    def note(self, checks: Mapping[str, str]) -> None:
        """Remember keys that are not known yet, or not their check value; what is known stays as it is."""
        now = self._clock.now()
        rows = [
            {"country": self._country, "name": name, "check_value": check, "known_at": now}
            for name, check in sorted(checks.items())
        ]
        insert_rows(
            self._connection,
            known_key,
            rows,
            on_conflict="ON CONFLICT (country, name) DO UPDATE SET check_value = excluded.check_value "
            "WHERE known_key.check_value IS NULL",
        )

    def give_up(self, name: str) -> None:
        """Forget which key of a name rows rest on, since no copy of the key store has it; of the worker's role."""
        own = known_key.c
        self._connection.execute(
            sa.update(known_key)
            .where(own.country == self._country, own.name == name)
            .values(check_value=None, given_up_at=self._clock.now())
        )

    def why_not(self, name: str, keys: HasKeys, error: OperatorError) -> OperatorError:
        """Why something does not open under a key of a name: by the key store, if that is it, or as it was said."""
        known = self.all([name]).get(name)
        if known is None:
            return error
        if known.given_up_at is not None:
            return KeyGivenUp(f"the key {name} was given up as lost", name=name)
        return fault_of(name, known, keys.check_of(name)) or error


def fault_of(name: str, known: KnownKey, found: str | None) -> OperatorError | None:
    """What is wrong with a key of the key store, by what the database knows; None where nothing is."""
    if found is None:
        return KeyStoreOlder(f"the key store lacks {name}, which rows rest on", name=name)
    if known.check is not None and found != known.check:
        return KeyStoreDiffers(f"the key store has another {name} than the one that rows rest on", name=name)
    return None
