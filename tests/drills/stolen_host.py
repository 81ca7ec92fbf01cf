"""Somebody carries a node's disk away: `python -m tests.drills stolen-host`.

Home, database, backup and log are copied as a thief would, and tried on another machine: first as they are, then with
the key store's passphrase beside them. By kind, the report says what opened; it fails where more opens than the guide
of operators says.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg

from register import bootstrap
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.keys.apart import COORDINATOR, persons_keys
from register.keys.home import SecretMissing, keystore_path, open_store, passphrase_file
from register.keys.keystore import KeyStoreError
from register.services.running import operate_database
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.settings import Settings
from rtr_trial.demo.made_up import data
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition
from tests.support.records.canaries import Needles
from tests.support.started import servers
from tests.support.told import share_all
from tests.support.world import World, world

AW: Final = Partition.AW
SERVER: Final = servers.apart("wheel")
CANARIES: Final = 40
# What the operator's guide says of a stolen disk: by kind, whether it opens without and with the passphrase.
SAID: Final = {
    "codes, times and who submitted, in the database": (True, True),
    "passwords of the database's roles": (True, True),
    "names, numbers and stories, in any file": (False, False),
    "pseudonyms to compare with those that a partner's node makes, in any file": (False, False),
    "names, numbers and stories, through the key store": (False, True),
    "signing keys and key shares of the node": (False, True),
    "keys of coordinators and keepers": (False, False),
}


def run(words: list[str]) -> int:
    """Run the drill, print its report as one line of JSON, and return 0 if nothing opened that should not."""
    argparse.ArgumentParser(prog="python -m tests.drills stolen-host", description=__doc__).parse_args(words)
    with node() as made:
        report = drill(made, lambda line: print(line, flush=True))
    print(json.dumps(report))
    return 1 if report["violations"] else 0


@contextmanager
def node() -> Iterator[World]:
    """A node as a production one lies on its disks: the passphrase elsewhere, no key of a person."""
    with tempfile.TemporaryDirectory() as elsewhere:

        def lay_out(settings: Settings) -> Settings:
            shutil.move(passphrase_file(settings, AW), elsewhere)
            for file in (settings.home / "keys").iterdir():
                if file != keystore_path(settings, AW):
                    file.unlink()
            for file in (settings.home / "secrets").glob("*.passphrase"):
                file.unlink()
            laid = replace(settings, passphrase_folder=elsewhere)
            open_store(laid, AW).destroy(COORDINATOR)
            return laid

        with world(server=SERVER, countries=(AW,), change=lay_out) as made:
            yield made


def drill(made: World, note: Callable[[str], None], *, most: int | None = None) -> dict[str, Any]:
    """Fill the node with the demo's reports, or with so many of them, steal its disk, try it in both ways."""
    reports = [s for s in data.signals() if s.country is AW][:most]
    reference = _fill(made, reports)
    pseudonyms = _pseudonyms(made)
    with tempfile.TemporaryDirectory() as den:
        disk = Path(den)
        _steal(made, disk)
        with _server_of(disk) as at:
            stolen = replace(made.settings, home=disk / "home", database=replace(made.settings.database, **at))
            shut = replace(stolen, passphrase_folder=str(disk / "nothing"))
            without, opened = (_opens(one, reports, reference, pseudonyms, disk) for one in (shut, stolen))
    violations = []
    for kind, said in SAID.items():
        found = (without[kind], opened[kind])
        note(f"{kind}: {_word(found[0])} without the passphrase, {_word(found[1])} with it")
        if found != said:
            violations.append(f"{kind}: opens {found}, and the guide says {said} (without, with the passphrase)")
    return {"without": without, "with": opened, "violations": violations}


def _fill(made: World, reports: list[data.DemoSignal]) -> SignalId:
    ids = []
    for n, signal in enumerate(reports):
        caller = made.caller(signal.organisation, Task.SUBMIT, Task.READ_OWN)
        ids.append(SignalId(record_signal(made[AW], caller, signal.form, f"k{n}").id))
    share_all(made[AW])
    return ids[0]


def _pseudonyms(made: World) -> list[bytes]:
    """Of all that is in the register: a thief with a partner's key has any of them made, within its limits."""
    with made[AW].work(made.worker(AW)) as work:
        own = [about for about, _ in work.signals.reports.references_after("", 1_000)]
        return sorted({one.token for about in own for one in work.signals.own_tokens.of(about)})


