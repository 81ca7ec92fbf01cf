"""The releases of a register are read page by page, each once, in one order."""

from __future__ import annotations

import pytest

from register.domain.paging import BadCursor
from register.domain.statistics.rows import ReleaseRow
from register.services.statistics.releases.releases import list_releases, page_of_releases
from register.statistics.definition import Tier
from tests.integration.exchange.net import Net
from tests.integration.statistics.scene import AW, BY_SOURCE, BY_TYPE, draft, give, somebody


def test_pages_together_are_the_list_and_the_last_has_no_next(five: Net) -> None:
    node, reader = five[AW], somebody(five[AW], "reader")
    for table in (BY_TYPE, BY_SOURCE):
        give(node, table)
        for tier in (Tier.WORKING_GROUP, Tier.PUBLIC):
            draft(node, table, tier)
    whole = list_releases(node.register, reader)
    assert len(whole) == 4
    seen: list[ReleaseRow] = []
    cursor: str | None = None
    for size in (3, 1):
        rows, cursor = page_of_releases(node.register, reader, cursor=cursor, limit=3)
        assert (len(rows), cursor is None) == (size, size == 1)
        seen += rows
    assert seen == whole
    assert page_of_releases(node.register, reader, limit=4)[1] is None


def test_a_cursor_of_nobodys_is_refused(five: Net) -> None:
    with pytest.raises(BadCursor):
        page_of_releases(five[AW].register, somebody(five[AW], "reader"), cursor="0" * 64, limit=3)
