"""An operator lets organisations and people in by a file: as a whole or not at all, noted, and never by a door."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy.exc import ProgrammingError
from typer.testing import Result

from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Authorisation
from register.services.access.admit import ListHasFaults, apply_authorisations
from register.services.access.identify_caller import NoAuthorisation, identify_caller
from schemas.codes import Partition
from tests.integration.services.running.test_operators_log import calling
from tests.support.records.admitted import BY, TRAINED
from tests.support.world import World, world
from tests.unit.api.cli.desk import document

AW, CW = Partition.AW, Partition.CW
Call = Callable[..., Result]
ORGANISATIONS = """
country = "AW"

[[organisation]]
code = "AW-NEW"
name = "New service"
kind = "ngo"
legal_profile = "non-police"
begins = 2026-01-01
[organisation.profile]
legal_basis = "AW_NONPOLICE"
purpose = "PROTECT_VICTIM"
evaluation = { scheme = "4x4", source = "B", information = "2" }
handling = "H1"
visibility = "V1"
retention = "NON_POLICE"
acquisition = "TOLD"
contact = "New desk"
routes = ["legal"]
[[organisation.unit]]
name = "New desk"
begins = 2026-01-01
[[organisation.unit.address]]
use = "mail"
address = "desk@example.aw"
confirmed_on = 2026-02-01
"""
AUTHORISATIONS = """
country = "AW"

