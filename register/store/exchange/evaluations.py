"""What an evaluator was asked, how much of each quota is used, and its log: all in the evaluator's own schema.

Nothing here could tell what a batch was about: it holds hashes, counts and opaque references. A question is known
by (requester, request id); a sending of it by the `jti` of the signed request that carried it, in the same table
under a requester's name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.exchange.requests_seen import KEPT, RequestReplayed
from register.store.models.evaluations import evaluation_leaf, evaluation_request, evaluation_usage
from register.store.running.rls import child_name
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.merkle import leaf_hash

QUESTIONS_KEPT: Final = timedelta(days=30)
"""How long a repeat costs nothing. What is pending for longer is asked for anew, and counted anew."""
_TIDY_UP_BELOW: Final = 4  # of 256: about every 64th request also deletes what is too old

Verdict = Literal["granted", "repeated", "reused", "over-quota"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request for evaluation, as far as quotas and repeats go by it.

    Attributes:
        keys: by selector class, how many are asked for.
        quotas: by selector class, how many the actor may have in a day.
    """

    requester: Partition
    organisation: str
    actor: str
    request_id: UUID
    body_hash: bytes
    keys: Mapping[str, int]
    quotas: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of a question; `at` is when it was granted first."""

    verdict: Verdict
    at: datetime


class Evaluations:
    """The evaluator's tables of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def remember_sending(self, requester: Partition, jti: UUID, digest: bytes) -> None:
        """Keep the id of a signed request.

        Raises:
            RequestReplayed: it was kept before.
        """
        if jti.bytes[-1] < _TIDY_UP_BELOW:
            self._tidy_up()
        if not self._keep(_sendings_of(requester), jti, digest, self._clock.now()):
            raise RequestReplayed(f"{requester} sent request {jti} before", jti=str(jti))

    def claim(self, question: Question) -> Claim:
        """Grant a question and count its keys, all of them or none.

        A question known by its id and hash is `repeated` and counts nothing; known with another hash it is `reused`.
        One that is refused leaves no trace here, so that it may be granted another day.
        """
        now = self._clock.now()
        with self._connection.begin_nested() as savepoint:
            if not self._keep(question.requester, question.request_id, question.body_hash, now):
                return self._known(question)
            for name, count in sorted(question.keys.items()):  # in one order for all, or two requests could deadlock
                if not self._count(question, name, count, now):
                    savepoint.rollback()
                    return Claim("over-quota", now)
        return Claim("granted", now)

    def note(self, commitment: Mapping[str, Any]) -> None:
        """Append one leaf to the evaluator's log; codes, hashes, counts and opaque references only."""
        now, leaf_id = self._clock.now(), self._clock.new_id()
        told = {"v": 1, "id": str(leaf_id), "at": now.isoformat(timespec="milliseconds"), **commitment}
        row = {
            "country": self._country,
            "id": leaf_id,
            "at": now,
            "commitment": told,
            "leaf_hash": leaf_hash(dumps_plain(told)),
        }
        self._connection.execute(sa.insert(evaluation_leaf), [row])

    def _keep(self, requester: str, request_id: UUID, digest: bytes, at: datetime) -> bool:
        row = {
            "country": self._country,
            "requester": requester,
            "request_id": request_id,
            "body_hash": digest,
            "at": at,
        }
        statement = insert(evaluation_request).values([row]).on_conflict_do_nothing()
        return self._connection.execute(statement.returning(evaluation_request.c.at)).first() is not None

    def _known(self, question: Question) -> Claim:
        table = evaluation_request.c
        row = self._connection.execute(
            sa.select(table.body_hash, table.at).where(
                table.country == self._country,
                table.requester == question.requester,
                table.request_id == question.request_id,
            )
        ).one()
        return Claim("repeated" if row.body_hash == question.body_hash else "reused", row.at)

    def _count(self, question: Question, name: str, count: int, now: datetime) -> bool:
        """Add to one day's use, unless that would pass the quota."""
        row = {
            "country": self._country,
            "requester": f"{question.requester}/{question.organisation}",
            "actor": question.actor,
            "selector_class": name,
            "day": now.date(),
            "keys": count,
        }
        quota = question.quotas[name]
        if count > quota:
            return False
        total = evaluation_usage.c["keys"] + count
        statement = insert(evaluation_usage).values([row])
        counted = statement.on_conflict_do_update(
            index_elements=("country", "requester", "actor", "selector_class", "day"),
            set_={"keys": total},
            where=total <= quota,
        )
        return self._connection.execute(counted.returning(evaluation_usage.c.day)).first() is not None

    def _tidy_up(self) -> None:
        child, now = child_name(evaluation_request, self._country), self._clock.now()
        ages = {"sendings": now - KEPT, "questions": now - QUESTIONS_KEPT}
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child} WHERE at < CASE WHEN requester LIKE '{_SENDINGS}%'"
                " THEN CAST(:sendings AS timestamptz) ELSE CAST(:questions AS timestamptz) END"
            ),
            ages,
        )


_SENDINGS: Final = "sendings of "


def _sendings_of(requester: Partition) -> str:
    return f"{_SENDINGS}{requester}"
