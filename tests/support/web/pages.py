"""Pages for tests: Aruba and Curaçao in one database, each with its issuer and its application, really served.

People sign in with a password at their country's issuer, as they would. The clock can be moved on, to let a session
go idle; it never stands still, since tokens and cookies live by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

import httpx2
import sqlalchemy as sa

from api.http import app as application
from api.http.issuers import IssuerRegistry
from api.process.hosting import Address, HttpServer
from api.web.access.oidc import SignIn
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation
from register.services.access.admit import apply_authorisations
from register.settings import CountrySettings, Settings
from register.tls import trusted
from rtr_trial.embedded.identity_provider import issuer
from rtr_trial.embedded.identity_provider.code_flow import Login, PagesClient
from schemas.codes import Partition
from sync.protocol.documents.roster import Rosters
from tests.support.exchange.keepers import a_keeper, rosters_with
from tests.support.records.admitted import BY, TRAINED
from tests.support.started.processes import fresh_port
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
PASSWORD: Final = "a made-up password for tests"


@dataclass(frozen=True)
class Officer:
    """Somebody who signs in; `name` is what is typed, and the subject too."""

    name: str
    title: str
    organisation: str
    tasks: frozenset[Task]

    @property
    def country(self) -> Partition:
        return Partition(self.organisation[:2])


MOST: Final = frozenset(Task) - {Task.PROSECUTE, Task.AUDIT, Task.PRIVACY}
"""As much as one person can be authorised for: no gate is kept, and nobody is overseen, by whom it concerns."""
OFFICERS: Final = (
    Officer("aw-officer", "Officer at the desk", "AW-DIMAS", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer("aw-second", "Second officer", "AW-DIMAS", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer("aw-contact", "Contact point", "AW-CMMA", frozenset({Task.SUBMIT, Task.REGISTER, Task.READ_OWN})),
    Officer("aw-reader", "Reader", "AW-CMMA", frozenset({Task.READ_OWN})),
    Officer("aw-figures", "Statistician", "AW-CMMA", frozenset({Task.STATISTICS})),
    Officer("cw-figures", "Statistician in Willemstad", "CW-NCT", frozenset({Task.STATISTICS})),
    Officer("cw-contact", "Contact point in Willemstad", "CW-NCT", frozenset({Task.REGISTER})),
    Officer("aw-coordinator", "Coordinator", "AW-CMMA", frozenset({Task.SEARCH_SHARED, Task.READ_OWN})),
    Officer("aw-searcher", "Searcher elsewhere", "AW-JIUMM", frozenset({Task.SEARCH_SHARED})),
    Officer("cw-coordinator", "Coordinator in Willemstad", "CW-KPC", frozenset({Task.SEARCH_SHARED})),
    Officer("aw-unit", "Register unit", "AW-JIUMM", frozenset({Task.REGISTER, Task.ENRICH, Task.READ_OWN})),
    Officer("aw-gate", "Prosecutor", "AW-OM", frozenset({Task.PROSECUTE, Task.READ_OWN})),
    Officer("aw-privacy", "Privacy officer", "AW-CMMA", frozenset({Task.PRIVACY})),
    Officer("aw-interpol", "Interpol desk", "AW-INTERPOL", frozenset({Task.SEARCH_SHARED})),
    Officer("aw-bureau", "Victim bureau", "AW-VICTIM", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer("aw-school", "School", "AW-SCHOOL", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer(
        "aw-lead", "Coordinator of the day", "AW-CMMA", frozenset({Task.REGISTER, Task.SEARCH_SHARED, Task.READ_OWN})
    ),
    Officer("aw-all", "Everything at once", "AW-CMMA", MOST),
    Officer("cw-officer", "Officer in Willemstad", "CW-KPC", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer("nl-night", "Night shift at the border", "NL-KMAR", frozenset({Task.SUBMIT, Task.READ_OWN})),
    Officer("nl-gate", "Prosecutor in the Netherlands", "NL-OM", frozenset({Task.PROSECUTE, Task.READ_OWN})),
    Officer("bq-gate", "Prosecutor of the islands", "BQ-OM", frozenset({Task.PROSECUTE, Task.READ_OWN})),
    Officer("bq-unit", "Register unit of the islands", "BQ-KPCN", frozenset({Task.REGISTER, Task.CONSENT})),
    Officer("cw-all", "Everything at once in Willemstad", "CW-KPC", MOST),
)
STRANGER: Final = Login(name="stranger", password=PASSWORD, subject="stranger", title="Somebody")
"""Has a password and no authorisation."""


class MovedClock(SystemClock):
    """The machine's clock, so many seconds ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The machine's time, moved on."""
        return super().now() + self.ahead

    def move(self, seconds: float) -> None:
        """Move on."""
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Statements:
    """Counts what is said to the database."""

    count: int = 0

    def __call__(self, *_: object) -> None:
        self.count += 1


@dataclass
class Site:
    """One country's pages."""

    register: Register
    url: str
    issuer_url: str
    statements: Statements

    def door(self) -> SignIn:
        """A way to sign in of its own, for tests that look at its parts."""
        registry = IssuerRegistry([], monotonic=SystemClock().monotonic)
        return SignIn(self.register, registry)


