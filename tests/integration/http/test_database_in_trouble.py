"""The database fails in the middle of a request: the caller is told to come back, and nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from schemas.codes import Partition
from tests.integration.http.doors import Doors, a_key, question
from tests.integration.store.isolation.matrix import admin

AW = Partition.AW
DISK_FULL = "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'"
SESSION_KILLED = "PERFORM pg_terminate_backend(pg_backend_pid(), 5000)"
REFUSED = "RAISE EXCEPTION 'no such leaf'"


@contextmanager
def audit_insert_fails(doors: Doors, how: str) -> Iterator[None]:
    """From now on the server does this where a leaf is inserted: it fails by itself, within the transaction."""
    with psycopg.connect(admin(doors.world), autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"AS $$ BEGIN {how}; RETURN NEW; END $$".encode()
        )
        connection.execute(
            "CREATE TRIGGER trouble BEFORE INSERT ON rtr.audit_leaf_aw FOR EACH ROW EXECUTE FUNCTION public.trouble()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER trouble ON rtr.audit_leaf_aw")
            connection.execute("DROP FUNCTION public.trouble()")


@pytest.mark.parametrize(
    ("how", "code"),
    [(DISK_FULL, "database-full"), (SESSION_KILLED, "database-unavailable"), (REFUSED, "audit-not-written")],
)
def test_a_database_that_fails_in_mid_request_is_a_503_and_the_same_request_is_taken_once_it_is_back(
    doors: Doors, how: str, code: str
) -> None:
    key = a_key()
    before = _signals(doors)
    with audit_insert_fails(doors, how):
        failed = doors.submit(key=key)
        asked = doors.send("POST", "/v1/searches", "coordinator", question())
    for answer in (failed, asked):
        assert answer.status_code == 503
        assert answer.json()["code"] == code
        assert "could not extend" not in answer.text
        assert "audit_leaf" not in answer.text
    assert _signals(doors) == before
    assert doors.submit(key=key).status_code == 201
    assert doors.submit(key=key).status_code == 201
    assert _signals(doors) == before + 1


def _signals(doors: Doors) -> int:
    with psycopg.connect(admin(doors.world)) as connection:
        row = connection.execute("SELECT count(*) FROM rtr.signal WHERE country = 'AW'").fetchone()
    assert row is not None
    return int(row[0])


def test_report_whose_content_is_damaged_cannot_be_read_and_is_withdrawn_all_the_same(doors: Doors) -> None:
    made = doors.signal()
    with psycopg.connect(admin(doors.world)) as connection:
        spoilt = "UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE id = %s"
        connection.execute(spoilt.encode(), (made["id"],))
    assert doors.send("GET", f"/v1/signals/{made['id']}").json()["code"] == "field-seal-broken"
    back = {"reason": "She is in danger.", "code": "withdrawn"}
    answer = doors.send("POST", f"/v1/signals/{made['id']}/withdrawal", "service", back, If_Match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json()["reference"], "form" in answer.json()) == (made["reference"], False)
    again = doors.send("POST", f"/v1/signals/{made['id']}/withdrawal", "service", back, If_Match='"2"')
    assert (again.status_code, again.json()["code"]) == (409, "already-withdrawn")
