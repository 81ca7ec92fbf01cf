"""The case that a command is for: from a file, from standard input or typed, and never a word of the command line.

What stands on the command line stands in the list of processes, which everybody on the machine can read, and in the
shell's history.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

CaseFile = Annotated[
    Path | None,
    typer.Option(
        "--case-file",
        metavar="FILE|-",
        help="File that holds the reference of the case; - for standard input. Without it you are asked. It is logged.",
        allow_dash=True,
    ),
]


def case_from(file: Path | None) -> str:
    """Return the reference of the case as its file holds it, or as it is typed.

    Raises:
        CaseRefused: it holds signs that no case has.
        typer.BadParameter: nobody can be asked, and no file was given.
    """
    from api.cli.frame.forms import read_text
    from register.domain.access.case import CaseRefused, fold_case

    if file is not None:
        text = read_text(file)
    elif sys.stdin.isatty():
        text = typer.prompt("Reference of the case", err=True)
    else:
        raise typer.BadParameter("give the reference of the case in a file, by --case-file FILE or --case-file -")
    case = fold_case(text)
    if not case or not case.isascii():
        raise CaseRefused("expected a case in letters, digits and signs of the keyboard")
    return case
