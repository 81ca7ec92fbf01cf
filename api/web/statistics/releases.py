"""The pages on regional releases that are frozen; from the same services as the API's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.release.answer import zip_of
from api.web.frame.guard import PageRoute, SignedInHere, show
from api.web.frame.rendering import page_headers, words_of
from api.web.statistics.regional import lay_out_regional
from register.errors import NotFound
from register.services.statistics.releases.released import read_released
from register.services.statistics.releases.releases import list_releases
from register.statistics.catalogue import default_catalogue
from register.statistics.formats import words as said_in_files
from register.statistics.release.life import WrongState

router = APIRouter(include_in_schema=False, route_class=PageRoute)
FROZEN = "frozen"
Which = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("/figures/regional")
def releases(request: Request, here: SignedInHere) -> Response:
    """The frozen releases, newest first; what is still a draft is worked on elsewhere."""
    catalogue = default_catalogue()
    words = words_of(request, here.register.partition, intake=False)
    spoken = said_in_files.Words(words.language)
    rows = [row for row in list_releases(here.register, here.caller) if row.state == FROZEN]
    return show(
        request,
        here,
        "statistics/releases.html",
        releases=[
            (
                row.digest,
                spoken.of(catalogue.tables[row.table_id].title),
                row.period,
                spoken.tier(row.tier),
                row.frozen_at,
            )
            for row in rows
            if row.table_id in catalogue.tables
        ],
    )


@router.get("/figures/regional/{digest}.zip")
def files(here: SignedInHere, digest: Which) -> Response:
    """The files of one frozen release, with last year's figures in each."""
    return zip_of(read_released(here.register, here.caller, digest, as_files=True), page_headers())


@router.get("/figures/regional/{digest}")
def release(request: Request, here: SignedInHere, digest: Which) -> Response:
    """One frozen release, with what is withheld shown as such."""
    try:
        found = read_released(here.register, here.caller, digest)
    except WrongState as error:
        raise NotFound("no frozen release has this hash") from error
    words = words_of(request, here.register.partition, intake=False)
    return show(
        request,
        here,
        "statistics/regional.html",
        one=lay_out_regional(found.publication(), said_in_files.Words(words.language)),
        digest=digest,
        ruleset=found.this.release.ruleset,
        frozen_at=found.this.row.frozen_at,
    )
