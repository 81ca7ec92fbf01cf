"""Bring in records from a file, as spreadsheets on Windows make them: looked at first, and taken in on a second word.

Nothing is stored of a file. The page that says what is wrong carries the rows, and they are checked again when they
come back. Each row is recorded as its form would be, under a key that follows from what it says: a file that is sent
twice brings nothing in twice, as long as answers are kept for repeats (three days).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email import policy
from email.parser import BytesParser
from typing import Annotated, Any, Final
from urllib.parse import quote_plus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.web.desk.fields import as_code
from api.web.desk.kinds import KINDS, Desk, Kind
from api.web.desk.pages import check_typed, record_typed
from api.web.frame.guard import (
    PageRoute,
    Posted,
    SignedInHere,
    UnreadableForm,
    Visitor,
    check_from_here,
    show,
    the_form,
    the_visitor,
)
from api.web.frame.languages import N_, WHOLE, Text, Words
from api.web.frame.rendering import page_headers, words_of
from api.web.signals.reporting.answers import Fault
from register.domain.desk.record import require_any
from register.domain.signals.signal import AlreadyWithdrawn
from register.errors import CallerError, NotFound, OperatorError
from register.logs import logger
from schemas.canonical import dumps

router = APIRouter(prefix="/desk", include_in_schema=False, route_class=PageRoute)
ROWS_MAX: Final = 200
"""Each is recorded in a transaction of its own, while somebody waits for the page."""
FILE_MAX_BYTES: Final = 256 * 1024
"""Of what is sent with a file; more rows than fit are a second file."""
CARRIED_MAX: Final = 480_000
"""Signs that the rows take in the form that carries them: the whole form has a bound (`guard.FORM_MAX_BYTES`)."""
_MULTIPART: Final = "multipart/form-data"
_SEPARATORS: Final = ";\t,"
_NOT_THERE: Final = N_("What this row names is not there for you, or was taken back. Look at its report.")


class UnreadableFile(Exception):
    """The file is no table of ours; `says` is what to do."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.message)
        self.says = says


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: on which line it ends, what it says by field, and what is wrong."""

    line: int
    typed: Mapping[str, str]
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """Who sent which form, and the file in it if there is one."""

    visitor: Visitor
    posted: Posted
    file: bytes | None


async def the_file_or_form(request: Request) -> tuple[Posted, bytes | None]:
    """Read a form with or without a file in it; raises `UnreadableForm`."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != _MULTIPART:
        return await the_form(request), None
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > FILE_MAX_BYTES:
            raise UnreadableForm(f"a file has at most {FILE_MAX_BYTES} bytes")
    head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    fields: dict[str, tuple[str, ...]] = {}
    file: bytes | None = None
    for part in BytesParser(policy=policy.HTTP).parsebytes(head + bytes(held)).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if name == "file":
            file = content
        else:
            fields[name] = (content.decode("utf-8", "replace"),)
    posted = Posted(fields)
    request.state.posted = posted
    return posted, file


def the_bringer(
    request: Request,
    register: Registered,
    read: Annotated[tuple[Posted, bytes | None], Depends(the_file_or_form)],
) -> Brought:
    """Return who sent which file; errors as for any form."""
    visitor = the_visitor(request, register)
    check_from_here(request, register, read[0], visitor.token)
    return Brought(visitor, *read)


@router.get("/{records}/import")
def choose(request: Request, here: SignedInHere, records: Desk) -> Response:
    """The page on which a file is chosen."""
    require_any(here.caller, *KINDS[records].keeping.may_record)
    return _choose(request, here, records, [])


@router.get("/{records}/import/template.csv")
def template(request: Request, here: SignedInHere, records: Desk) -> Response:
    """A file with the columns and no rows, in the reader's language; a spreadsheet on Windows opens it as a table."""
    kind = KINDS[records]
    require_any(here.caller, *kind.keeping.may_record)
    words = words_of(request, here.register.partition, intake=False)
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow([words.plain(one.label) for one in kind.fields])
    named = {"Content-Disposition": f'attachment; filename="{records}.csv"'}
    return Response(
        written.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=page_headers() | named
    )


@router.post("/{records}/import")
def brought(request: Request, post: Annotated[Brought, Depends(the_bringer)], records: Desk) -> Response:
    """Look at a file and say what is wrong; or take in what was looked at, as far as it is right."""
    here, kind = post.visitor, KINDS[records]
    require_any(here.caller, *kind.keeping.may_record)
    try:
        text = post.posted.one("rows") if post.file is None else decoded(post.file)
        rows = read_rows(kind, text, [Words(one, here.register.partition) for one in WHOLE])
    except UnreadableFile as error:
        return _choose(request, here, records, [Fault("file", error.says)])
    rows = [replace(row, faults=[*row.faults, *_wrong_in(here, kind, row)]) for row in rows]
    if post.file is None and post.posted.one("then") == "import":
        return _result(request, here, records, _take(here, kind, rows), "", is_done=True, of=len(rows))
    return _result(request, here, records, rows, text, is_done=False, of=len(rows))


