"""The page of error codes, made from the errors themselves: `python -m api.published.docs_errors` writes it anew.

Meaning and advice are the docstring and `advice` of each class, so the page cannot say anything else than the
program. A test holds the committed page equal to what this makes.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from api.http.problems import status_of
from register.errors import (
    CallerError,
    NotPermitted,
    NotSignedIn,
    OperatorError,
    PartnerError,
    RegisterError,
)

PAGE: Final = Path(__file__).parents[2] / "register" / "docs" / "error-codes.md"
PRODUCT: Final = ("register", "sync", "api")
_CHAPTERS: Final[tuple[tuple[type[RegisterError], str], ...]] = (
    (CallerError, "The caller must act"),
    (NotSignedIn, "The caller must sign in"),
    (NotPermitted, "The caller needs an authorisation, or a rule forbids it"),
    (PartnerError, "A partner must act"),
    (OperatorError, "The operator of this node must act"),
)
OPENING: Final = """# Error codes

Made by `python -m api.published.docs_errors`; do not edit. Each refusal is a problem document (RFC 9457) whose `type`
points at a heading of this page. Programs compare `code`; it is stable. The status is the one of HTTP.
"""


def import_all(packages: Iterable[str] = PRODUCT) -> None:
    """Import every module of these packages, so that every error is known; modules that are programs are left out."""
    for package in packages:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.endswith(".__main__"):
                importlib.import_module(found.name)


def all_errors(packages: Iterable[str] = PRODUCT) -> list[type[RegisterError]]:
    """Every error of these packages that was imported and has a code of its own, by code and place.

    A class without one is a variant of the class above it. Errors made up by tests are not the product's.
    """
    where = frozenset(packages)
    known = {
        e for e in _list_subclasses(RegisterError) if e.__module__.partition(".")[0] in where and "code" in vars(e)
    }
    return sorted(known, key=lambda error: (error.code, error.__module__, error.__qualname__))


def render_error_page(errors: Iterable[type[RegisterError]], opening: str = OPENING) -> str:
    """The page, in Markdown, one heading a code."""
    listed = list(errors)
    chapters = [opening]
    for family, title in _CHAPTERS:
        entries = [_write_entry(error) for error in listed if issubclass(error, family)]
        if entries:
            chapters.append(f"## {title}\n\n" + "\n".join(entries))
    return "\n".join(chapters)


def main() -> None:
    """Write the page."""
    import_all()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render_error_page(all_errors()), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def _write_entry(error: type[RegisterError]) -> str:
    meaning = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    return f"### {error.code}\n\n{meaning}\n\n- What to do: {error.advice}\n- Status: {status_of(error)}\n"


def _list_subclasses(error: type[RegisterError]) -> Iterator[type[RegisterError]]:
    for child in error.__subclasses__():
        yield child
        yield from _list_subclasses(child)


if __name__ == "__main__":
    main()
