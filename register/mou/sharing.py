"""For each partner: whether it may have the extract of a signal, by which rules, and how it stands with it.

What the worker decided is what counts; before it has, the rules are asked here as it will ask them.
"""

from __future__ import annotations

from datetime import date

from register.domain.partition import others
from register.domain.signals.dossier import Dossier
from register.domain.signals.signal_document import with_not_told
from register.domain.signals.telling import Told, by_partner, stand_of
from register.mou.edition import Edition
from register.mou.record import decide_all, facts_of, keyed_by_form, preview_sharing
from schemas.codes import Partition
from schemas.signals.out import SharingPreview
from schemas.signals.sharing import SharingOut


def previews_of(dossier: Dossier, edition: Edition, *, today: date) -> tuple[SharingPreview, ...]:
    """Whether each partner may have the extract, and why, in fixed order."""
    signal, protected = dossier.signal, dossier.protected
    facts = facts_of(signal, dossier.organisation, keyed_by_form(signal, protected), protected)
    if not dossier.decided:
        return preview_sharing(facts, edition, today=today)
    sentences = {p: d.sentences for p, d in decide_all(facts, edition, today=today).items()}
    return tuple(
        SharingPreview(
            recipient=partner,
            allowed=one.allowed,
            rules=one.rules,
            sentences=sentences[partner]
            if one.allowed
            else tuple(edition.rules[i].says for i in one.rules if i in edition.rules),
        )
        for partner, one in sorted(dossier.decided.items())
    )


def sharing_of(dossier: Dossier, edition: Edition, *, today: date) -> list[SharingOut]:
    """The same with how each partner stands by its receipts."""
    told = by_partner(dossier.told)
    said = {one.recipient: one for one in previews_of(dossier, edition, today=today)}
    return [
        _describe_partner_sharing(partner, said[partner], dossier, told) for partner in others(dossier.signal.partition)
    ]


def _describe_partner_sharing(
    partner: Partition, said: SharingPreview, dossier: Dossier, told: dict[Partition, list[Told]]
) -> SharingOut:
    stand, decided = stand_of(told.get(partner, [])), dossier.decided.get(partner)
    return SharingOut(
        **with_not_told(said, dossier.stopped).model_dump(),
        decided_at=decided.at if decided else None,
        delivery=stand.delivery,
        since=stand.at,
        due_at=stand.due_at,
        newer_on_its_way=stand.newer,
    )
