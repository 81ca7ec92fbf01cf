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


def test_way_back_over_the_day_keeps_rows_revives_no_session_and_numbers_nothing_that_was_put_aside(
    fresh: Settings,
) -> None:
    operate_database.migrate(fresh)
    with _connection(fresh) as connection:
        for about in (_A, _B):
            connection.exec_driver_sql(
                _DRAFT.format(partner="CW", about=about, version=1, type="indicator.put", seq="NULL")
            )
        connection.exec_driver_sql(
            f"UPDATE rtr.draft SET appended_inc = NULL, refused_at = now() WHERE object = '{_B}'"
        )
        connection.exec_driver_sql(
            "INSERT INTO rtr.page_session (country, token_hash, id, actor, shown, browser, system, acr, began_at, "
            "seen_at, ends_at, ended_at) SELECT 'AW', token, gen_random_uuid(), 'somebody', '', '', '', '', now(), "
            "now(), now() + interval '1 hour', ended "
            "FROM (VALUES ('\\x01'::bytea, NULL), ('\\x02'::bytea, now())) AS s(token, ended)"
        )
        connection.commit()
    _move(fresh, "2026_11_30_41")
    with _connection(fresh) as connection:
        sessions = connection.exec_driver_sql("SELECT token_hash FROM rtr.page_session").scalars().all()
        drafts = connection.exec_driver_sql("SELECT object::text FROM rtr.draft").scalars().all()
    assert ([bytes(one) for one in sessions], drafts) == ([b"\x01"], [_A])
    operate_database.migrate(fresh)
