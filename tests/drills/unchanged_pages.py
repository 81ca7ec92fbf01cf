"""A pytest plugin for `unchanged`: keeps every page that a test has rendered, and how the test ended.

It wraps the renderer of Jinja, which is the same on both sides, and imports nothing of ours. Pages go into
`UNCHANGED_FOLDER/pages/TEST/TEMPLATE~NUMBER`, outcomes into `UNCHANGED_FOLDER/tests/TEST~NUMBER`.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import jinja2
import pytest

ROUNDING, ROUNDING_KEY = ("statistics/rounding", 32), bytes(range(32))
"""Figures are rounded under a secret of this name and size: two runs show the same ones only under the same key."""
_FOLDER = Path(os.environ["UNCHANGED_FOLDER"])
_render = jinja2.Template.render
_token_bytes = secrets.token_bytes
_numbers = count(1)
_test = ["outside tests"]


def pytest_configure() -> None:
    """Wrap the renderer for all threads of this process, and fix the rounding of figures."""

    def keeping(self: jinja2.Template, *args: Any, **kwargs: Any) -> str:
        page = _render(self, *args, **kwargs)
        _keep(f"pages/{_test[0]}/{Path(self.name or 'unnamed').name}", page)
        return page

    def drawn(nbytes: int | None = None) -> bytes:
        wanted = (sys._getframe(1).f_locals.get("name"), nbytes)
        return ROUNDING_KEY if wanted == ROUNDING else _token_bytes(nbytes)

    jinja2.Template.render = keeping  # type: ignore[method-assign]  # every page passes here
    secrets.token_bytes = drawn  # every secret is drawn by it


def pytest_collection_finish() -> None:
    """End if the register that the tests import is not that of this side."""
    found = str(import_module("register").__file__)
    if not Path(found).resolve().is_relative_to((_FOLDER / "checkout").resolve()):
        raise pytest.UsageError(f"register came from {found}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note whose pages come now; what is set up for it is its own."""
    _test[0] = re.sub(r"[^\w.,=\[\]-]", "_", item.name)[:180]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep how a phase of a test ended."""
    _keep(f"tests/{_test[0]}", f"{report.when} {report.outcome}\n")


def _keep(name: str, text: str) -> None:
    file = _FOLDER / f"{name}~{os.environ['UNCHANGED_RUN']}-{next(_numbers)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")
