"""Regional releases over HTTP: drafted, attacked, approved by two, frozen, verified; task STATISTICS only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.http.caller import Registered, SignedIn
from api.release.answer import ZIP, zip_of
from api.routes.media import JSON_ONLY
from api.routes.pages import PageWanted, linked
from register.services.statistics.releases.checking import verify_release
from register.services.statistics.releases.released import read_released
from register.services.statistics.releases.releases import (
    approve_release,
    attack_release,
    draft_release,
    freeze_release,
    page_of_releases,
    read_release,
)
from register.services.statistics.shown import release_out, summary_out, verification_out
from register.statistics.definition import Tier
from schemas.codes import Partition
from schemas.form import Page
from schemas.statistics.releases import DraftIn, ReleaseOut, ReleaseSummary, VerificationOut
from sync.trust import signer_of_bytes

router = APIRouter(prefix="/v1/releases", tags=["releases"])
Which = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("")
def releases(register: Registered, caller: SignedIn, page: PageWanted, response: Response) -> Page[ReleaseSummary]:
    """The releases of this register, newest draft first, page by page."""
    rows, following = page_of_releases(register, caller, cursor=page.cursor, limit=page.limit)
    found = Page[ReleaseSummary](items=tuple(map(summary_out, rows)), next=following)
    return linked(response, "/v1/releases", found, page)


@router.post("", status_code=201, dependencies=JSON_ONLY)
def draft(register: Registered, caller: SignedIn, asked: DraftIn, response: Response) -> ReleaseOut:
    """Make a release of the newest contributions at hand. Every node with the same ones makes the same bytes."""
    made = draft_release(register, caller, Tier(asked.tier), asked.table, asked.period)
    response.headers["Location"] = f"/v1/releases/{made.row.digest}"
    return release_out(made)


@router.get("/{digest}")
def release(register: Registered, caller: SignedIn, digest: Which) -> ReleaseOut:
    """One release with its figures, what was withheld and why."""
    return release_out(read_release(register, caller, digest))


@router.get("/{digest}/files", response_class=Response, responses={200: {"content": {ZIP: {}}}})
def release_files(register: Registered, caller: SignedIn, digest: Which) -> Response:
    """A frozen release as files in one zip: workbook, brief, SDMX-CSV, data package, and last year's figures in each.

    The same releases make the same bytes on every node.
    """
    return zip_of(read_released(register, caller, digest, as_files=True))


@router.post("/{digest}/attacks")
def attack(register: Registered, caller: SignedIn, digest: Which) -> ReleaseOut:
    """Run the attacks A1 to A7 on a draft, jointly with all that is known. A breach is a refusal that lists them."""
    return release_out(attack_release(register, caller, digest))


@router.post("/{digest}/approvals")
def approval(register: Registered, caller: SignedIn, digest: Which) -> ReleaseOut:
    """Approve a release that was attacked. Two persons do, other than the one who drafted it."""
    return release_out(approve_release(register, caller, digest))


@router.post("/{digest}/freeze")
def freeze(register: Registered, caller: SignedIn, digest: Which) -> ReleaseOut:
    """Make an approved release again, sign it if it is the same, and tell the partners its hash."""
    return release_out(freeze_release(register, caller, digest))


@router.get("/{digest}/verification")
def verification(request: Request, register: Registered, caller: SignedIn, digest: Which) -> VerificationOut:
    """Make a release of this or another node again from this node's contributions, and check who signed them."""
    rosters = request.app.state.rosters()

    def signer_of(document: bytes, signature: str) -> Partition:
        return signer_of_bytes(document, signature, rosters, new=False)

    return verification_out(verify_release(register, caller, digest, signer_of))
