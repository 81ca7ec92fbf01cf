"""The made-up notifications of 2023 of the other four countries, as forms; loaded by the step that needs them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rtr_trial.demo.made_up.data import DemoSignal
from schemas.signals.signal import SignalIn

FILE: Final = "notifications_2023.toml"
GROUP: Final = "regional-2023"
YEAR: Final = 2023
_MONTHS, _DAYS = 12, 28


@cache
def notifications_of_2023() -> tuple[DemoSignal, ...]:
    """The notifications of Curaçao, Sint Maarten, the Caribbean Netherlands and the Netherlands; not among the 110."""
    table = tomllib.loads(files("rtr_trial.demo.made_up").joinpath(FILE).read_text(encoding="utf-8"))
    return tuple(one for row in table["country"] for one in _build_signals(row, table["account"]))


def _build_signals(row: Mapping[str, Any], account: str) -> Iterator[DemoSignal]:
    lists = [_repeat_codes(row[name]) for name in ("source", "channel", "signal_type")]
    for n, (source, channel, kind) in enumerate(zip(*lists, strict=True)):
        day = f"{YEAR}-{1 + n % _MONTHS:02}-{1 + n % _DAYS:02}"
        body: dict[str, Any] = {
            "kind": "notification",
            "urgency": "NORMAL",
            "account": account,
            "received_on": day,
            "period": {"from": day, "to": day},
            "place": {"island": row["island"], "location_type": "UNKNOWN"},
            "signal_type": kind,
            "source": source,
            "channel": channel,
            "nothing_known": True,
        }
        key = f"{GROUP}-{row['organisation'].lower()}-{n + 1}"
        yield DemoSignal(key, GROUP, row["organisation"], SignalIn.model_validate(body), body)


def _repeat_codes(counts: Mapping[str, int]) -> list[str]:
    """Every code as often as it is counted."""
    return [code for code, count in counts.items() for _ in range(count)]
