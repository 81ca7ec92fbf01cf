"""The complete folder of released figures, from the documents of releases: for the command and for a route.

Pure: the same documents give the same bytes. Nothing is read but what is handed in, so nothing but released figures
can get into a file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Final

from api.web.brief import brief
from register.statistics.catalogue import default_catalogue
from register.statistics.formats.folder import write_release
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import LANGUAGES
from register.statistics.release import NoRelease

_FIRST_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The same for ever: a zip without a date of its own has the same bytes on every node."""


def release_folder(publication: Publication) -> Mapping[str, bytes]:
    """Return every file of the folder by name: formats, brief in each language, README and manifest."""
    return write_release(
        publication, {f"brief-{language}.html": brief(publication, language) for language in LANGUAGES}
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


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the files as one zip, the same bytes for the same files."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in sorted(files.items()):
            zipped.writestr(zipfile.ZipInfo(name, _FIRST_ZIP_DAY), data, zipfile.ZIP_DEFLATED)
    return into.getvalue()
