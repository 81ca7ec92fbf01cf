"""The complete folder of a publication: canonical releases, every format, a README and a manifest of all files.

Pure: a mapping from names to bytes, the same for the same publication. What only the pages can make (the brief) is
handed in, so that the manifest covers it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from register.statistics.formats.data_package import data_package
from register.statistics.formats.publication import Publication
from register.statistics.formats.sdmx_csv import sdmx_csv
from register.statistics.formats.words import LANGUAGES, Words
from register.statistics.formats.workbook_release import release_workbook
from schemas.canonical import dumps_plain

MANIFEST: Final = "manifest.json"
README: Final = "README.md"
RELEASES: Final = "release.json"


def write_release(publication: Publication, also: Mapping[str, bytes] | None = None) -> Mapping[str, bytes]:
    """Return every file of the release folder by name.

    Args:
        publication: what is published.
        also: further files, such as the brief, to be listed with the others.

    Raises:
        ValueError: a further file would take the place of one of ours.
    """
    files = {RELEASES: _write_releases(publication), **data_package(publication)}
    for item in publication.main():
        one = item.release
        name = f"sdmx/{one.table_id}-{str(one.period).replace('/', '-')}.csv"
        files[name] = sdmx_csv(publication.definition(one), item)
    for language in LANGUAGES:
        files[f"figures-{language}.xlsx"] = release_workbook(publication, language)
    if taken := {*files, README, MANIFEST} & (also or {}).keys():
        raise ValueError(f"these names are taken: {', '.join(sorted(taken))}")
    files |= also or {}
    files[README] = _write_readme(publication, files)
    files[MANIFEST] = _write_manifest(publication, files)
    return dict(sorted(files.items()))


def _write_releases(publication: Publication) -> bytes:
    """All releases with their signatures; each `release` member in canonical form is what is hashed and signed."""
    items = sorted(publication.items, key=lambda i: (i.release.table_id, str(i.release.period), i.release.revision))
    return dumps_plain([{"release": i.release.document(), "signature": i.signature} for i in items]) + b"\n"


def _write_manifest(publication: Publication, files: Mapping[str, bytes]) -> bytes:
    document = {
        "publication": publication.digest,
        "tier": publication.tier.value,
        "releases": {
            f"{i.release.table_id} {i.release.period} revision {i.release.revision}": i.release.digest
            for i in publication.items
        },
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
        },
    }
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _write_readme(publication: Publication, files: Mapping[str, bytes]) -> bytes:
    parts = []
    for language in LANGUAGES:
        words = Words(language)
        listed = [
            f"- `{pattern}`: {words.say(name)}"
            for name, pattern in _KINDS
            if any(fnmatchcase(one, pattern) for one in (*files, MANIFEST))
        ]
        tables = [
            f"- {words.heading(publication.definition(i.release).title, i.release)} "
            f"({words.say('revision').lower()} {i.release.revision})"
            for i in publication.main()
        ]
        parts += [
            f"# {words.say('title', period=publication.until.year)}",
            f"{words.tier(publication.tier.value)}. {words.say('subtitle')}.",
            "\n".join(words.paragraphs("brief")),
            f"## {words.say('files')}",
            "\n".join(listed),
            f"## {words.say('tables')}",
            "\n".join(tables),
            f"## {words.say('notes')}",
            "\n".join(f"- `{code}` {meaning}" for code, meaning in words.markers().items()),
            "\n".join(f"- {text}" for text in words.paragraphs("notes")),
            f"## {words.say('signature')}",
            "\n".join(words.paragraphs("signature")),
            f"`{publication.digest}`",
        ]
    return ("\n\n".join(parts) + "\n").encode()


_KINDS: Final = (
    ("file_brief", "brief-*.html"),
    ("file_workbook", "figures-*.xlsx"),
    ("file_package", "datapackage.json"),
    ("file_sdmx", "sdmx/*.csv"),
    ("file_release", RELEASES),
    ("file_manifest", MANIFEST),
)
