"""`rtr node`: serve, work and evaluate for all hosted countries in one process.

Each country has its own register, application, address and workers; they reach each other by HTTP at the addresses of
the roster, as if they stood on five islands.
"""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from api.http import app as application
from api.http.evaluator import mount
from api.http.issuers import IssuerRegistry, issuer_of
from api.process import collector, standing, worker
from api.process.hosting import Address, HttpServer, Loop, stop_all
from register import bootstrap
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import system
from register.errors import OperatorError
from register.logs import logger
from register.services.exchange.evaluate_batch import own_evaluator, own_shares
from register.services.running.check_keys import note_keys
from register.services.running.check_readiness import check_schema
from register.services.search.oversee_index import refill_missing
from register.settings import CountrySettings, Settings
from schemas.codes import Partition
from sync.appender import Appender, AskedReceipt
from sync.evaluators import HttpEvaluators
from sync.lists import AskersLists
from sync.receiver import Receiver
from sync.transport.partner import PartnerHttp
from sync.trust import KnownRosters, load_rosters

ROLES = ("api", "worker", "evaluator")


class NotOneMachineInProduction(OperatorError):
    """A production node would hold the key shares of several countries."""

    code = "single-machine-keys"
    advice = "Run each country's node on its own machine; several countries in one process are for trial."


@dataclass(frozen=True, slots=True)
class Hosted:
    """One country of this process, ready to start."""

    register: Register
    server: HttpServer | None
    loops: tuple[Loop, ...]


class Node:
    """The countries of one process; start, then stop."""

    def __init__(self, settings: Settings, *, serve: bool = True, work: bool = True) -> None:
        """Open what is hosted.

        Args:
            settings: of this process.
            serve: answer HTTP (and evaluate).
            work: run the workers.

        Raises:
            NotOneMachineInProduction: production with more than one country.
            OperatorError: names what is missing.
        """
        if settings.env == "production" and len(settings.countries) > 1:
            raise NotOneMachineInProduction(f"{len(settings.countries)} countries are hosted here")
        self._closing = ExitStack()
        self._parts: list[HttpServer | Loop] = []
        self.hosted: dict[Partition, Hosted] = {}
        try:
            for country in settings.countries:
                self.hosted[country] = self._open(settings, country, serve=serve, work=work)
            self._status = self._open_status(settings)
        except BaseException:
            self._closing.close()
            raise

    @property
    def urls(self) -> dict[Partition, str]:
        """Where each country answers."""
        return {c: h.server.address.url for c, h in self.hosted.items() if h.server is not None}

    def closed_doors(self) -> list[Partition]:
        """The hosted countries whose server does not accept requests, or not yet."""
        return [c for c, h in self.hosted.items() if h.server is not None and not h.server.is_open()]

    def start(self) -> None:
        """Serve first, then work: a partner that pulls at once finds somebody."""
        collector.settle()
        if self._status is not None:
            self._status.start()
            self._parts.append(self._status)
        for hosted in self.hosted.values():
            if hosted.server is not None:
                hosted.server.start()
                self._parts.append(hosted.server)
        for hosted in self.hosted.values():
            for loop in hosted.loops:
                loop.start()
                self._parts.append(loop)

    def stop(self) -> None:
        """Finish what is under way and give everything back."""
        stop_all(self._parts)
        self._closing.close()

    def _open_status(self, settings: Settings) -> HttpServer | None:
        if not settings.status_listen:
            return None
        served = standing.application(hosted.register for hosted in self.hosted.values())
        return HttpServer(served, Address.parse(settings.status_listen), name="status")

    def _open(self, settings: Settings, country: Partition, *, serve: bool, work: bool) -> Hosted:
        clock = SystemClock()
        plain = bootstrap.open(settings, country, clock=clock)
        self._closing.callback(plain.close)
        first, *others = ROLES
        bootstrap.wait_for_database(plain, (first,))
        # Before the others: what they lack may be what a migration gives them, and waiting would never end.
        check_schema(plain)
        bootstrap.wait_for_database(plain, tuple(others))
        note_keys(plain)
        rosters = KnownRosters(lambda: load_rosters(plain, system(country, "api")))
        http = PartnerHttp.of(plain, rosters)
        self._closing.callback(http.close)
        evaluators = HttpEvaluators(own_evaluator(plain.keys), http, rosters, clock)
        register = replace(plain, evaluators=evaluators)
        try:
            refill_missing(register)
        except OperatorError as error:
            # Registering and exact search go on without the engine; the worker looks again.
            logger().warning("engine.not-prepared", partition=country, code=error.code)
        server = None
        if serve:
            issuers = _issuers(settings.of(country), country, clock)
            served = application.create(register, issuers, rosters, closed_doors=self.closed_doors)
            mount(served, register, rosters, own_shares(register.keys), AskersLists(register, http, rosters))
            server = HttpServer(served, Address.parse(settings.of(country).listen), name=country)
        loops: list[Loop] = []
        if work:
            asked = AskedReceipt(register, http, rosters)
            appender = Appender(register, str(clock.new_id()), asked, lease_s=settings.worker.lease_s)
            self._closing.callback(_let_go, appender)
            loops = worker.loops(register, appender, Receiver(register, http, rosters))
        return Hosted(register, server, tuple(loops))


def _let_go(appender: Appender) -> None:
    # Without it the next process would wait for the lease to end, which it does anyway if the database is gone.
    with suppress(OperatorError):
        appender.close()


def _issuers(settings: CountrySettings, country: Partition, clock: SystemClock) -> IssuerRegistry:
    named = issuer_of(settings, country)
    return IssuerRegistry([named] if named else [], monotonic=clock.monotonic)


def wait_for_end() -> None:
    """Wait for SIGTERM or SIGINT."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