@dataclass
class Pages:
    """Both countries, served."""

    world: World
    clock: MovedClock
    sites: dict[Partition, Site]

    def __getitem__(self, country: Partition) -> Site:
        return self.sites[country]


@contextmanager
def pages(
    prepare: Callable[[World, MovedClock], Mapping[Partition, Register]] | None = None,
    countries: tuple[Partition, ...] = (AW, CW),
    serving: tuple[Partition, ...] = (AW, CW),
    clock: MovedClock | None = None,
) -> Iterator[Pages]:
    """Serve the pages of Aruba and Curaçao while the block lasts.

    Args:
        prepare: gives registers to serve instead of the world's own, for instance with a search engine.
        countries: of the world.
        serving: those of them that have pages.
        clock: moved on already; the machine's if not given.
    """
    clock = clock or MovedClock()
    with ExitStack() as closing:
        ports = {country: fresh_port() for country in serving}
        issuers = {
            country: closing.enter_context(
                issuer.running(
                    country,
                    audience="regional-theme-register",
                    clients=[],
                    clock=clock,
                    environment="trial",
                    logins=[_login(one) for one in OFFICERS if one.country is country] + [STRANGER],
                )
            )
            for country in serving
        }

        def with_pages(settings: Settings) -> Settings:
            own = {c: CountrySettings(listen=f"127.0.0.1:{ports[c]}", issuer=issuers[c].url) for c in issuers}
            return replace(settings, country=own)

        made = closing.enter_context(world(countries=countries, clock=clock, change=with_pages))
        sites = {}
        served = made.registers if prepare is None else {**made.registers, **prepare(made, clock)}
        for country, issued in issuers.items():
            register = served[country]
            apply_authorisations(register, [_grant(one) for one in OFFICERS if one.country is country], by=BY)
            registry = IssuerRegistry([issued.as_issuer()], monotonic=clock.monotonic)
            closing.callback(registry.close)
            app = application.create(register, registry, _rosters)
            server = HttpServer(app, Address("127.0.0.1", ports[country]), name=country)
            key = register.keys.pages_client.public()
            address = f"http://127.0.0.1:{ports[country]}"
            issued.admit(
                PagesClient(client_id="rtr-pages", keys={key.thumbprint(): key}, redirect_uri=f"{address}/signed-in")
            )
            statements = Statements()
            sa.event.listen(register.database._engine("api"), "before_cursor_execute", statements)
            server.start()
            closing.callback(server.stop)
            sites[country] = Site(register, address, issued.url, statements)
        yield Pages(made, clock, sites)


class Browserless:
    """Somebody at the pages without a browser: keeps cookies, follows nothing unasked, sends what it is told to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self._http = httpx2.Client(verify=trusted(), follow_redirects=False, trust_env=False, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Ask for a page; a path of ours, or a whole address."""
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str | list[str]] | None = None, **headers: str) -> httpx2.Response:
        """Send a form as a browser on our own page does; headers may say otherwise."""
        ours = {"origin": self.url, "sec_fetch_site": "same-origin"}
        return self._send("POST", path, fields or {}, ours | headers)

    def sign_in(self, name: str, *, then: str = "/", password: str = PASSWORD) -> httpx2.Response:
        """Go through the provider's form; return the answer that the pages then give."""
        asked = self.get(f"/sign-in?next={then}")
        form = httpx2.URL(asked.headers["location"])
        fields = dict(form.params) | {"name": name, "password": password}
        back = self._http.post(str(form.copy_with(query=None)), data=fields)
        return self.get(back.headers["location"]) if "location" in back.headers else back

    def _send(
        self, method: str, path: str, fields: dict[str, str | list[str]] | None, headers: dict[str, str]
    ) -> httpx2.Response:
        address = path if path.startswith("http") else self.url + path
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        answer = self._http.request(
            method, address, data=fields, headers=sent | ({"cookie": cookies} if cookies else {})
        )
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer


def _rosters() -> Rosters:
    """The pages ask no partner; what they take in is signed by whoever keeps the exit gate."""
    return rosters_with(*(a_keeper(code, "prosecution") for code in ("AW-OM", "BQ-OM", "NL-OM")))


def _login(one: Officer) -> Login:
    return Login(name=one.name, password=PASSWORD, subject=one.name, title=one.title)


def _grant(one: Officer) -> Authorisation:
    return Authorisation(
        partition=one.country,
        actor=one.name,
        actor_kind="person",
        organisation=one.organisation,
        tasks=one.tasks,
        scope="all",
        begins=date(2025, 1, 1),
        training=TRAINED,
    )
