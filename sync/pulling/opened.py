"""Ids of requests that are opened to other evaluators, where their counts do not fit (README, "Counts").

Whose requests they are has them anyway. Everybody else knows a root only, until the signed counts of all evaluators of
a country show that one of them granted it much alone: then each opens its ids to whoever shows that, and those that
stand at one evaluator alone are what somebody answered off the books, or what the others failed to answer.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.exchange.counts import add_up_granted, granted_alone
from register.domain.exchange.quotas import first_day
from register.domain.partition import others
from register.errors import PartnerError
from schemas.codes import Partition
from schemas.exchange.lists import Opening
from sync.protocol.documents.roster import Rosters
from sync.pulling.answered import signed_piece
from sync.pulling.counted import granted_by, read_counts
from sync.trust import trust_of

PATH: Final = "/evaluate/v1/openings"


class IdsStayClosed(PartnerError):
    """Nothing shows that one evaluator granted the country much alone on that day."""

    code = "evaluation-ids-closed"
    advice = (
        "Give the signed counts of the country's other evaluators, of the last thirty days; ids are opened for these."
    )


def opened_piece(
    register: Register, caller: Caller, partner: Partition, rosters: Rosters, opening: Opening, *, jti: UUID
) -> bytes:
    """Return one piece of what this country's evaluator granted another country on a day: a compact JWS.

    Its own counts are those of its book, whatever is shown of them.

    Args:
        register: of the country that evaluates.
        caller: the partner, with the function `evaluator`.
        partner: who asks.
        rosters: those known here.
        opening: what it asks for, and shows.
        jti: of the signed request.

    Raises:
        IdsStayClosed: the counts fit, or not all are shown.
        PartnerError: what `read_counts` refuses.
        DayNotOver, RequestReplayed: as `signed_piece`.
    """
    me, day = register.partition, opening.day
    granted = {
        one.evaluator: granted_by(read_counts(one.counts.encode(), trust_of(me, rosters, one.evaluator), day))
        for one in opening.counts
        if one.evaluator is not me and one.evaluator in others(opening.country)
    }
    with register.work(caller) as work:
        granted[me] = add_up_granted(work.exchange.evaluations.counted(day))
    # Of a day whose counts are gone here, everybody else would seem to have granted alone.
    known = day > first_day(register.clock.now())
    # Nor does anybody's own word open to him what others granted: that he granted alone, he has the ids of.
    alone = {one.country for one in granted_alone(granted) if one.evaluator is not partner}
    if not known or opening.country not in alone:
        raise IdsStayClosed(f"{partner} shows nothing for which the ids of {opening.country} on {day} are opened")
    after = None if opening.after is None else UUID(opening.after)
    return signed_piece(register, caller, partner, day, country=opening.country, after=after, jti=jti)
