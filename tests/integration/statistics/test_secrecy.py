"""What must not leave a country: its true counts, its rounding key, and what either could be found from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from register.errors import OperatorError
from register.services.statistics.shown import own_contribution_out, release_out
from register.statistics.attacks.harness import a9_bytes
from register.statistics.catalogue import default_catalogue
from register.statistics.rules.rounding import derive_seeds
from register.statistics.tables import Table
from register.store.running.server.administration import administrator
from register.store.running.server.rls import tenant_tables
from schemas.canonical import dumps_plain
from schemas.statistics.entry import StatementKind
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import (
    AW,
    BQ,
    BY_SOURCE,
    BY_TYPE,
    CW,
    NL,
    SX,
    draft,
    exchange,
    freeze,
    give,
    somebody,
)

_BYTEA = re.compile(r"\\\\?x([0-9a-f]{16,})")


def exact_of(node: Node, table: str) -> Table:
    """The node's own figures at its contribution: the owner can read them."""
    definition = default_catalogue().tables[table]
    with node.register.work(somebody(node, "reader")) as work:
        members = work.statistics.statements.bases(f"{table}|{definition.version}|2023")[-1].exact
    assert members is not None
    return Table(tuple(members["rows"]), tuple(members["columns"]), tuple(map(tuple, members["cells"])))


def secrets_of(node: Node) -> Iterator[bytes]:
    """The key, the seeds, the hash of each exact table, and the table as it is spelled."""
    key = node.register.keys.rounding
    yield key
    for name in (BY_TYPE, BY_SOURCE):
        definition, exact = default_catalogue().tables[name], exact_of(node, name)
        by = derive_seeds(key, definition.name, definition.population.name, "2023", exact)
        yield by.table
        yield by.total
        yield hashlib.sha256(dumps_plain([exact.rows, exact.columns, exact.cells])).digest()
        yield dumps_plain(exact.cells)


def columns(net: Net) -> bytes:
    """Every row of every table as text, and beside it the bytes of its columns."""
    database = net.world.settings.database
    found: list[bytes] = []
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        for table in tenant_tables():
            for (text,) in connection.execute(sa.text(f"SELECT t::text FROM {table.key} t")):
                found.append(text.encode())
                found += [bytes.fromhex(h[: len(h) // 2 * 2]) for h in _BYTEA.findall(text)]
    return b"\n".join(found)


def test_no_true_table_seed_or_key_is_in_any_row_page_output_or_log(
    five: Net, capfd: pytest.CaptureFixture[str]
) -> None:
    outputs: list[bytes] = []
    for node in five.nodes.values():
        outputs += [own_contribution_out(give(node, t)).model_dump_json().encode() for t in (BY_TYPE, BY_SOURCE)]
    exchange(five)
    frozen = freeze(five[AW], draft(five[AW], BY_TYPE))
    outputs += [release_out(frozen).model_dump_json().encode(), frozen.release.canonical()]
    pages = []
    for node in five.nodes.values():
        with node.register.work(node.caller()) as work:
            entries, _ = work.exchange.log.entries(
                NL if node.country is not NL else AW, 1, after=0, to=99, max_bytes=10**7
            )
        pages += [entry.body or b"" for entry in entries]
    assert len(pages) >= 10
    log = "".join(capfd.readouterr()).encode()
    files = {"rows": columns(five), "outputs": b"\n".join(outputs), "pages": b"\n".join(pages), "log": log}
    for node in five.nodes.values():
        found = list(secrets_of(node))
        assert a9_bytes(files, found) == [], node.country
        # The needle has the form in which it would lie there.
        assert a9_bytes({"basis": json.dumps(exact_of(node, BY_TYPE).cells, separators=(",", ":")).encode()}, found)


def test_what_a_partner_holds_of_a_country_is_rounded(five: Net) -> None:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    exchange(five)
    with five[CW].register.work(somebody(five[CW], "reader")) as work:
        kept = [row for row in work.statistics.statements.all(StatementKind.CONTRIBUTION) if row.origin is not CW]
    assert {row.origin for row in kept} == {AW, BQ, NL, SX}
    for row in kept:
        said = json.loads(row.body)
        numbers = [said["total"], said["pooled"], *(n for line in said["cells"] or [] for n in line)]
        assert all(n % 3 == 0 for n in numbers if n is not None)


def test_the_owners_figures_are_no_business_of_another_role(five: Net) -> None:
    give(five[AW], BY_TYPE)
    with five[CW].register.database.transaction("api") as connection:
        query = "SELECT count(*) FROM rtr.contribution_basis"
        assert connection.exec_driver_sql(query).scalar_one() == 0
    for country, function in ((AW, "worker"), (AW, "auditor")):
        with (
            pytest.raises((sa.exc.ProgrammingError, OperatorError)),
            five[country].register.database.transaction(function) as connection,
        ):
            connection.exec_driver_sql("SELECT 1 FROM rtr.contribution_basis")
