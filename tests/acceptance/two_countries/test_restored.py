"""A country that comes back from an old backup, with processes of its own that are killed with -9: nothing is undone.

C31 as it happened: backup, three withdrawals and three corrections that the partner acknowledged, restore. The tables
and rules one by one are in `tests/integration/exchange/restoring/test_restored.py`.

The last file of the folder: it leaves Aruba in another database, with a log that is told no further.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from register.services.running import operate_database
from register.settings import Settings
from register.store.running.server.administration import administrator
from tests.acceptance.two_countries.deployment import AW, CW, Deployment, Site
from tests.acceptance.two_countries.invariants import wait_until_quiet
from tests.acceptance.two_countries.kills import Scene
from tests.acceptance.two_countries.load import Load, running
from tests.support.runs.long_form import by_form
from tests.support.started.processes import wait_until

WITHIN_S = 240.0
_HELD = (
    "SELECT object, version, live, commitment, body_sealed IS NULL, retain_until FROM rtr.received_record "
    "WHERE partner = 'AW' ORDER BY object"
)
_REMOVED = "SELECT count(*) FROM rtr.received_record WHERE partner = 'AW' AND NOT live"


@pytest.mark.slow
def test_restored_origin_undoes_nothing_abroad_at_whatever_moment_it_is_killed(scene: Scene, tmp_path: Path) -> None:
    drawn = random.Random(31)  # noqa: S311 - to be drawn again
    two = scene.two
    aruba, curacao = two[AW], two[CW]
    removed = curacao.number(_REMOVED)
    service = Load(aruba, seed=31)
    service.submit(8)
    wait_until_quiet(two)
    operator = replace(
        aruba.settings, database=replace(aruba.settings.database, admin_url=two.postgres.address().url())
    )
    words, tools = two.postgres.address().environment(), two.postgres.binaries.folder
    operate_database.backup(operator, AW, words, tools, tmp_path)
    for _ in range(3):
        service.withdraw(shareable=True)
        service.correct()
    wait_until_quiet(two)
    held, told = _rows(curacao, _HELD), aruba.number("SELECT tip_seq FROM rtr.log_head WHERE partner = 'CW'")
    assert curacao.number(_REMOVED) - removed == 3

    service.close()

    with _restored(two, operator, tmp_path) as back:
        before = back.number("SELECT tip_seq FROM rtr.log_head WHERE partner = 'CW'")
        assert before < told
        aruba.node.start()
        aruba.node.wait_until_ready()
        after = Load(aruba, seed=32)
        with running(after, pause_s=0.2):  # it takes reports all the while
            _kill_at_random(aruba, drawn)
            with aruba.client("aw-register") as here, curacao.client("cw-register") as there:
                wait_until(lambda: _sent(here).stopped == "origin-restored", "Aruba says so", within_s=WITHIN_S)
                wait_until(lambda: _received(there).set_back_at, "Curaçao says so", within_s=WITHIN_S)
                assert _sent(here).stopped_at is not None
                assert not _sent(here).converged
                assert (here.ready().ready, there.ready().ready) == (True, True)
            waiting = "SELECT count(*) FROM rtr.draft WHERE partner = 'CW' AND appended_seq IS NULL"
            wait_until(lambda: back.number(waiting), "something waits to be told", within_s=WITHIN_S)
        assert after.acknowledged
        after.close()
        assert back.number("SELECT count(*) FROM rtr.log_entry WHERE partner = 'CW'") == before, two.said()
    assert _rows(curacao, _HELD) == held, "nothing is undone at the partner"


def _kill_at_random(site: Site, drawn: random.Random) -> None:
    for _ in range(by_form(short=2, long=4)):
        time.sleep(drawn.uniform(0.0, 3.0))
        site.node.kill()
        site.node.start()
        # Not always waited for: a node may be killed before it serves, too.
        if drawn.random() < 0.7:
            site.node.wait_until_ready()
    site.node.wait_until_ready()


@contextmanager
def _restored(two: Deployment, operator: Settings, folder: Path) -> Iterator[Site]:
    """Bring Aruba back into a fresh database, to which its settings then point; its rows, past row security."""
    aruba = two[AW]
    aruba.node.kill()
    settings = replace(operator, database=replace(operator.database, name="aw_restored"))
    operate_database.migrate(settings)
    operate_database.restore(settings, AW, two.postgres.address().environment(), two.postgres.binaries.folder, folder)
    file = two.folder / "aw" / "settings.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count('name = "aw"') == 1
    file.write_text(text.replace('name = "aw"', 'name = "aw_restored"'), encoding="utf-8")
    with administrator(two.postgres.address().url(), "aw_restored") as rows_of:
        yield replace(aruba, settings=settings, rows_of=rows_of)


def _rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in site.rows(query)]


def _sent(client: Any) -> Any:
    return next(one.sent for one in client.partners().partners if one.partner is CW)


def _received(client: Any) -> Any:
    return next(one.received for one in client.partners().partners if one.partner is AW)
