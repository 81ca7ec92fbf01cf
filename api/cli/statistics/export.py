"""`rtr stats export`: released figures as files, from the register or from releases that are at hand already."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.cli.frame.terminal import Desk, Table, desk_of
from register.errors import CallerError

_BYTES_MAX = 50_000_000
_STDIN = Path("-")


class FolderInUse(CallerError):
    """The folder has files already: a release never lies among the files of another."""

    code = "folder-in-use"
    advice = "Name a folder that is empty or not there yet."


class NoSuchDocument(CallerError):
    """The file with the releases cannot be read, or is far too large to be one."""

    code = "no-such-document"
    advice = "Name the JSON file that holds the release, or `-` and hand it in on the standard input."


def export(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option(metavar="FOLDER", file_okay=False, help="Empty, or not there yet.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE.json|-",
            help="One release or a list, as the register gave; asks no register.",
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option(metavar="HASH", help="A frozen release of the register; its first digits will do.")
    ] = None,
) -> None:
    """Write a release folder: workbook, SDMX-CSV, data package, brief, README and manifest, in English and Dutch."""
    if (source is None) == (release is None):
        raise typer.BadParameter("give either --from or --release")
    desk = desk_of(ctx)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FolderInUse(f"expected an empty folder: {to}")
    files = _of_register(desk, release) if release is not None else _of_document(source or _STDIN)
    from register.statistics.formats.folder import MANIFEST

    digest = json.loads(files[MANIFEST])["publication"]
    for name, data in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    desk.answer(
        {"folder": str(to), "publication": digest, "files": {n: len(d) for n, d in files.items()}},
        f"{len(files)} files of publication {digest} are in {to}.",
        Table("", ("file", "bytes"), [(n, len(d)) for n, d in files.items()], frozenset({"bytes"})),
        brief=str(to),
    )


def _of_register(desk: Desk, begin: str) -> Mapping[str, bytes]:
    from api.cli.frame.person import open_client
    from api.cli.statistics.regional import whole_digest
    from api.release.files import unpack_files

    with open_client(desk) as client:
        return unpack_files(client.regional.files(whole_digest(client.regional.releases().items, begin)))


def _of_document(source: Path) -> Mapping[str, bytes]:
    from api.release.files import read_publication, release_folder

    return release_folder(read_publication(_read_source(source)))


def _read_source(source: Path) -> bytes:
    try:
        if source == _STDIN:
            data = sys.stdin.buffer.read(_BYTES_MAX + 1)
        else:
            with source.open("rb") as file:
                data = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise NoSuchDocument(f"cannot read {source}") from error
    if len(data) > _BYTES_MAX:
        raise NoSuchDocument(f"expected at most {_BYTES_MAX} bytes in {source}")
    return data
