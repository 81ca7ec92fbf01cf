"""`python -m tests.drills NAME`: what is too long for the suite, and what a production binary must not carry."""

from __future__ import annotations

import sys
from importlib import import_module

DRILLS = ("dishonest-country", "fishing", "kill", "mutants", "stolen-host", "unchanged")


def main() -> int:
    """Run the drill that the first word names, and import no other; its own `--help` says what it takes."""
    name, *words = sys.argv[1:] or ["--help"]
    if name not in DRILLS:
        print(f"python -m tests.drills NAME [--help]; there are: {', '.join(DRILLS)}")
        return 0 if name == "--help" else 2
    code: int = import_module(f"tests.drills.{name.replace('-', '_')}").run(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
