"""What the log-in of the pages and the API cannot say on its own, whoever holds it."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from register.domain.access.caller import Task
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.support.forms import a_form
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW
CHILD = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Nena Ficticia",
         "birth": {"year": 2015, "month": 5, "day": 6}}  # fmt: skip


@pytest.fixture(scope="module")
def report(two: World) -> str:
    """A report of a child, with a number beside her that is withheld because of her."""
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    number = [{"type": "PHONE", "value": "+297 000 0811"}]
    made = record_signal(two[AW], officer, a_form(subjects=[CHILD | {"selectors": number}], selectors=[]), "stolen")
    him = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Ralf Ficticio", "selectors": number}
    record_signal(two[AW], officer, a_form(subjects=[him], selectors=[]), "asked")
    with two[AW].work(officer) as work:
        work.search_budgets.count("person", "officer", two[AW].today(), 7)
    share_all(two[AW])
    return str(made.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rtr.token SET withheld_by = NULL WHERE signal_id = :id",
        "UPDATE rtr.protection SET lifted_by = gen_random_uuid() WHERE signal_id = :id",
        (
            "INSERT INTO rtr.protection SELECT country, signal_id, subject_n, 'X', at, gen_random_uuid() "
            "FROM rtr.protection WHERE signal_id = :id"
        ),
        "UPDATE rtr.search_spent SET spent = spent - 1",
        (
            "INSERT INTO rtr.search_spent SELECT country, budget, name, day, 0 FROM rtr.search_spent "
            "ON CONFLICT (country, budget, name, day) DO UPDATE SET spent = excluded.spent"
        ),
        "UPDATE rtr.finding SET decision = 'KEEP', decided_at = now(), decided_by = 'unit' WHERE signal_id <> :id",
        "UPDATE rtr.finding SET decision = 'KEEP', decided_at = now(), version = version + 1 WHERE signal_id <> :id",
        "UPDATE rtr.finding SET proposed = 'KEEP', version = version + 1 WHERE signal_id <> :id",
        (
            "INSERT INTO rtr.finding SELECT country, gen_random_uuid(), asked, signal_id, subject_n + 1, because_id, "
            "because_n, family, blind, urgency, opened_at, version, 'KEEP', NULL, now(), 'unit', NULL, NULL "
            "FROM rtr.finding WHERE signal_id <> :id"
        ),
    ],
)
def test_the_log_in_of_the_api_can_neither_publish_a_withheld_key_nor_lift_a_protection_by_itself(
    two: World, report: str, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(statement), {"id": report})


@pytest.mark.parametrize("column", ["sealed", "plain", "blind", "data_key"])
def test_the_log_in_of_the_api_can_put_no_pseudonym_in_the_place_of_another(
    two: World, report: str, column: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(f"UPDATE rtr.token SET {column} = NULL WHERE signal_id = :id"), {"id": report})


def test_the_log_in_of_the_api_cannot_delete_what_protects_while_anything_of_the_report_can_be_read(
    two: World, report: str
) -> None:
    with two[AW].database.transaction("api") as connection:
        connection.execute(sa.text("DELETE FROM rtr.protection_aw WHERE signal_id = :id"), {"id": report})
        left = connection.execute(sa.text("SELECT count(*) FROM rtr.protection WHERE signal_id = :id"), {"id": report})
        assert left.scalar_one() > 0


def test_a_question_that_nobody_or_the_asker_answered_lifts_nothing(two: World, report: str) -> None:
    ask = sa.text(
        "INSERT INTO rtr.lifting (country, id, signal_id, subject_n, protection, because, asked_by, asked_for, "
        "asked_at, second, state, version, decided_by) SELECT country, gen_random_uuid(), signal_id, subject_n, "
        "reason, 'X', 'thief', 'AW-DIMAS', now(), 'AW-VICTIM', 'LIFTED', 2, CAST(:by AS text) FROM rtr.protection "
        "WHERE signal_id = :id"
    )
    lift = sa.text(
        "UPDATE rtr.protection p SET lifted_by = l.id FROM rtr.lifting l "
        "WHERE l.signal_id = p.signal_id AND l.protection = p.reason AND p.signal_id = :id"
    )

    def lifted(by: str | None) -> None:
        with two[AW].database.transaction("api") as connection:
            connection.execute(ask, {"id": report, "by": by})
            connection.execute(lift, {"id": report})

    for by in (None, "thief"):
        with pytest.raises(ProgrammingError, match="row-level security"):
            lifted(by)
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        found = connection.execute("SELECT count(*), count(lifted_by) FROM rtr.protection").fetchone()
    assert found is not None
    assert found[0] > 0
    assert found[1] == 0
