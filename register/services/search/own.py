"""What the own register answers: also what waits for pseudonyms, and what leaves nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from register.matching.score import count_carriers
from register.pseudonyms.matchkeys import MatchKey
from register.services.search.plan import Plan
from register.store.search.search_keys import DF_MAX
from register.store.work import Work
from schemas.search.question import CommonOut, GuaranteeOut, OwnAnswer, OwnHit

SHOWN_MAX: Final = 100
"""Own reports that are listed of one value; of more their number is told beside."""


def own_answer(
    work: Work, plan: Plan, blinds: dict[bytes, MatchKey], by_key: dict[MatchKey, str]
) -> tuple[OwnAnswer, set[MatchKey]]:
    """The own register, by its own key: also what waits for pseudonyms, also victims' keys, which leave nowhere.

    A signal whose matches are blind shows to the register unit only; to others the answer is that of a miss.

    Returns:
        The answer, and the keys by which something was found.
    """
    hidden = frozenset() if plan.asker.register_unit else plan.blind
    by_blind: dict[bytes, set[UUID]] = {}
    for m in work.signals.own_tokens.match_blind(list(blinds), hidden=hidden):
        by_blind.setdefault(m.blind, set()).add(m.signal_id)
    carriers = work.search.keys.carriers([by_key[blinds[b]] for b in by_blind if blinds[b] in by_key])
    common = []
    signals: dict[UUID, set[str]] = {}
    for blind, found in by_blind.items():
        key = blinds[blind]
        if max(count_carriers(carriers.get(by_key.get(key, ""), {}), {work.partition}), len(found)) > DF_MAX:
            spans = work.signals.reports.months(sorted(found))
            common.append(CommonOut(family=key.family, records=len(found), month_from=spans[0], month_to=spans[1]))
        # Shown all the same, the oldest first: else whoever enters a value again and again hides what was there before.
        for signal_id in sorted(found)[:SHOWN_MAX]:
            signals.setdefault(signal_id, set()).add(key.family)
    names = {one.code: one.name for one in work.access.organisations.all()} if signals else {}
    hits = tuple(_own_hit(work, s, f, names) for s, f in sorted(signals.items()))
    return OwnAnswer(signals=hits, too_common=tuple(common)), {blinds[blind] for blind in by_blind}


def _own_hit(work: Work, signal_id: UUID, families: set[str], names: Mapping[str, str]) -> OwnHit:
    row = work.signals.reports.coded(signal_id)
    return OwnHit(
        id=signal_id,
        reference=row["reference"],
        organisation=row["organisation"],
        organisation_name=names[row["organisation"]],
        signal_type=row["type_assessed"],
        received_on=row["received_on"],
        families=tuple(sorted(families)),
        guarantees=tuple(GuaranteeOut(kind=k, service=s, on=d) for k, s, d in row["guarantees"]),
    )
