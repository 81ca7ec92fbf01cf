"""What `rtr organisation` and `rtr authorisation` share: a list from a file, applied or looked at, said in words."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from pydantic import ValidationError

from api.cli.access.lines import line_of
from api.cli.frame.forms import BadForm, read_text
from api.cli.frame.machine import require_hosted, settings_of, with_database, with_host
from api.cli.frame.terminal import Desk, Table
from register.errors import CallerError

if TYPE_CHECKING:
    from register.core import Register
    from register.services.access.admit import Applied
    from schemas.access.admission import AuthorisationsIn, OrganisationsIn

M = TypeVar("M", "OrganisationsIn", "AuthorisationsIn")
CHARS_MAX: Final = 4 * 1024 * 1024

File = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The list; - reads it from standard input.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]


class FileHasFaults(CallerError):
    """A list cannot be applied as it is; each fault is named with its line, and nothing of it was applied."""

    code = "file-has-faults"
    advice = "Correct the lines named and run the command again, first with --dry-run; nothing was changed."


@dataclass(frozen=True, slots=True)
class FaultAt:
    """One fault of a file, as `failures` prints it and programs read it."""

    line: int
    pointer: str
    message: str
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadList:
    """A file and what it holds."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text, as leaves name it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def form(self, model: type[M]) -> M:
        """The checked form.

        Raises:
            BadForm: no TOML.
            FileHasFaults: TOML of another form.
        """
        try:
            found = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            _, _, place = str(error).rpartition("(at ")
            raise BadForm(f"{self.name} is not TOML (at {place}") from None
        try:
            return model.model_validate(found)
        except ValidationError as error:
            raise self._badly_formed(error) from None

    def faults(self, found: list[tuple[tuple[str | int, ...], str, tuple[str, ...] | None]]) -> FileHasFaults:
        """The refusal that names these faults, by their lines."""
        places = [
            FaultAt(line := line_of(self.text, place), f"line {line}, {_name_place(place)}", says, allowed)
            for place, says, allowed in found
        ]
        places.sort(key=lambda place: place.line)
        return FileHasFaults(f"{self.name}: {len(places)} faults", errors=tuple(places))

    def _badly_formed(self, error: ValidationError) -> FileHasFaults:
        from api.http.validation import field_errors

        raw = error.errors()
        said = field_errors(raw)
        return self.faults([(one["loc"], s.message, s.allowed) for one, s in zip(raw, said, strict=False)])


def read_list(file: Path) -> ReadList:
    """Read a list's file; raises `BadForm` where it is no text or too long."""
    text = read_text(file).replace("\r\n", "\n")
    name = "standard input" if file == Path("-") else str(file)
    if len(text) > CHARS_MAX:
        raise BadForm(f"{name} is longer than {CHARS_MAX} characters; apply it in parts")
    return ReadList(name, text)


def apply(
    desk: Desk, found: ReadList, form: OrganisationsIn | AuthorisationsIn, do: Callable[[Register, Any], Applied]
) -> None:
    """Apply a list on the register of its country, and say what came of it.

    Raises:
        CountryNotHosted: that register is not kept by this node.
        FileHasFaults: names each fault with its line.
    """
    from register import bootstrap
    from register.services.access.admit import ListHasFaults

    settings = settings_of(desk)
    require_hosted(settings, form.country)
    register = bootstrap.open(with_host(with_database(settings)), form.country)
    try:
        applied = do(register, {"uid": os.getuid(), "sha256": found.sha256})
    except ListHasFaults as refused:
        raise found.faults([(fault.at, fault.says, None) for fault in refused.faults]) from None
    finally:
        register.close()
    _print_applied(desk, applied)


def _print_applied(desk: Desk, applied: Applied) -> None:
    from register.domain.access.admission import Outcome

    counts = {outcome: applied.count(outcome) for outcome in Outcome}
    rows = [
        (change.outcome, change.what, change.name, "; ".join(change.says))
        for change in applied.changes
        if change.outcome is not Outcome.UNCHANGED
    ]
    said = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
    parts: list[str | Table] = [f"{'Would be' if applied.dry_run else 'Applied'}: {said}."]
    if rows:
        parts.append(Table("", ("", "what", "which", "how"), rows))
    if applied.left_out:
        parts.append(
            f"{len(applied.left_out)} rows of the register are not in the list and stay as they are; "
            "one ends by being listed with its last day in `ends`."
        )
    if applied.dry_run:
        parts.append("Nothing was changed.")
    document = {
        "dry_run": applied.dry_run,
        "counts": counts,
        "changes": applied.changes,
        "left_out": applied.left_out,
    }
    desk.answer(document, *parts, brief=said)


def _name_place(place: tuple[str | int, ...]) -> str:
    """A place in words: `organisation 4, unit 1, name`."""
    words: list[str] = []
    for step in place:
        if isinstance(step, int) and words:
            words[-1] += f" {step + 1}"
        else:
            words.append(str(step))
    return ", ".join(words)
