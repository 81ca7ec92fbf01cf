"""From what is kept to the documents that people and programs read."""

from __future__ import annotations

from register.domain.statistics.rows import ReleaseRow, SaidRow
from register.services.statistics.asked import tell_refusals
from register.services.statistics.releases.checking import LedgerView, Verification
from register.services.statistics.releases.sources import Part
from register.services.statistics.releases.stored import Held
from register.services.statistics.statements.contribute import Made
from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Tier
from register.statistics.owner.owner import SHARED
from register.statistics.release.contribution import Contribution
from register.statistics.release.grains import grain_for, instead_for
from register.statistics.release.statements import PublishedFact
from schemas.statistics.releases import (
    AttackOut,
    CellOut,
    ContributionOut,
    FactOut,
    InsteadOut,
    LedgerOut,
    OtherDigest,
    OwnContributionOut,
    RefusalOut,
    ReleaseOut,
    ReleaseSummary,
    ShownOut,
    SignedOut,
    VerificationOut,
)


def contribution_out(made: Contribution, row: SaidRow) -> ContributionOut:
    """A contribution; its salt stays inside the registers, so that nobody tries tables against a published hash."""
    return ContributionOut(
        country=made.country,
        table=made.table_id,
        version=made.version,
        period=str(made.period),
        revision=made.revision,
        ruleset=made.ruleset,
        catalogue=made.catalogue,
        base=made.base,
        rows=None if made.table is None else made.table.rows,
        columns=None if made.table is None else made.table.columns,
        cells=None if made.table is None else made.table.cells,
        total=made.total,
        pooled=made.pooled,
        shown={tier.value: _show_contribution(made, tier) for tier in SHARED},
        signs_public=made.signs_public,
        digest=row.digest,
        signature=row.signature,
        at=row.at,
    )


def _show_contribution(made: Contribution, tier: Tier) -> ShownOut:
    """What a tier sees of it; the public by the printed figures, under today's catalogue."""
    tables = default_catalogue().tables
    definition = tables[made.table_id]
    return ShownOut(grain=grain_for(definition, made, tier).value, instead=instead_for(tables, definition, made, tier))


def own_contribution_out(made: Made) -> OwnContributionOut:
    """What came of contributing."""
    return OwnContributionOut(
        contribution=contribution_out(made.contribution, made.row),
        is_new=made.is_new,
        refusals={
            t.value: tuple(RefusalOut(**r) for r in tell_refusals(several)) for t, several in made.refusals.items()
        },
        stepped_down=tuple(RefusalOut(**r) for r in tell_refusals(made.stepped_down)),
    )


def fact_out(word: PublishedFact, row: SaidRow) -> FactOut:
    """A published figure."""
    fact = word.fact
    return FactOut(
        country=fact.country,
        population=fact.population,
        period=str(fact.period),
        where=dict(sorted(fact.where)),
        value=fact.value,
        source=fact.source,
        number=word.number,
        digest=row.digest,
        at=row.at,
    )


def summary_out(row: ReleaseRow) -> ReleaseSummary:
    """One line of the list of releases."""
    return ReleaseSummary(
        digest=row.digest,
        tier=row.tier,
        table=row.table_id,
        version=row.version,
        period=row.period,
        revision=row.revision,
        state=row.state,
        approvals=len(row.approved_by),
        drafted_at=row.drafted_at,
        frozen_at=row.frozen_at,
        superseded_by=row.superseded_by,
    )


def release_out(one: Held) -> ReleaseOut:
    """A release with its figures."""
    made, row = one.release, one.row
    found = row.findings
    return ReleaseOut(
        **summary_out(row).model_dump(),
        ruleset=made.ruleset,
        catalogue=made.catalogue,
        population=made.population,
        base=made.base,
        coverage=made.coverage,
        cells=tuple(
            CellOut(area=c.area, row=c.row, column=c.column, value=c.value, marker=c.marker.value, reach=c.reach)
            for c in made.cells
        ),
        contributions=tuple(
            SignedOut(country=s.country, digest=s.digest, signature=s.signature) for s in made.contributions
        ),
        instead=tuple(InsteadOut(country=country, table=table) for country, table in made.instead),
        withheld=tuple(RefusalOut(**refusal) for refusal in row.withheld),
        attacks=None if found is None else tuple(AttackOut(**attack) for attack in found["attacks"]),
        refusals=None if found is None else tuple(RefusalOut(**refusal) for refusal in found["refusals"]),
        signature=row.signature,
    )


def verification_out(found: Verification) -> VerificationOut:
    """What this node makes of a release."""
    return VerificationOut(
        digest=found.digest,
        holds=found.holds,
        computed=found.computed,
        held=found.is_held,
        unsigned=found.unsigned,
        agree=found.agree,
        differ=tuple(OtherDigest(country=country, digest=digest) for country, digest in found.differ),
    )


def ledger_out(view: LedgerView) -> LedgerOut:
    """All that is known."""
    return LedgerOut(
        catalogue=view.catalogue_version,
        contributions=tuple(part_out(part) for part in view.parts),
        facts=tuple(fact_out(word, row) for word, row in view.facts),
        linked=view.linked,
    )


def part_out(part: Part) -> ContributionOut:
    """A contribution with the row that keeps it."""
    return contribution_out(part.contribution, part.row)
