"""What stands below the story while the registers stay open: addresses, how to sign in, one ready line a persona.

Each line works as it is printed, in the folder where it was printed. Tokens for curl lie in files for their owner
only and are made fresh before they end.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from register.domain.partition import FACTS
from rtr_trial.demo.made_up.data import organisations, people
from rtr_trial.demo.scene import ORDER
from rtr_trial.demo.stage.folder import Folder, write_private
from rtr_trial.demo.stage.machine import Machine
from rtr_trial.demo.stage.personas import Persona
from rtr_trial.embedded.identity_provider.issuer import TOKEN_LIFETIME

_KNOWN_NUMBER: Final = "+1 721 555 0142"
_CASE: Final = "Z-2026-04"
RENEW_EVERY_S: Final = TOKEN_LIFETIME.total_seconds() / 2


@dataclass(frozen=True, slots=True)
class Ready:
    """One persona with what it may type.

    Attributes:
        page: where its browser begins.
        password: for the pages, with the persona's key as its name.
        curl: a command with its token.
        rtr: a command with its profile.
    """

    persona: str
    title: str
    page: str
    password: str = field(repr=False)
    curl: str
    rtr: str


def ready_lines(machine: Machine) -> list[Ready]:
    """One for each person of the open countries, in the order of the story."""
    people = [(one, one.password) for one in machine.people.values() if one.password is not None]
    people.sort(key=lambda pair: ORDER.index(pair[0].country))
    return [_build_ready(machine, one, password) for one, password in people]


def write_questions(machine: Machine) -> None:
    """Put the question of every coordinator where the rtr lines look for it: no word of it is on a command line."""
    for one in machine.people.values():
        if one.persona == "coordinator":
            held = f'case = "{_CASE}"\nphone = "{_KNOWN_NUMBER}"\n'
            write_private(_question_of(machine.folder, one), held)


def _question_of(folder: Folder, one: Persona) -> Path:
    return folder.profiles / f"{one.key}.question.toml"


def write_tokens(machine: Machine) -> None:
    """Put a fresh token of every persona and service where the curl lines look for it."""
    for one in machine.people.values():
        token = machine.issuers[one.country].mint(one.key)
        write_private(machine.folder.tokens / one.key, f"Authorization: Bearer {token}\n")


class Tokens:
    """Keeps the token files fresh, in a thread, until it is stopped."""

    def __init__(self, machine: Machine) -> None:
        """Write them, and begin."""
        self._machine = machine
        self._over = threading.Event()
        write_tokens(machine)
        self._thread = threading.Thread(target=self._renew, name="tokens", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(RENEW_EVERY_S):
            write_tokens(self._machine)


def farewell(machine: Machine) -> Iterator[str]:
    """The lines to print."""
    folder = machine.folder
    yield "The registers are open:"
    for country in ORDER:
        if country in machine.countries:
            url, issuer = machine.urls[country], machine.issuers[country].url
            yield f"  {FACTS[country].name:<24}{url}   signs in at {issuer}"
    yield f"  search engine           {machine.engine.url}   ({machine.order.engine} {machine.engine.version})"
    yield "The same addresses are the pages: open one in a browser on this machine and sign in with a name below."
    yield (
        f"Programs sign in with a key of their own, no password: profiles in {folder.shown(folder.profiles)}, "
        f"tokens for curl in {folder.shown(folder.tokens)}."
    )
    yield f"The node writes to {folder.shown(folder.node_log)}; operators: {_write_rtr_command(machine)} sync status"
    pairs = [(key.removesuffix("-2"), key) for key in machine.people if key.endswith("-register-2")]
    if pairs:
        yield (
            "Letting go of somebody protected takes two of a register unit: what one of "
            + " or of ".join(" and ".join(pair) for pair in pairs)
            + " says of a finding (/findings) the other says too; whoever entered her report may then object "
            "(from /to-do)."
        )
    for one in ready_lines(machine):
        yield one.title
        yield f"  {one.page}   name {one.persona}   password {one.password}"
        yield f"  {one.curl}"
        yield f"  {one.rtr}"


def _build_ready(machine: Machine, one: Persona, password: str) -> Ready:
    folder = machine.folder
    url, path, command = machine.urls[one.country], *_first_thing(folder, one)
    token, profile = shlex.quote(folder.shown(folder.tokens / one.key)), folder.profiles / f"{one.key}.toml"
    return Ready(
        persona=one.key,
        title=one.title,
        page=f"{url}{_first_page(one)}",
        password=password,
        curl=f"curl -sS --fail -H @{token}{_write_stated_headers(one)} {shlex.quote(f'{url}{path}')}",
        rtr=f"{_find_program()} --profile {shlex.quote(folder.shown(profile))} {command}",
    )


def _first_thing(folder: Folder, one: Persona) -> tuple[str, str]:
    """An address and a command that this kind of user begins his day with."""
    match one.persona:
        case "coordinator":
            asks = shlex.quote(folder.shown(_question_of(folder, one)))
            return "/v1/hits?limit=5", f"search {asks} --basis {_basis_of(one)}"
        case "register-unit" | "officer":
            return "/v1/signals?limit=5", "signal list"
        case "statistics":
            return "/v1/statistics/owner?year=2023", "stats owner --year 2023"
        case "approver":
            return "/v1/releases", "stats release"
        case "privacy-officer":
            return "/v1/alarms", "privacy alarms"
        case _:
            return "/v1/me", "me"


def _write_stated_headers(one: Persona) -> str:
    """The headers in which a coordinator says on what ground he looks at hits."""
    if one.persona != "coordinator":
        return ""
    stated = {"RTR-Purpose": "COORDINATE", "RTR-Legal-Basis": _basis_of(one), "RTR-Case": _CASE}
    return "".join(f" -H {shlex.quote(f'{name}: {value}')}" for name, value in stated.items())


def _basis_of(one: Persona) -> str:
    own = next(o for p in people() if p.key == one.key for o in organisations() if o.code == p.organisation)
    return str(own.legal_basis)


def _first_page(one: Persona) -> str:
    """The page that this kind of user begins his day with."""
    return {
        "approver": "/figures",
        "coordinator": "/search",
        "officer": "/report",
        "privacy-officer": "/privacy",
        "register-unit": "/ours",
        "statistics": "/figures",
    }.get(one.persona, "/")


def _write_rtr_command(machine: Machine) -> str:
    return f"{_find_program()} --config {shlex.quote(machine.folder.shown(machine.folder.settings))}"


def _find_program() -> str:
    """How `rtr` is called here: by its name where that finds this very program, else by its path."""
    beside = Path(sys.executable).with_name("rtr")
    found = shutil.which("rtr")
    if found is not None and Path(found).resolve() == beside.resolve():
        return "rtr"
    return shlex.quote(_shorten_path(beside))


def _shorten_path(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
