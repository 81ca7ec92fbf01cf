"""What evaluators tell each other that they granted on a day (README, "Counts"): signed, the same to whoever asks.

Counts by country, book and class, and for each country one root over the ids of its requests: nothing of who asked
there, and no id. A country that is given its own ids has them compared with the root that all others were given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date
from typing import Final, TypeAlias
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.exchange.counts import Granted, add_up_granted, root_of
from register.domain.exchange.reconciling import end_of
from schemas import canonical
from schemas.canonical import b64
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.lists import COUNTS, COUNTS_CHARS_MAX, CountedKeys, CountedRequests, CountsList
from schemas.exchange.wire import Book, Typ, document
from sync.protocol.documents.listed import read_list
from sync.protocol.documents.signed import Trust
from sync.protocol.refusals import ListRefused
from sync.pulling.answered import DayNotOver
from sync.trust import NodeSigner

PATH: Final = "/evaluate/v1/counts"
Counted: TypeAlias = Iterable[tuple[Partition, Book, str, int]]
"""Country, book, class and keys."""


def signed_counts(register: Register, caller: Caller, partner: Partition, day: date, *, jti: UUID) -> bytes:
    """Return what this country's evaluator granted on a day of UTC: a compact JWS.

    Args:
        register: of the country that evaluates.
        caller: the partner, with the function `evaluator`.
        partner: who asks; all are told the same.
        day: of UTC, at most thirty days ago: counts are kept no longer.
        jti: of the signed request.

    Raises:
        DayNotOver: more may still be granted on it.
        RequestReplayed: the request was served before.
    """
    if register.clock.now().astimezone(UTC).date() <= day:
        raise DayNotOver(f"{day} is not over by the clock of {register.partition}")
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(partner, jti, canonical.domain_hash("rtr/evaluate/counts/v1", b""))
        return counts_of(
            register, work.exchange.evaluations.counted(day), work.exchange.evaluations.requests_of(day), day
        )


def counts_of(register: Register, counted: Counted, requests: Mapping[Partition, Collection[UUID]], day: date) -> bytes:
    """The counts of this country's evaluator, signed: equal ones give equal bytes, whoever of its node makes them."""
    found = CountsList(
        iss=register.partition,
        kind=COUNTS,
        day=day,
        keys=tuple(
            CountedKeys(country=country, book=book, selector_class=name, keys=keys)
            for country, book, name, keys in counted
        ),
        requests=tuple(
            CountedRequests(country=country, count=len(ids), root=b64(root_of(ids)))
            for country, ids in sorted(requests.items())
        ),
        # Not the present moment: what is told of a day is the same bytes for all, so that two can compare theirs.
        at=wire.instant(end_of(day)),
    )
    return NodeSigner(register.keys).sign(Typ.LIST, document(found))


def read_counts(jws: bytes, trust: Trust, day: date) -> CountsList:
    """Return what a partner signed of a day.

    Raises:
        PartnerError: as `read_list`; list-refused where it is of another day, or too long to be shown to others.
    """
    if len(jws) > COUNTS_CHARS_MAX:
        raise ListRefused(f"{trust.partner}: its counts of {day} are longer than {COUNTS_CHARS_MAX} characters")
    found = read_list(jws, trust, CountsList, new=True)
    if found.day != day:
        raise ListRefused(f"{found.iss}: gave its counts of {found.day}, not those of {day}")
    return found


def granted_by(found: CountsList) -> Granted:
    """The keys of a list of counts, by country, book and class."""
    return add_up_granted((row.country, row.book, row.selector_class, row.keys) for row in found.keys)


def are_bound(found: CountsList, me: Partition, requests: Collection[UUID]) -> bool:
    """Whether an evaluator told everybody the same of a country's requests as it lists to that country."""
    told = next(((row.count, row.root) for row in found.requests if row.country is me), None)
    return told == ((len(requests), b64(root_of(requests))) if requests else None)
