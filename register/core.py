"""`Register`: what a use case is given. One country's database, index, keys, rules, evaluators and clock.

A process that hosts several countries holds one `Register` for each; nothing here reaches from one to another.
Built by `register.bootstrap.open`; closed by whoever opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Final, ParamSpec, TypeVar
from uuid import UUID

from pydantic import BaseModel

from register.clock import Clock
from register.domain.access.caller import Caller, FreshSignInNeeded
from register.domain.access.case import read_case
from register.domain.access.policy import UseCase
from register.domain.codes_in_force import check_codes
from register.domain.partition import day_in
from register.domain.reference import DRAWS, ReferenceTaken
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound, RegisterError
from register.failpoints import Failpoints
from register.keys.node import NodeKeys
from register.logs import logger
from register.mou.edition import Edition
from register.pseudonyms.asker import ClientSettings
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.normalise.stop import is_filler, says_none, stop_file
from register.search.breaker import Breaker
from register.search.index import SearchIndex
from register.settings import Settings
from register.store.running.server.database import Database, Deadlocked
from register.store.work import Work as Work  # noqa: PLC0414 - what `work` gives has a name for others
from register.store.work import transaction
from schemas.codes import CodeList, Partition, code_list

P = ParamSpec("P")
T = TypeVar("T")
TRIES_MAX: Final = 3


def repeat_if_deadlocked(use_case: Callable[P, T]) -> Callable[P, T]:
    """Do a use case again where PostgreSQL ended its transaction for another's; at most three times in all.

    Rows are locked in an order where that can be said beforehand. A report and all that shares a value with it cannot:
    whoever withdraws one comes from it to its findings, and whoever records a fact the other way round. Only for a use
    case that is one transaction: what is undone is then all that was done.
    """

    @wraps(use_case)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES_MAX - 1):
            try:
                return use_case(*args, **kwargs)
            except Deadlocked as error:
                logger().warning("transaction.repeated", code=error.code)
        return use_case(*args, **kwargs)

    return repeated


@dataclass(frozen=True, slots=True)
class Register:
    """One country's register, ready to work.

    Attributes:
        edition: the MoU rules in force here.
        breaker: leaves the engine alone for a while after failures.
        index: the way to the search engine; None where the process needs none.
        evaluators: own share and the way to the other four; None where the process computes no pseudonyms.
        failpoints: planted faults, of a drill.
        code_lists: gives a code list by its name.
    """

    partition: Partition
    settings: Settings
    clock: Clock
    database: Database
    keys: NodeKeys
    edition: Edition
    breaker: Breaker
    index: SearchIndex | None = None
    evaluators: Evaluators | None = None
    failpoints: Failpoints = field(default_factory=Failpoints)
    code_lists: Callable[[str], CodeList] = code_list

    @property
    def asking(self) -> ClientSettings:
        """How patiently evaluators are asked."""
        given = self.settings.pseudonyms
        return ClientSettings(hedge_s=given.hedge_s, patience_s=given.patience_s)

    def work(self, caller: Caller) -> AbstractContextManager[Work]:
        """One transaction on the caller's partition and role: the only door to the store.

        Leaving the block commits, an exception rolls back. No network inside.
        """
        return transaction(self.database, caller, self.keys.envelope, self.clock)

    @contextmanager
    def looking(self, caller: Caller, miss: AuditAction, about: object, *misses: type[RegisterError]) -> Iterator[Work]:
        """One transaction for something that may not be there for this caller; a miss leaves a leaf all the same.

        Args:
            caller: who looks.
            miss: the leaf's action where nothing is found.
            about: id of what was asked for.
            misses: errors that count as a miss beside `NotFound`.
        """
        with self.noting(caller, miss, about, *misses), self.work(caller) as work:
            yield work

    @contextmanager
    def noting(self, caller: Caller, miss: AuditAction, about: object, *misses: type[RegisterError]) -> Iterator[None]:
        """The leaf of a miss alone, as of `looking`, around a use case that opens its transaction itself."""
        counting: tuple[type[RegisterError], ...] = (NotFound, *misses)
        try:
            yield
        except counting as error:
            # In a transaction of its own: the one that missed was rolled back.
            with self.work(caller) as work:
                work.running.audit.note(miss, str(about), code=error.code)
            raise

    def permit(self, caller: Caller, use: UseCase) -> None:
        """Do nothing if the caller may do it by the table of who may do what: the first line of every use case.

        Raises:
            TaskMissing, PeopleOnly, FreshSignInNeeded: what is missing.
        """
        use.check(caller)
        if use.policy.step_up:
            self.require_fresh_sign_in(caller)

    def require_fresh_sign_in(self, caller: Caller) -> None:
        """Do nothing if the caller signed in lately and strongly enough, by the country's settings (RFC 9470).

        Raises:
            FreshSignInNeeded: not so, or the provider does not say; names what is asked for.
        """
        own = self.settings.of(self.partition)
        within = timedelta(seconds=own.fresh_sign_in_s)
        if not caller.signed_in.is_fresh(self.clock.now(), within=within, acr=own.fresh_sign_in_acr):
            raise FreshSignInNeeded(
                f"this needs a sign-in of the last {own.fresh_sign_in_s} s",
                max_age=own.fresh_sign_in_s,
                acr_values=list(own.fresh_sign_in_acr),
            )

    def today(self) -> date:
        """The day it is in the country now."""
        return self.day_of(self.clock.now())

    def day_of(self, moment: datetime) -> date:
        """The day of a moment on the country's calendar; its `year` is the year of references and figures."""
        return day_in(self.partition, moment)

    def check_codes(self, form: BaseModel, *, on: date, was: BaseModel | None = None) -> None:
        """Do nothing if every code of a form may be entered on a day, or was there before; raises `CodeRetired`."""
        check_codes(form, on=on, was=was, lists=self.code_lists)

    def case_of(self, caller: Caller, text: str) -> str:
        """Return the case that somebody asks for as it is counted, logged and shown; raises `CaseRefused`."""
        return read_case(
            text,
            self.partition,
            forms=caller.case_forms,
            this_year=self.today().year,
            says_none=lambda word: says_none(word) or says_none(word, stop_file().email_words),
            is_filler=is_filler,
        )

    def close(self) -> None:
        """Give connections back."""
        self.database.close()

    def once(
        self, caller: Caller, key: str, request: bytes, make: Callable[[Work], bytes], *, about: UUID | None = None
    ) -> bytes:
        """Do what a request asks once, however often it comes with the same Idempotency-Key.

        Args:
            caller: whose key it is.
            key: the Idempotency-Key.
            request: canonical bytes of what is asked, and of what.
            make: does it and returns the answer's document; in one transaction with the key.
            about: the record that the answer tells of, with which it is erased.

        Returns:
            The document; to a repeat, the bytes of the first answer.

        Raises:
            KeyReused, InFlight: about the key.
            Erased: what was answered has been erased since.
            ReferenceTaken: each reference that was drawn was taken at the same moment.
        """
        # Keyed: a plain hash of a form in the database would let a thief test guesses of it.
        request_hash = self.keys.fingerprint(request)
        for _ in range(DRAWS):
            # A reference that another request draws and commits at the same moment shows when the record is stored,
            # and costs its whole transaction: rare, and cheaper than a lock that every request would wait for.
            with suppress(ReferenceTaken):
                return self._once(caller, key, request_hash, make, about)
        raise ReferenceTaken

    def _once(
        self, caller: Caller, key: str, request_hash: bytes, make: Callable[[Work], bytes], about: UUID | None
    ) -> bytes:
        with self.work(caller) as work:
            answer = work.running.idempotency.claim(caller.actor, key, request_hash)
            if answer is None:
                answer = make(work)
                work.running.idempotency.keep(caller.actor, key, answer, about)
        return answer
