"""What each page costs: `python -m tests.acceptance.pages.costs` prints bytes, those of a first load, and statements.

In the world of the first hour, for somebody who may do everything.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from httpx2 import Response

from api.web.search.question import FIELDS
from register.domain.access.caller import Task
from tests.integration.web.desk.test_desk_pages import one_of_each
from tests.integration.web.ours import referred
from tests.integration.web.search.test_search_page import GROUND, a_draft, ask, hit_of
from tests.integration.web.walk import Fields, answered, csrf, send
from tests.support.found import a_finding
from tests.support.records.lifted import a_lifting
from tests.support.web.hour import PHONE, Hour, first_hour
from tests.support.web.pages import AW, Browserless, Statements
from tests.support.web.routes import parts_of, routes_of

ANSWERS: Final = "/search, answers"
_ID: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Cost:
    """One page.

    Attributes:
        size: bytes of its answer, not compressed.
        first: with the files that it loads, which are kept for ever.
        statements: said to the database, by the pages and by the worker's role together.
    """

    page: str
    status: int
    size: int
    first: int
    statements: int


def costs(hour: Hour) -> Iterator[Cost]:
    """Every page that the routes name, and those of the search that have no address of their own."""
    site, said = hour.pages[AW], Statements()
    with ExitStack() as closing:
        for function in ("api", "worker"):
            engine = site.register.database._engine(function)
            sa.event.listen(engine, "before_cursor_execute", said)
            closing.callback(sa.event.remove, engine, "before_cursor_execute", said)
        person = closing.enter_context(Browserless(site.url))
        person.sign_in("aw-all")
        sent, under_way = (answered(person, known={"role": "SUSPECT", "name": "Zeno Testman"}) for _ in range(2))
        send(person, f"{sent}/check", {})
        request = str(a_draft(person).headers["location"]).rpartition("/")[2]
        parts = parts_of(
            site.register,
            drafts=[under_way.rpartition("/")[2]],
            signal=str(hour.own.id),
            request=request,
            referral=str(referred(hour.pages, hour.own.id)),
            finding=str(a_finding(site.register, hour.pages.world.caller("AW-CMMA", Task.SUBMIT, actor="aw-all"))[0]),
            lifting=str(a_lifting(hour.pages.world)),
            records=one_of_each(person),
            digest=hour.release.row.digest,
        )
        addresses = [a for one in routes_of(site.register) if one.method == "GET" for a in one.addresses(parts)]
        for address in [*addresses, f"{sent}/done"]:
            said.count = 0
            answer = person.get(address)
            if "location" not in answer.headers:
                yield _cost(person, _ID.sub("…", address), answer, said.count)
        hit = hit_of(ask(person, PHONE))
        posted: list[tuple[str, str, Fields]]
        posted = [(f"/search, add a {kind}", "/search", {"then": f"add-{kind}"}) for kind in FIELDS]
        things = [json.dumps({"kind": "phone", "number": PHONE})]
        posted += [
            ("/search/requests, draft", "/search/requests", {"hit": hit}),
            (ANSWERS, "/search", {"thing": things, "then": "ask"}),
        ]
        token = csrf(person)
        for name, address, fields in posted:
            said.count = 0
            answer = person.post(address, {"csrf": token, **GROUND, **fields})
            yield _cost(person, name, answer, said.count)


def _cost(person: Browserless, page: str, answer: Response, statements: int) -> Cost:
    files = set(re.findall(r'href="(/static/[^"]+)"', answer.text)) if "html" in answer.headers["content-type"] else ()
    first = len(answer.content) + sum(len(person.get(one).content) for one in files)
    return Cost(page, answer.status_code, len(answer.content), first, statements)


def main() -> None:
    """Print the table."""
    with first_hour() as hour:
        rows = sorted(costs(hour), key=lambda one: one.page)
    width = max(len(one.page) for one in rows)
    lines = [f"{'page':{width}}  status   bytes   first load  SQL"]
    lines += [f"{r.page:{width}}  {r.status:6}  {r.size:6}  {r.first:11}  {r.statements:3}" for r in rows]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
