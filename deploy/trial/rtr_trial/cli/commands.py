"""The commands that the trial adds to `rtr`; its entry points name these."""

from __future__ import annotations

from typing import Final

from api.cli.frame.added import Command

DEMO: Final = Command(
    "rtr_trial.cli.demo", "The whole product on this machine, as a story on made-up people.", before="doctor"
)
BENCH: Final = Command("rtr_trial.cli.bench", "Figures of this machine: pseudonyms, exchange, search, submissions.")
