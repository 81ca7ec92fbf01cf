"""A Frictionless data package: every released cell as CSV, with a schema, and the words of all codes beside it.

Withheld, not applicable and not reported cells hold their marker where the figure would stand; the schema declares
the markers as missing values, so that a program reads a number or nothing, and a person still sees why.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from register.statistics.definition import Definition
from register.statistics.formats.layout import derive_interval, plain_code
from register.statistics.formats.publication import Publication, Published
from register.statistics.formats.words import LANGUAGES, Words
from register.statistics.release.release import Marker
from register.statistics.tables import ALL

FOLDER: Final = "data"
DESCRIPTOR: Final = "datapackage.json"
_MISSING: Final = tuple(m.value for m in (Marker.WITHHELD, Marker.NOT_APPLICABLE, Marker.NOT_REPORTED))
_HIDING: Final = frozenset({Marker.WITHHELD, Marker.NOT_APPLICABLE, Marker.NOT_REPORTED})
_STATUS: Final = {marker: marker.name.lower().replace("_", "-") for marker in Marker}
"""In words, since the codes of the markers are declared as missing values."""
_AREAS: Final = ("AW", "BQ", "CW", "SX", "CARIBBEAN", "NL")


def data_package(publication: Publication) -> Mapping[str, bytes]:
    """Return the files of the package by name: the descriptor, one CSV a table, and the codes."""
    by_table: dict[str, list[Published]] = {}
    for item in publication.items:
        by_table.setdefault(item.release.table_id, []).append(item)
    files = {f"{FOLDER}/codes.csv": _write_codes(publication)}
    resources = [
        _describe_resource("codes", f"{FOLDER}/codes.csv", "All codes in words", _CODES, files[f"{FOLDER}/codes.csv"])
    ]
    for table_id, items in sorted(by_table.items()):
        definition = publication.catalogue.tables[table_id]
        path = f"{FOLDER}/{table_id}.csv"
        files[path] = _write_table(definition, items)
        resources.append(
            _describe_resource(table_id, path, definition.title["en"], _describe_fields(definition), files[path])
        )
    package = {
        "profile": "tabular-data-package",
        "name": f"regional-figures-{publication.digest[:16]}",
        "id": f"sha256:{publication.digest}",
        "title": Words("en").say("title", period=publication.until.year),
        "description": "\n\n".join(Words("en").paragraphs("notes")),
        "resources": resources,
    }
    files[DESCRIPTOR] = (json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    return files


def _describe_field(
    name: str, kind: str, says: str, allowed: Sequence[str] = (), *, required: bool = True
) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": required}
    if allowed:
        limits["enum"] = list(allowed)
    if kind == "integer":
        limits["minimum"] = 0
    return {"name": name, "type": kind, "description": says, "constraints": limits}


_CODES: Final = [
    _describe_field("variable", "string", "Column of the tables, or `area` and `marker`."),
    _describe_field("code", "string", "As it stands in the tables."),
    *(
        _describe_field(language, "string", f"In words, in {name}.")
        for language, name in (("en", "English"), ("nl", "Dutch"))
    ),
]


def _describe_fields(definition: Definition) -> list[dict[str, Any]]:
    variables = [
        _describe_field(v.name, "string", f"{v.title['en']}; {ALL} is the total.", (*map(plain_code, v.codes), ALL))
        for v in definition.variables[:2]
    ]
    return [
        _describe_field("release", "string", "SHA-256 of the release's canonical bytes."),
        _describe_field("period", "string", "Year, quarter, or first and last of three years."),
        _describe_field("revision", "integer", "Rises with each country that sends its table again."),
        _describe_field("area", "string", "ISO 3166 code of a country, or CARIBBEAN for the islands together.", _AREAS),
        *variables,
        _describe_field("value", "integer", "The released figure, or a marker.", required=False),
        _describe_field("status", "string", "What the figure is, or why there is none.", tuple(_STATUS.values())),
        _describe_field("lowest", "integer", "The true figure is at least so much.", required=False),
        _describe_field("highest", "integer", "The true figure is at most so much.", required=False),
        _describe_field("coverage", "string", "Countries in this figure of the Caribbean sum.", required=False),
    ]


def _write_table(definition: Definition, items: Iterable[Published]) -> bytes:
    lines: list[Sequence[object]] = [[field["name"] for field in _describe_fields(definition)]]
    for item in sorted(items, key=lambda i: (i.release.period.last_day, str(i.release.period), i.release.revision)):
        one, digest = item.release, item.release.digest
        for cell in one.cells:
            codes = map(plain_code, (cell.row, cell.column)[: len(definition.variables)])
            value = cell.marker.value if cell.marker in _HIDING else cell.value
            room = derive_interval(cell) or ("", "")
            who = " ".join(one.coverage_of(cell.row, cell.column)) if cell.area == "CARIBBEAN" else ""
            of = one.period.pooled() if cell.marker is Marker.POOLED else one.period
            lines.append((digest, of, one.revision, cell.area, *codes, value, _STATUS[cell.marker], *room, who))
    return _write_csv(lines)


def _write_codes(publication: Publication) -> bytes:
    said = [Words(language) for language in LANGUAGES]
    lines: list[Sequence[object]] = [("variable", "code", *LANGUAGES)]
    lines += [("area", area, *(words.area(area) for words in said)) for area in _AREAS]
    lines += [("marker", code, *(words.markers()[code] for words in said)) for code in _MISSING]
    tables = {item.release.table_id: publication.definition(item.release) for item in publication.items}
    variables = {v.name: v for _, definition in sorted(tables.items()) for v in definition.variables[:2]}
    for name, variable in sorted(variables.items()):
        lines += [
            (name, plain_code(code), *(words.row(variable, code) for words in said)) for code in (*variable.codes, ALL)
        ]
    # The mark tells a spreadsheet that opens the file by itself how its letters are written: Curaçao. The other files
    # hold codes and figures only, in letters that every encoding writes alike.
    return codecs.BOM_UTF8 + _write_csv(lines)


def _write_csv(lines: Iterable[Sequence[object]]) -> bytes:
    into = io.StringIO()
    csv.writer(into, lineterminator="\n").writerows(lines)
    return into.getvalue().encode()


def _describe_resource(name: str, path: str, title: str, fields: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    missing = ["", *_MISSING] if name != "codes" else [""]
    return {
        "name": name,
        "path": path,
        "title": title,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "schema": {"fields": fields, "missingValues": missing},
    }
