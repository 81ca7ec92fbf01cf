"""`python -m tests.drills NAME`: what is too long for the suite, and what a production binary must not carry."""

from __future__ import annotations

import sys

from tests.drills import kill

DRILLS = {"kill": kill.run}


def main() -> int:
    """Run the drill that the first word names; its own `--help` says what it takes."""
    name, *words = sys.argv[1:] or ["--help"]
    if name not in DRILLS:
        print(f"python -m tests.drills NAME [--help]; there are: {', '.join(DRILLS)}")
        return 0 if name == "--help" else 2
    return DRILLS[name](words)


if __name__ == "__main__":
    sys.exit(main())
