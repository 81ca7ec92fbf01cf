"""The complete folder of released figures, from the documents of releases: for the command and for a route.

Pure: the same documents give the same bytes. Nothing is read but what is handed in, so nothing but released figures
can get into a file.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from api.release.brief import build_brief
from register.statistics.catalogue import default_catalogue
from register.statistics.formats.folder import MANIFEST, write_release
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import LANGUAGES
from register.statistics.release.release import NoRelease

_FIRST_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The same for ever: a zip without a date of its own has the same bytes on every node."""
_FILES_MAX: Final = 1_000
_BYTES_MAX: Final = 100_000_000
_NO_MANIFEST: Final = (KeyError, TypeError, AttributeError, ValueError, RecursionError)
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


def release_folder(publication: Publication) -> Mapping[str, bytes]:
    """Return every file of the folder by name: formats, brief in each language, README and manifest."""
    return write_release(
        publication, {f"brief-{language}.html": build_brief(publication, language) for language in LANGUAGES}
    )


def read_publication(data: bytes) -> Publication:
    """Read the JSON of one release or of several of one tier, as `Publication.read` takes it.

    Raises:
        NoRelease: it is no JSON, or not of releases of tables that this version of the program knows.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NoRelease("expected JSON") from error
    return Publication.read(document, default_catalogue())


def unpack_files(data: bytes) -> Mapping[str, bytes]:
    """Return the files of a zip that `pack_files` made, by name.

    Raises:
        NoRelease: it is no such zip, a name leads out of the folder, the files are far too large for a release, or
            they are not those that the manifest lists.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zipped:
            members = zipped.infolist()
            if len(members) > _FILES_MAX or sum(one.file_size for one in members) > _BYTES_MAX:
                raise NoRelease("expected the files of a release, which are few and small")
            if not all(_stays_inside(one.filename) for one in members):
                raise NoRelease("expected names that stay inside the folder")
            files = {one.filename: zipped.read(one) for one in members}
            sums = {name: of["sha256"] for name, of in json.loads(files[MANIFEST])["files"].items()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, *_NO_MANIFEST) as error:
        raise NoRelease("expected a zip with the files of a release") from error
    if sums != {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != MANIFEST}:
        raise NoRelease("expected the files that the manifest lists, with its checksums")
    return files


def _stays_inside(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and ".." not in name.split("/")


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return the files as one zip, the same bytes for the same files."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in sorted(files.items()):
            zipped.writestr(zipfile.ZipInfo(name, _FIRST_ZIP_DAY), data, zipfile.ZIP_DEFLATED)
    return into.getvalue()
