"""A reporter's repeat counts once: the same notification told again by the same organisation, however it is written.

Told by the keyed value of the report as it was told, in the country's own index: nothing is opened for it. Another day
of telling, another urgency, other signs, accents or capitals make no second one. The first that holds counts; where it
is withdrawn or corrected, the next one does. What only resembles another, by a word or a value, counts until a person
says that it is the same, by withdrawing it.
"""

from __future__ import annotations

import sqlalchemy as sa

from register.domain.signals.protecting.finding import TOLD_ALIKE
from register.store.models.signals import blind_index, signal


def is_first_telling() -> sa.ColumnElement[bool]:
    """Whether no earlier report of the same organisation that holds says the same as this one."""
    earlier, ours, theirs = signal.alias("earlier"), blind_index.alias("ours"), blind_index.alias("theirs")
    repeat = (
        sa.select(sa.literal(1))
        .select_from(ours)
        .join(theirs, sa.and_(theirs.c.country == ours.c.country, theirs.c.blind == ours.c.blind))
        .join(earlier, sa.and_(earlier.c.country == theirs.c.country, earlier.c.id == theirs.c.signal_id))
        .where(
            ours.c.country == signal.c.country,
            ours.c.signal_id == signal.c.id,
            ours.c.family == TOLD_ALIKE,
            earlier.c.organisation == signal.c.organisation,
            earlier.c.withdrawn_at.is_(None),
            sa.tuple_(earlier.c.created_at, earlier.c.id) < sa.tuple_(signal.c.created_at, signal.c.id),
        )
    )
    return ~repeat.correlate(signal).exists()
