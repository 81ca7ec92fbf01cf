"""Contributions, published figures and regional releases, as people and programs read and ask for them.

Figures of other countries are as those countries rounded them; nothing here can hold a true one, but for figures
that a country has itself published, or that tell of the work and not of people.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.codes import Partition

PeriodText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-Q[1-4]|/[0-9]{4})?$")]
TableId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
CatalogueName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_-]{0,79}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SharedTier = Literal["W", "P"]
COUNT_MAX = 10**8


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RefusalOut(_Frozen):
    """One rule's no: R1 to R7, a stable code, a sentence, and what would make it pass."""

    rule: str
    code: str
    says: str
    would_pass: str


class ShownOut(_Frozen):
    """How much of a country's table a tier sees; `instead` names a coarser table that its figures do allow."""

    grain: str
    instead: str | None


class ContributionIn(_Asked):
    """Make the own country's contribution.

    Attributes:
        table: of the catalogue.
        period: `2023`, `2023-Q1` or `2021/2023`; it must have ended.
        signs_public: the coordinator signs for the country's own row in the public brief.
    """

    table: TableId
    period: PeriodText
    signs_public: bool = False


class ContributionOut(_Frozen):
    """A country's table as it shipped it, rounded under its own key.

    Attributes:
        base: figures are multiples of it; 1 where they tell of the work and are exact.
        rows, columns, cells: absent where the working group may not see the table in full.
        shown: by tier (`W` the working group, `P` the public brief).
        digest, signature: of the canonical bytes, and the node's signature over them.
    """

    country: Partition
    table: str
    version: int
    period: str
    revision: int
    ruleset: str
    catalogue: str
    base: int
    rows: tuple[str, ...] | None
    columns: tuple[str, ...] | None
    cells: tuple[tuple[int, ...], ...] | None
    total: int | None
    pooled: int | None
    shown: dict[str, ShownOut]
    signs_public: bool
    digest: str
    signature: str
    at: datetime


class OwnContributionOut(_Frozen):
    """What came of contributing; the reasons are for the owner alone, since a reason can tell of the figures.

    Attributes:
        is_new: False where the same figures had been contributed before.
        refusals: by tier, why it does not see the whole table.
        stepped_down: what the attack (R7) said before the table was made coarser.
    """

    contribution: ContributionOut
    is_new: bool
    refusals: dict[str, tuple[RefusalOut, ...]]
    stepped_down: tuple[RefusalOut, ...]


class ContributionsOut(_Frozen):
    """All contributions at hand, in one answer: at most four of each country to a table and period."""

    items: tuple[ContributionOut, ...]


class FactIn(_Asked):
    """A figure that the country has itself published.

    Attributes:
        where: variable to row, for instance `{"source": "CITIZEN"}`; empty for the total.
        source: where it stands, for people to look it up.
    """

    population: CatalogueName
    period: PeriodText
    where: dict[CatalogueName, CatalogueName] = Field(default_factory=dict, max_length=3)
    value: Annotated[int, Field(ge=0, le=COUNT_MAX)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FactOut(_Frozen):
    """A published figure; a correction has a higher number and takes the earlier one's place."""

    country: Partition
    population: str
    period: str
    where: dict[str, str]
    value: int
    source: str
    number: int
    digest: str
    at: datetime


class FactsOut(_Frozen):
    """The published figures at hand, in one answer: one of each country a figure of the catalogue and period."""

    items: tuple[FactOut, ...]


class KeptRowIn(_Asked):
    """An optional row that the country keeps from a day on, declared before anything is contributed for that time."""

    variable: CatalogueName
    code: CatalogueName
    since: date


class KeptRowOut(_Frozen):
    """An optional row that the country keeps."""

    variable: str
    code: str
    since: date


class DraftIn(_Asked):
    """Make a release of the newest contributions at hand."""

    tier: SharedTier
    table: TableId
    period: PeriodText


class CellOut(_Frozen):
    """One printed figure.

    Attributes:
        area: a country, or CARIBBEAN for the sum of the four.
        row, column: codes of the catalogue; ALL is the margin.
        value: absent where the marker stands instead.
        marker: rounded, exact, as-published, `c` withheld, `-` not kept, `..` not reported.
        reach: the true figure is at most so far from the printed one.
    """

    area: str
    row: str
    column: str
    value: int | None
    marker: str
    reach: int


class AttackOut(_Frozen):
    """What one attack came to: figures tried, and figures worked out (must be 0)."""

    attack: str
    attacked: int
    recovered: int


class SignedOut(_Frozen):
    """One country's contribution to a release."""

    country: Partition
    digest: str
    signature: str


class InsteadOut(_Frozen):
    """The coarser table that a country's figures do allow."""

    country: Partition
    table: str


class ReleaseSummary(_Frozen):
    """A release and how far it has come: draft, attacked, approved, frozen, superseded."""

    digest: str
    tier: str
    table: str
    version: int
    period: str
    revision: int
    state: str
    approvals: int
    drafted_at: datetime
    frozen_at: datetime | None
    superseded_by: str | None


class ReleasesOut(_Frozen):
    """The releases of this register, newest draft first."""

    items: tuple[ReleaseSummary, ...]


class ReleaseOut(ReleaseSummary):
    """A release with its figures.

    Attributes:
        base: figures are printed in multiples of it.
        coverage: countries in the Caribbean sum.
        withheld: why regional figures are withheld (R5).
        attacks, refusals: what the attack came to; absent before it ran.
        signature: of this node over the release's canonical bytes, once frozen.
    """

    ruleset: str
    catalogue: str
    population: str
    base: int
    coverage: tuple[Partition, ...]
    cells: tuple[CellOut, ...]
    contributions: tuple[SignedOut, ...]
    instead: tuple[InsteadOut, ...]
    withheld: tuple[RefusalOut, ...]
    attacks: tuple[AttackOut, ...] | None
    refusals: tuple[RefusalOut, ...] | None
    signature: str | None


class OtherDigest(_Frozen):
    """A node that has frozen another release of the same."""

    country: Partition
    digest: str


class VerificationOut(_Frozen):
    """What this node makes of a release, from its own copy of the contributions.

    Attributes:
        holds: the same bytes, of contributions that their countries signed.
        computed: the hash of what this node makes.
        held: whether the release was drafted in this register.
        unsigned: countries whose contribution carries no good signature.
        agree, differ: what other nodes have frozen.
    """

    digest: str
    holds: bool
    computed: str
    held: bool
    unsigned: tuple[Partition, ...]
    agree: tuple[Partition, ...]
    differ: tuple[OtherDigest, ...]


class LedgerOut(_Frozen):
    """All that a reader may know already, whole: every attack runs jointly with it, and a part would prove nothing.

    Attributes:
        linked: by table, the others that share its population.
    """

    catalogue: str
    contributions: tuple[ContributionOut, ...]
    facts: tuple[FactOut, ...]
    linked: dict[str, tuple[str, ...]]
