"""The files of a frozen release as one answer: for the route and for the page, so that both send the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import Response

from api.release.files import pack_files, release_folder
from register.services.statistics.releases.released import Released

ZIP: Final = "application/zip"


def zip_of(released: Released, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer; a browser keeps it as a file and shows nothing of it.

    Args:
        released: what is in the files.
        headers: further ones, of the caller's kind of answer.
    """
    name = f"release-{released.this.row.digest[:16]}.zip"
    sent = {
        **(headers or {}),
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(pack_files(release_folder(released.publication())), media_type=ZIP, headers=sent)
