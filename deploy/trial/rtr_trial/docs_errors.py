"""The page of the trial's own error codes: `python -m rtr_trial.docs_errors` writes it anew.

Made as the product's is (`api.published.docs_errors`), and held by the same test.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from api.published.docs_errors import all_errors, import_all, render_error_page

PAGE: Final = Path(__file__).parents[1] / "error-codes.md"
TRIAL: Final = ("rtr_trial",)
OPENING: Final = """# Error codes of the trial

Made by `python -m rtr_trial.docs_errors`; do not edit. What the demo, the benches and the embedded servers say when
they cannot go on; the register's own codes are in `register/docs/error-codes.md`.
"""


def page() -> str:
    """What the file must hold."""
    import_all(TRIAL)
    return render_error_page(all_errors(TRIAL), OPENING)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