def _steal(made: World, disk: Path) -> None:
    """Copy what lies on the node's disk, as it lies there while it runs."""
    server, words = servers.server(SERVER), servers.address(SERVER).environment()
    operate_database.backup(made.settings, AW, words, server.binaries.folder, disk / "backup")
    with psycopg.connect(made.settings.database.admin_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    shutil.copytree(made.settings.home, disk / "home")
    shutil.copytree(server.data_dir, disk / "postgres", ignore=shutil.ignore_patterns("socket", "postmaster.pid"))


@contextmanager
def _server_of(disk: Path) -> Iterator[dict[str, Any]]:
    """The stolen database, running at the thief's."""
    with EmbeddedPostgres(disk / "postgres", environment="trial") as server:
        at = server.address()
        yield {"host": at.host, "port": at.port, "admin_url": at.url()}


def _opens(
    stolen: Settings, reports: list[data.DemoSignal], reference: SignalId, pseudonyms: list[bytes], disk: Path
) -> dict[str, bool]:
    opening, places = _with_what_opens(stolen, disk / "tried"), _places(stolen, disk)
    return dict(
        zip(
            SAID,
            (
                bool(_rows(stolen, "SELECT coded FROM rtr.signal LIMIT 1")),
                _lets_in(stolen),
                _holds_canaries(places, reports),
                _holds_pseudonyms(places, pseudonyms),
                opening is not None and _reads(opening, reference),
                opening is not None and any(n.startswith("share/") for n in open_store(opening, AW).names()),
                bool(list(persons_keys(disk / "home"))) or bool(list(persons_keys(disk / "backup"))),
            ),
            strict=True,
        )
    )


def _with_what_opens(stolen: Settings, tried: Path) -> Settings | None:
    """The settings under which the key store opens: by its passphrase, or by any other secret that lies on the disk."""
    file = passphrase_file(stolen, AW)
    for one in (file, *sorted((stolen.home / "secrets").iterdir())):
        if not one.is_file():
            continue
        tried.mkdir(exist_ok=True)
        shutil.copy(one, tried / file.name)
        opening = replace(stolen, passphrase_folder=str(tried))
        try:
            open_store(opening, AW)
        except (KeyStoreError, SecretMissing):
            continue
        return opening
    return None


def _reads(stolen: Settings, reference: SignalId) -> bool:
    register = bootstrap.open(stolen, AW)
    try:
        signal = next(s for s in data.signals() if s.country is AW)
        reader = World(stolen, {AW: register}).caller(signal.organisation, Task.READ_OWN)
        return read_signal(register, reader, reference).form == signal.form
    finally:
        register.close()


def _rows(stolen: Settings, query: str) -> list[tuple[Any, ...]]:
    database = stolen.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        return connection.execute(query.encode()).fetchall()


def _lets_in(stolen: Settings) -> bool:
    password = stolen.secret("rtr_aw_api.password").read_text(encoding="ascii").strip()
    at = stolen.database
    with psycopg.connect(host=at.host, port=at.port, dbname=at.name, user="rtr_aw_api", password=password) as entered:
        return entered.execute("SELECT count(*) > 0 FROM rtr.signal").fetchone() == (True,)


def _places(stolen: Settings, disk: Path) -> list[bytes]:
    """What a thief looks through: each file, the server's log, and each table as text."""
    files = [f for folder in ("home", "backup") for f in (disk / folder).rglob("*") if f.is_file()]
    places = [file.read_bytes() for file in (*files, disk / "postgres" / "server.log")]
    tables = _rows(
        stolen, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'rtr'::regnamespace"
    )
    return places + [repr(_rows(stolen, f"SELECT t::text FROM {table} t")).encode() for (table,) in tables]


def _holds_canaries(places: list[bytes], reports: list[data.DemoSignal]) -> bool:
    planted = {c for s in reports for c in data.canaries() if c in s.form.model_dump_json()}
    needles = Needles(sorted(planted)[:CANARIES])
    assert planted, "nothing was planted, so nothing could be found"
    return any(needles.found_in(place) for place in places)


def _holds_pseudonyms(places: list[bytes], pseudonyms: list[bytes]) -> bool:
    assert pseudonyms, "none was made, so none could be found"
    forms = [
        form
        for one in pseudonyms
        for form in (one, one.hex().encode(), b64encode(one).rstrip(b"="), urlsafe_b64encode(one).rstrip(b"="))
    ]
    return any(form in place for place in places for form in forms)


def _word(opens: bool) -> str:  # noqa: FBT001 - what is said in a word
    return "opens" if opens else "does not open"
