"""A retract that a put hid is open again after the migration; what receipts listed is done, and both ways back hold."""

from __future__ import annotations

from register.services.running import operate_database
from register.settings import Settings
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move

_DRAFT = (
    "INSERT INTO rtr.draft (country, id, partner, object, version, type, schema, commitment, made_at, due_at, "
    "appended_inc, appended_seq) "
    "VALUES ('AW', gen_random_uuid(), 'CW', '{about}', {version}, '{type}', 's', '', now(), {due}, 1, {seq})"
)
_A, _B = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"


def test_retracts_of_an_older_release_are_open_but_for_those_that_a_receipt_listed(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    _move(fresh, "2026_11_30_19")
    with _connection(fresh) as connection:
        for about, version, kind, due, seq in (
            (_A, 1, "indicator.put", "NULL", 1),
            (_A, 2, "indicator.retract", "now()", 2),
            (_A, 3, "indicator.put", "NULL", 3),
            (_B, 1, "indicator.put", "NULL", 4),
            (_B, 2, "indicator.retract", "now()", 5),
        ):
            statement = _DRAFT.format(about=about, version=version, type=kind, due=due, seq=seq)
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "INSERT INTO rtr.sent_object (country, partner, object, version, commitment, seq, live, due_at, done_n) "
            f"VALUES ('AW', 'CW', '{_A}', 3, '', 3, true, NULL, NULL), ('AW', 'CW', '{_B}', 2, '', 5, false, now(), 7)"
        )
        connection.exec_driver_sql(
            "INSERT INTO rtr.receipt_got (country, partner, incarnation, n, jws, claims, got_at, applied_to) VALUES "
            """('AW', 'CW', 1, 7, 'x', '{"retracted_done": [5]}', now(), 5)"""
        )
        connection.commit()
    operate_database.migrate(fresh)
    with _connection(fresh) as connection:
        found = connection.exec_driver_sql("SELECT appended_seq, done_n FROM rtr.draft ORDER BY 1").all()
    assert [tuple(row) for row in found] == [(1, None), (2, None), (3, None), (4, None), (5, 7)]

    _move(fresh, "2026_11_30_19")
    with _connection(fresh) as connection:
        found = connection.exec_driver_sql(
            "SELECT live, due_at IS NULL, done_n FROM rtr.sent_object ORDER BY live"
        ).all()
    assert [tuple(row) for row in found] == [(False, False, 7), (True, True, None)]
