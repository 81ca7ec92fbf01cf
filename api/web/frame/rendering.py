"""From a template to an answer: escaped, complete, and under a policy that lets a page load nothing from elsewhere.

A name that a template uses and nobody gave is an error, not a hole in the page. Pages are never kept by a cache; the
stylesheet is, under an address that changes with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.web.frame.addresses import whole_path
from api.web.frame.languages import INTAKE_ONLY, OWN_NAMES, WHOLE, Words, nearest_language
from api.web.frame.navigation import Area
from api.web.frame.typed_text import as_typed, without_controls
from register.domain.partition import FACTS, day_in
from register.domain.running.to_do import Count
from register.domain.typed_day import read_month
from register.services.access.open_session import Session
from schemas.codes import Partition, ToDoKind, code_list

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
LANGUAGE_COOKIE: Final = "rtr-language"
_KINDS: Final = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@router.get("/static/{version}/{name}")
def static(version: str, name: str) -> Response:
    """One of our own few files; for ever, since another content has another address."""
    found = _files().get(name)
    if found is None or found[0] != version:
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found[1], media_type=_KINDS[name.rpartition(".")[2]], headers=headers)


def words_of(request: Request, country: Partition, *, intake: bool) -> Words:
    """The language that the reader chose, else the nearest to what the browser asks for, where the page has it."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    allowed = WHOLE + INTAKE_ONLY if intake else WHOLE
    if chosen not in allowed:
        chosen = nearest_language(request.headers.get("accept-language", ""), allowed, country)
    return Words(chosen, country)


def render(
    request: Request,
    template: str,
    *,
    country: Partition,
    session: Session | None = None,
    csrf: str = "",
    intake: bool = False,
    areas: Sequence[Area] = (),
    waiting: Mapping[ToDoKind, Count] | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Return a page.

    Args:
        request: whose answer this is; the page's language switch leads back to its address.
        template: a file of `templates`.
        country: whose pages these are.
        session: who is signed in, for the header.
        csrf: for the page's forms; needed wherever somebody is signed in.
        intake: the page is part of the intake form, so all languages are offered.
        areas: where the navigation leads; a page without it is one that nobody should be led away from.
        waiting: how many wait for the visitor, by kind: what the navigation and the first page count.
        status: of the answer.
        values: what the template shows.
    """
    words = words_of(request, country, intake=intake)
    now = request.app.state.register.clock.now()
    today = day_in(country, now)
    page: Mapping[str, Any] = {
        "words": words,
        "printed_at": now,
        "_": words.marked,
        "plain": words.plain,
        "N_": _as_it_is,
        "month_of": read_month,
        "knows": lambda name, code: code in code_list(name),
        "codes_of": lambda name: code_list(name).offered(today),
        "options_of": lambda name, only=(): [
            (code, words.label(name, code)) for code in code_list(name).offered(today) if not only or code in only
        ],
        "groups_of": lambda name, by: _group_codes(name, by, words, today),
        "country": country,
        "country_name": FACTS[country].name,
        "emergency": FACTS[country].emergency,
        "session": session,
        "csrf": csrf,
        "areas": areas,
        "waiting": waiting or {},
        "languages": [(code, OWN_NAMES[code]) for code in (WHOLE + INTAKE_ONLY if intake else WHOLE)],
        "path": request.url.path,
        # Who is coming back from the provider has a code in the address, which no link shall hold.
        "whole_path": whole_path(request) if session else request.url.path,
        "file": lambda name: f"/static/{_files()[name][0]}/{name}",
        **values,
    }
    body = _environment().get_template(template).render(page)
    return HTMLResponse(body, status_code=status, headers=page_headers())


def _group_codes(name: str, by: str, words: Words, today: date) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The codes of a list that are offered, in the groups of another list that each names."""
    codes, groups = code_list(name), code_list(by)
    offered = [(codes[code].extra[by], code) for code in codes.offered(today)]
    return [
        (words.label(by, group), [(code, words.label(name, code)) for of, code in offered if of == group])
        for group in groups.codes
        if any(of == group for of, _ in offered)
    ]


def page_headers() -> dict[str, str]:
    """What every page is sent with, beside the standing headers of all answers."""
    return {"Content-Security-Policy": CSP, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def _as_it_is(message: str) -> str:
    """Marks a message in a template; it is translated where it is shown."""
    return message


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=without_controls,
    )
    environment.filters["as_typed"] = as_typed
    return environment


@cache
def _files() -> Mapping[str, tuple[str, bytes]]:
    folder = resources.files("api.web") / "static"
    read = {one.name: one.read_bytes() for one in folder.iterdir() if one.name.rpartition(".")[2] in _KINDS}
    return {name: (hashlib.sha256(content).hexdigest()[:16], content) for name, content in read.items()}
