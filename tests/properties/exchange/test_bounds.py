"""No extract that an honest register makes of any form is refused by its bounds."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from register.domain.signals.ground import ground_of
from register.domain.signals.signal import Signal, SignalId
from register.mou.decide import Decision
from register.mou.extract import Pseudonym, extract_of, record_of
from register.mou.keys import PublishableKeys
from register.pseudonyms.errors import SelectorRefused
from register.pseudonyms.matchkeys import FAMILIES
from register.pseudonyms.signal_keys import subject_keys
from rtr_trial.demo.made_up import data
from schemas.codes import Partition, SignalState
from schemas.exchange.bounds import why_not
from schemas.exchange.wire import IndicatorPut, encode_body, read
from schemas.signals.signal import SignalIn
from tests.properties.signals.test_signal_schema import forms, one_of

TODAY = date(2199, 12, 31)
"""So that none of the days that the forms draw is still to come."""
NOW = datetime(2199, 12, 31, tzinfo=UTC)
ORGANISATIONS = [one.admitted().organisation for one in data.organisations()]
ID = UUID("01900000-0000-7000-8000-000000000001")


@given(
    form=forms(),
    organisation=st.sampled_from(ORGANISATIONS),
    crime_class=one_of("crime_class"),
    movement=st.none() | one_of("movement"),
    sector=st.none() | one_of("sector"),
)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example])
def test_extract_of_any_form_is_within_bounds(form: dict[str, Any], organisation: Any, **more: Any) -> None:
    typed = SignalIn.model_validate(form | more)
    country = organisation.partition
    try:
        keys = subject_keys(typed, country)
    except SelectorRefused:
        assume(False)
    signal = Signal(
        id=SignalId(ID), partition=country, reference=f"{country}-{TODAY.year}-0417", state=SignalState.REGISTERED,
        version=1, organisation=organisation.code, actor="tester", type_registered=typed.signal_type,
        type_assessed=typed.signal_type, form=typed,
        ground=ground_of(typed, organisation, today=TODAY, covenant="MOU-2019"), extract_id=ID, pseudonyms="done",
        last_necessity_at=NOW, recorded_at=NOW, changed_at=NOW,
    )  # fmt: skip
    tokens = [
        Pseudonym(k.subject, k.key.family, k.key.version, 1, hashlib.sha256(k.key.input).digest(), k.use) for k in keys
    ]
    publishable = PublishableKeys(frozenset(range(1, 33)), loose=True, withheld={})
    record = record_of(signal, organisation, tokens, publishable)
    decision = Decision(allowed=True, because=(), obligations=(), edition="A" * 43)
    recipient = next(one for one in Partition if one is not country)
    put = extract_of(signal, organisation, record, recipient=recipient, decision=decision)
    assert why_not(read(IndicatorPut, encode_body(put)), families=FAMILIES, their_day=TODAY) is None