[[authorisation]]
actor = "s-4711"
kind = "person"
organisation = "AW-NEW"
tasks = ["SUBMIT", "READ_OWN"]
begins = 2026-01-01
training = { which = "Working with the register", on = 2025-12-01, until = 2099-12-31 }
"""


@pytest.fixture
def here() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def apply(here: World, tmp_path: Path) -> Call:
    operator = calling(here.settings, tmp_path)

    def call(what: str, text: str, *words: str) -> Result:
        file = tmp_path / "list.toml"
        file.write_text(text)
        return operator(what, "apply", str(file), *words)

    return call


def rows(here: World, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(
        here.settings.database.admin_url, dbname=here.settings.database.name, row_factory=dict_row
    ) as connection:
        return connection.execute(query.encode()).fetchall()


def state(here: World) -> list[dict[str, Any]]:
    return [
        row
        for table in ("organisation", "contact_unit", "authorisation", "organisation_list", "audit_leaf")
        for row in rows(here, f"SELECT * FROM rtr.{table} ORDER BY 1, 2")
    ]


def test_organisation_and_person_come_in_by_two_files_and_may_then_do_what_the_files_say(
    here: World, apply: Call
) -> None:
    with pytest.raises(NoAuthorisation):
        identify_caller(here[AW], "s-4711")
    assert apply("organisation", ORGANISATIONS).exit_code == 0
    assert apply("authorisation", AUTHORISATIONS).exit_code == 0
    caller = identify_caller(here[AW], "s-4711")
    assert (caller.organisation, caller.tasks) == ("AW-NEW", frozenset({Task.SUBMIT, Task.READ_OWN}))


def test_a_dry_run_says_what_would_change_and_changes_nothing(here: World, apply: Call) -> None:
    before = state(here)
    result = apply("organisation", ORGANISATIONS, "--dry-run")
    assert result.exit_code == 0
    assert "Would be: 2 added, 0 changed, 0 ended, 0 unchanged." in result.stdout
    assert "kind: ngo" in result.stdout
    assert "Nothing was changed." in result.stdout
    assert state(here) == before


def test_the_same_file_again_changes_nothing_but_the_leaf_that_says_so(here: World, apply: Call) -> None:
    apply("organisation", ORGANISATIONS)
    number = rows(here, "SELECT number FROM rtr.organisation_list WHERE country = 'AW'")
    again = document(apply("organisation", ORGANISATIONS, "--json"))
    assert again["counts"] == {"added": 0, "changed": 0, "ended": 0, "unchanged": 2}
    assert rows(here, "SELECT number FROM rtr.organisation_list WHERE country = 'AW'") == number


def test_one_fault_keeps_the_whole_file_out_and_is_named_by_its_line(here: World, apply: Call) -> None:
    before = state(here)
    second = ORGANISATIONS.replace('country = "AW"\n', "").replace("AW-NEW", "CW-OTHER").replace("New desk", "Other")
    result = apply("organisation", ORGANISATIONS + second)
    assert result.exit_code == 1
    line = (ORGANISATIONS + second).splitlines().index('code = "CW-OTHER"') + 1
    assert f"line {line}, organisation 2, code: Organisations of AW have a code that begins with AW-" in result.stderr
    assert "What to do: Correct the lines named" in result.stderr
    assert state(here) == before


def test_a_file_of_another_form_names_each_line(apply: Call) -> None:
    result = apply(
        "authorisation", AUTHORISATIONS.replace('"READ_OWN"', '"EVERYTHING"').replace("s-4711", "Jan Jansen")
    )
    assert result.exit_code == 1
    assert "line 5, authorisation 1, actor" in result.stderr
    assert "line 8, authorisation 1, tasks" in result.stderr
    assert "Jansen" not in result.stderr


def test_a_list_of_another_country_is_refused(apply: Call) -> None:
    result = apply("organisation", ORGANISATIONS.replace("AW", "SX"))
    assert result.exit_code == 1
    assert "(country-not-hosted)" in result.stderr


def test_who_was_let_in_goes_at_the_end_and_stays_on_record(here: World, apply: Call) -> None:
    apply("organisation", ORGANISATIONS)
    apply("authorisation", AUTHORISATIONS)
    yesterday = here[AW].today() - timedelta(days=1)
    ended = apply("authorisation", AUTHORISATIONS.replace("training", f"ends = {yesterday}\ntraining"))
    assert "1 ended" in ended.stdout
    with pytest.raises(NoAuthorisation):
        identify_caller(here[AW], "s-4711")
    (row,) = rows(here, "SELECT * FROM rtr.authorisation WHERE actor = 's-4711'")
    assert (row["begins"], row["ends"], row["training"]) == (date(2026, 1, 1), yesterday, "Working with the register")


def test_who_applied_what_is_in_the_log(here: World, apply: Call) -> None:
    apply("organisation", ORGANISATIONS)
    apply("authorisation", AUTHORISATIONS)
    leaves = [
        row["commitment"]
        for row in rows(here, "SELECT commitment FROM rtr.audit_leaf WHERE country = 'AW' ORDER BY id")
        if row["commitment"]["facts"].get("uid") == os.getuid()
    ]
    assert [(leaf["action"], leaf["about"]) for leaf in leaves] == [
        ("organisations.applied", "-"),
        ("organisation.added", "AW-NEW"),
        ("unit.added", "New desk"),
        ("authorisations.applied", "-"),
        ("authorisation.added", "-"),
    ]
    assert {leaf["actor"] for leaf in leaves} == {"system:worker"}
    assert leaves[-1]["facts"] | {"sha256": ""} == {
        "of": "s-4711", "at": "AW-NEW", "tasks": ["READ_OWN", "SUBMIT"], "begins": "2026-01-01", "ends": None,
        "uid": os.getuid(), "sha256": "",
    }  # fmt: skip
    assert len(leaves[-1]["facts"]["sha256"]) == 64


def test_the_number_of_the_list_rises_with_every_change(here: World, apply: Call) -> None:
    def number() -> int:
        (row,) = rows(here, "SELECT number FROM rtr.organisation_list WHERE country = 'AW'")
        return int(row["number"])

    seen = [number()]
    for kind in ("ngo", "helpline", "ngo"):
        apply("organisation", ORGANISATIONS.replace('kind = "ngo"', f'kind = "{kind}"'))
        seen.append(number())
    assert seen == sorted(set(seen))
    reads = AUTHORISATIONS.replace('"SUBMIT"', '"STATISTICS"').replace("s-4711", "s-4712")
    assert reads.count("STATISTICS") == 1
    apply("authorisation", reads)
    assert number() == seen[-1], "who neither reports nor searches is nobody's business abroad"
    apply("authorisation", AUTHORISATIONS)
    assert number() > seen[-1], "evaluators are told who may ask them"


def test_no_door_lets_anybody_in(here: World) -> None:
    """The role of the API reads these tables and writes none of them, whatever a caller may do."""
    caller = Caller(partition=AW, function="api", kind="person", actor="t", organisation="AW-OM", tasks=frozenset(Task))
    grant = Authorisation(
        partition=AW, actor="mallory", actor_kind="person", organisation="AW-OM", tasks=frozenset({Task.AUDIT}),
        scope="all", begins=date(2026, 1, 1), training=TRAINED,
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="permission denied"), here[AW].work(caller) as work:
        work.access.organisations.authorise([grant])
    with pytest.raises(ProgrammingError, match="permission denied"), here[AW].work(caller) as work:
        work.access.organisations.number_list(1)


def test_two_lists_do_not_bring_together_what_excludes(here: World) -> None:
    grant = Authorisation(
        partition=AW, actor="s-1", actor_kind="person", organisation="AW-OM", tasks=frozenset({Task.PROSECUTE}),
        scope="all", begins=date(2026, 1, 1), training=TRAINED,
    )  # fmt: skip
    apply_authorisations(here[AW], [grant], by=BY)
    with pytest.raises(ListHasFaults) as refused:
        apply_authorisations(
            here[AW], [replace(grant, tasks=frozenset({Task.CONSENT}), begins=date(2026, 2, 1))], by=BY
        )
    assert "PROSECUTE and CONSENT exclude each other" in refused.value.faults[0].says
