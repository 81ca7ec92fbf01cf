"""The table of settings in the operator's guide: `python -m api.published.docs_guide` writes it anew from the settings.

The rest of the guide is written by hand. A test holds the committed page equal to what this makes of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from api.cli.running import settings_table

PAGE: Final = Path(__file__).parents[2] / "register" / "docs" / "operators-guide.md"
BEGIN: Final = "<!-- settings: made by `python -m api.published.docs_guide`; do not edit between these marks -->\n"
END: Final = "<!-- /settings -->\n"


def render_guide(page: str) -> str:
    """Return the guide with the table as the settings have it now.

    Raises:
        ValueError: the guide has lost one of its marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} needs both marks of the table of settings")
    whole = settings_table.markdown()
    return before + begin + whole[whole.index("| setting") :] + end + after


def main() -> None:
    """Write the page."""
    PAGE.write_text(render_guide(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
