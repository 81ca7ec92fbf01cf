"""Every message that the pages say, gathered from the templates and modules themselves."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from babel.messages.extract import extract_from_dir

WEB: Final = Path(str(resources.files("api.web")))
_METHODS: Final = [
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("**.py", "python"),
]
_KEYWORDS: Final[dict[str, None]] = {"_": None, "plain": None, "N_": None}


@cache
def messages() -> dict[str, frozenset[str]]:
    """Message -> the files that say it, relative to the package of the pages."""
    found: dict[str, set[str]] = {}
    options = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    for file, _, message, _, _ in extract_from_dir(WEB, _METHODS, options, _KEYWORDS):
        assert isinstance(message, str), f"{file}: {message!r} has plural forms"
        found.setdefault(message, set()).add(file)
    return {message: frozenset(files) for message, files in found.items()}


def of_intake() -> set[str]:
    """What the intake form says, with the frame around every page and the door that leads back to it."""
    frame = {
        f"templates/{name}.html" for name in ("layout", "fields", "access/signed_out", "frame/idle", "frame/written")
    }
    folders = ("templates/signals/reporting/", "signals/reporting/")
    return {message for message, files in messages().items() if any(f.startswith(folders) or f in frame for f in files)}
