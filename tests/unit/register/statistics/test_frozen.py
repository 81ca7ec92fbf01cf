"""A frozen population: the same records for every table, whatever comes later, and how much a revision changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.statistics.owner.frozen import FrozenPopulation, figures_of
from register.statistics.period import Period
from tests.unit.register.statistics.support import CATALOGUE, YEAR, table

CODES = {"signal_type": ("HT", "MS"), "source": ("CITIZEN", "SCHOOL"), "channel": ("EMAIL", "PHONE")}
RECORD = st.fixed_dictionaries(
    {**{name: st.sampled_from(of) for name, of in CODES.items()}, "forwarded": st.just("YES")}
)


class Live:
    """Records that change."""

    def __init__(self, records: Sequence[Mapping[str, str]]) -> None:
        self.records = list(records)

    def count(self, population: str, first: date, last: date) -> Sequence[tuple[Mapping[str, str], int]]:
        assert population == "notifications"
        return [(record, 1) for record in self.records] if first.year == last.year == YEAR.year else []

    def began(self, population: str) -> date | None:
        return date(2023, 1, 1) if self.records and population == "notifications" else None


def frozen(live: Live) -> FrozenPopulation:
    return FrozenPopulation.of(live, "notifications", YEAR)


@given(st.lists(RECORD, max_size=12))
def test_what_is_kept_is_what_was_frozen_and_no_later_record_gets_in(records: list[dict[str, str]]) -> None:
    live = Live(records)
    first = frozen(live)
    kept = FrozenPopulation.read(json.loads(json.dumps(first.document())))
    before = {one.id: figures_of(first, one, YEAR, kept=(), catalogue=CATALOGUE).exact for one in TABLES}
    live.records.append({"signal_type": "MS", "source": "SCHOOL", "channel": "PHONE", "forwarded": "NO"})
    assert {one.id: figures_of(kept, one, YEAR, kept=(), catalogue=CATALOGUE).exact for one in TABLES} == before
    assert kept.changed_records(first) == 0
    assert kept.changed_records(frozen(live)) == 1
    assert len({exact.total for exact in before.values() if exact is not None}) <= 1


TABLES = [table(name) for name in ("notifications-by-type", "notifications-by-source", "notifications-by-channel")]


def test_a_record_that_moves_counts_once() -> None:
    one, other = ({"signal_type": "HT", "source": s, "channel": "EMAIL", "forwarded": "YES"} for s in CODES["source"])
    assert frozen(Live([one, one])).changed_records(frozen(Live([one, other]))) == 1
    assert frozen(Live([one])).changed_records(frozen(Live([one, other, other]))) == 2


def test_another_population_or_span_is_not_answered() -> None:
    one = frozen(Live([]))
    with pytest.raises(KeyError):
        one.count("intakes", YEAR.first_day, YEAR.last_day)
    with pytest.raises(KeyError):
        one.count("notifications", Period(2022).first_day, Period(2022).last_day)