def decoded(file: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 as its first bytes say, else UTF-8, else as Windows writes (cp1252).

    Raises:
        UnreadableFile: it is empty, no text, or too large to be carried.
    """
    if file.startswith(b"PK"):
        raise UnreadableFile(N_("This is a workbook. Save it as CSV in the spreadsheet, and choose that file."))
    for encoding in ("utf-16",) if file.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = file.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile(N_("This is no text. Save the table as CSV, and choose that file."))
    if "\0" in text:
        raise UnreadableFile(N_("This is no text. Save the table as CSV, and choose that file."))
    if len(quote_plus(text)) > CARRIED_MAX:
        raise UnreadableFile(N_("This file is too large. Make two of it, each with the line of the columns."))
    return text


def read_rows(kind: Kind, text: str, words: Sequence[Words]) -> list[Row]:
    """The rows of a table, by the names of its columns in any of the languages.

    Raises:
        UnreadableFile: it has no columns of ours, no rows, or too many.
    """
    columns = {one.name.casefold(): one for one in kind.fields}
    columns |= {said.plain(one.label).casefold(): one for one in kind.fields for said in words}
    lines = text.strip().replace("\r\n", "\n").replace("\r", "\n")
    skipped = 0
    if lines.casefold().startswith("sep="):  # what a spreadsheet is told its separator by
        lines, skipped = lines.partition("\n")[2], 1
    head = lines.partition("\n")[0]
    table = csv.reader(io.StringIO(lines), delimiter=max(_SEPARATORS, key=head.count), strict=True)
    try:
        names = [name.strip().casefold() for name in next(table, [])]
        if unknown := [name for name in names if name and name not in columns]:
            raise UnreadableFile(
                N_(
                    "The file has a column that is not known here: %(name)s. The first line names the columns, as the "
                    "template has them.",
                    name=unknown[0][:40],
                )
            )
        fields = [columns.get(name) for name in names]
        missing = [one for one in kind.fields if one.needed and one not in fields]
        if missing:
            raise UnreadableFile(
                N_("A column is missing: %(name)s. Take the template.", name=words[0].plain(missing[0].label))
            )
        rows = []
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            line = table.line_num + skipped
            faults = []
            if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
                faults.append(Fault(kind.fields[0].name, _TOO_MANY))
            given = {one.name: cell for one, cell in zip(fields, cells, strict=False) if one is not None}
            typed = {one.name: as_code(one, given.get(one.name, ""), words) for one in kind.fields}
            rows.append(Row(line, typed, faults))
            if len(rows) > ROWS_MAX:
                raise UnreadableFile(N_("A file has at most %(most)s rows. Make two of it.", most=ROWS_MAX))
    except csv.Error:
        raise UnreadableFile(
            N_(
                "The table cannot be read from line %(line)s on. Look at the quotes there.",
                line=table.line_num + skipped,
            )
        ) from None
    if not rows:
        raise UnreadableFile(N_("There is no row below the line of the columns."))
    return rows


_NO_SUCH_WORD: Final = N_("This word is not in the list. The page on which a file is chosen has the words.")
_TOO_MANY: Final = N_("This line has more cells than columns.")


def _wrong_in(here: Visitor, kind: Kind, row: Row) -> list[Fault]:
    """What is wrong with a row by itself; of a list, where its words stand: a file offers none to choose from."""
    listed = {one.name for one in kind.fields if one.kind in {"code", "country", "nationality"}}
    return [
        Fault(one.field, _NO_SUCH_WORD) if one.field in listed else one for one in check_typed(here, kind, row.typed)[1]
    ]


def _keys(here: Visitor, kind: Kind, rows: Sequence[Row]) -> list[str]:
    """A key for each row that follows from what it says, and from how often the file said so before.

    Keyed with the country's own key: names can be in a row, and a plain hash of one could be guessed at.
    """
    seen: Counter[bytes] = Counter()
    keys = []
    for row in rows:
        said = dumps([kind.keeping.kind, dict(row.typed)])
        keys.append(here.register.keys.fingerprint(said + b"%d" % seen[said]).hex())
        seen[said] += 1
    return keys


def _take(here: Visitor, kind: Kind, rows: Sequence[Row]) -> list[Row]:
    """Record the rows; what stands against one stays with it and stops no other, what stops the node stops them all."""
    taken: list[Row] = []
    for row, key in zip(rows, _keys(here, kind, rows), strict=True):
        try:
            taken.append(row if row.faults else replace(row, faults=record_typed(here, kind, row.typed, key)[1]))
        except (NotFound, AlreadyWithdrawn):
            taken.append(replace(row, faults=[Fault(kind.fields[0].name, _NOT_THERE)]))
        except CallerError as error:
            says = N_("It was not taken in (%(code)s). Send the file again, or record it by its form.", code=error.code)
            taken.append(replace(row, faults=[Fault(kind.fields[0].name, says)]))
        except OperatorError:
            logger().error("desk.import-stopped", taken=len(taken), of=len(rows))
            break
    return taken


def _choose(request: Request, here: Visitor, records: Desk, faults: list[Fault]) -> Response:
    values: dict[str, Any] = {"kind": KINDS[records], "records": records, "most": ROWS_MAX}
    return show(request, here, "desk/import.html", faults=faults, **values)


def _result(
    request: Request, here: Visitor, records: Desk, rows: Sequence[Row], text: str, *, is_done: bool, of: int
) -> Response:
    kind = KINDS[records]
    return show(
        request,
        here,
        "desk/rows.html",
        kind=kind,
        records=records,
        good=sum(not row.faults for row in rows),
        bad=[row for row in rows if row.faults],
        labels={one.name: one.label for one in kind.fields},
        rows=text,
        is_done=is_done,
        not_tried=of - len(rows),
    )
