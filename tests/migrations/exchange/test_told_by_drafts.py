"""What partners have is in the drafts alone; the way back makes of them what the older release reads."""

from __future__ import annotations

from register.services.running import operate_database
from register.settings import Settings
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move

BEFORE = "2026_11_30_50"
_DRAFT = (
    "INSERT INTO rtr.draft (country, id, partner, object, version, type, schema, commitment, mark, made_at, "
    "appended_inc, appended_seq) VALUES "
    "('AW', gen_random_uuid(), '{partner}', '{about}', {version}, '{type}', 's', '', '', now(), 1, {seq})"
)
_A, _B = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"


def test_older_release_finds_of_each_object_the_last_word_and_what_receipts_cover(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    with _connection(fresh) as connection:
        for partner, about, version, kind, seq in (
            ("CW", _A, 1, "indicator.put", 1),
            ("CW", _A, 2, "indicator.retract", 3),
            ("CW", _B, 1, "indicator.put", 2),
            ("SX", _B, 1, "indicator.put", "NULL"),
        ):
            statement = _DRAFT.format(partner=partner, about=about, version=version, type=kind, seq=seq)
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "INSERT INTO rtr.receipt_got (country, partner, incarnation, n, jws, claims, got_at, applied_to) "
            "VALUES ('AW', 'CW', 1, 1, 'x', '{}', now(), 2)"
        )
        connection.commit()
    _move(fresh, BEFORE)
    with _connection(fresh) as connection:
        found = connection.exec_driver_sql(
            "SELECT partner, object::text, version, seq, live, acked_version FROM rtr.sent_object ORDER BY 1, 2"
        ).all()
    assert [tuple(row) for row in found] == [
        ("CW", _A, 2, 3, False, 1),
        ("CW", _B, 1, 2, True, 1),
        ("SX", _B, 1, None, True, None),
    ]
    operate_database.migrate(fresh)
    with _connection(fresh) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rtr.draft").scalar_one() == 4
