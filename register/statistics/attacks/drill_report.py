"""What a drill found: small cells attacked and recovered, and what was shown or refused, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from register.statistics.attacks.harness import Finding
from register.statistics.attacks.totals import RULES, SIGHT
from register.statistics.definition import Definition, Tier
from register.statistics.owner.owner import SHARED
from register.statistics.release.assemble import Candidate
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.release.grains import grain_for
from register.statistics.release.release import CARIBBEAN_AREA
from schemas.codes import Partition


@dataclass(slots=True)
class Report:
    """What the drill found.

    Attributes:
        years, seed, public: its arguments.
        findings: small cells attacked and recovered, by attack.
        updates: tables updated by one record; with fewer than five possible cells left (of tables that have so many,
            else with any cell excluded) in `updates_narrow`; the fewest left in `candidates_min`.
        redrawn, redrawn_differently: tables drawn again.
        files, files_leaking: canonical outputs searched for keys, seeds and unrounded figures.
        membership: highest rate by tier, in thousandths; `membership_refused` public tables refused for it.
        controls: small cells recovered from unprotected and suppressed tables; zero would mean the harness is blind.
        tables, refused: tables put to the owner's and the regional rules; refusals by `country-or-region tier rule
            code`.
        grains: how much was shown, by `country tier grain`.
        blank: years in which no figure at all was shown of a population, by `country-or-region tier population`.
        errors: sum of |printed - exact| and number of inner cells, by base.
    """

    years: int
    seed: str
    public: tuple[Partition, ...]
    findings: dict[str, Finding] = field(default_factory=dict)
    updates: int = 0
    updates_narrow: int = 0
    candidates_min: int = 10**9
    candidates: list[int] = field(default_factory=list)
    redrawn: int = 0
    redrawn_differently: int = 0
    files: int = 0
    files_leaking: int = 0
    membership: dict[str, int] = field(default_factory=dict)
    controls: dict[str, Finding] = field(default_factory=dict)
    tables: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    grains: Counter[str] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)
    errors: dict[int, tuple[int, int]] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)

    def add(self, finding: Finding) -> None:
        """Add what an attack on what was released came to."""
        self.findings[finding.attack] = _add_finding(finding.attack, self.findings, finding)

    def add_control(self, name: str, finding: Finding) -> None:
        """Add what the same came to where nothing is protected."""
        self.controls[name] = _add_finding(name, self.controls, finding)

    def count_owner(
        self,
        definition: Definition,
        country: Partition,
        refusals: Mapping[Tier, Sequence[object]],
        part: Contribution | None,
    ) -> None:
        """Count what one owner may show, and what its rules refused."""
        for tier, found in refusals.items():
            self.tables += 1
            for refusal in found:
                rule, code = getattr(refusal, "rule", ""), getattr(refusal, "code", "")
                self.refused[f"{country} {tier} {rule} {code}"] += 1
            grain = grain_for(definition, part, tier) if part is not None else Grain.WITHHELD
            self.grains[f"{country} {tier} {grain}"] += 1
            self._note(str(country), tier, definition, grain)

    def count_region(self, definition: Definition, *candidates: Candidate) -> None:
        """Count what the region may show, a candidate for each tier, and what the rules refused."""
        for tier, candidate in zip(SHARED, candidates, strict=True):
            self.tables += 1
            for refusal in {*candidate.withheld, *candidate.refusals}:
                self.refused[f"{CARIBBEAN_AREA} {tier} {refusal.rule} {refusal.code}"] += 1
            cells = candidate.release.figures(CARIBBEAN_AREA)
            grain = Grain.WITHHELD if cells[-1].value is None else Grain.TOTAL if cells[0].value is None else Grain.FULL
            self.grains[f"{CARIBBEAN_AREA} {tier} {definition.population.name} {grain}"] += 1
            self._note(CARIBBEAN_AREA, tier, definition, grain)

    def end_year(self, populations: Sequence[str]) -> None:
        """Count for whom a year ended without any figure of a population."""
        everybody = [
            f"{who} {tier} {p}" for who in (*Partition, CARIBBEAN_AREA) for tier in SHARED for p in populations
        ]
        self.blank.update(name for name in everybody if name not in self._shown)
        self._shown.clear()

    def _note(self, who: str, tier: Tier, definition: Definition, grain: Grain) -> None:
        if grain is not Grain.WITHHELD:
            self._shown.add(f"{who} {tier} {definition.population.name}")

    @property
    def recovered(self) -> int:
        """Small cells recovered from releases; must be 0."""
        return sum(finding.recovered for finding in self.findings.values())

    @property
    def exact_totals(self) -> tuple[int, int, int]:
        """Totals of 1 to 4 of an island: how many were attacked, given away, and given away by the planted control."""
        found = [self.findings.get(name, Finding(name, 0, 0)) for name in (RULES, SIGHT)]
        planted = [self.controls.get(name, Finding(name, 0, 0)) for name in (RULES, SIGHT)]
        return found[0].attacked, sum(f.recovered for f in found), sum(f.recovered for f in planted)

    @property
    def is_passed(self) -> bool:
        """Nothing recovered, nothing narrow, nothing drawn differently, nothing leaking, controls caught."""
        caught = all(finding.recovered for finding in self.controls.values()) and bool(self.controls)
        return caught and not (self.recovered or self.updates_narrow or self.redrawn_differently or self.files_leaking)

    def document(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "passed": self.is_passed,
            "years": self.years,
            "seed": self.seed,
            "public_totals": [c.value for c in self.public],
            "recovered": self.recovered,
            "exact_small_totals": dict(zip(("attacked", "found", "found_by_control"), self.exact_totals, strict=True)),
            "attacks": {name: _write_finding(f) for name, f in sorted(self.findings.items())},
            "negative_controls": {name: _write_finding(f) for name, f in sorted(self.controls.items())},
            "updates": {
                "tables": self.updates,
                "narrow": self.updates_narrow,
                "candidates_min": self.candidates_min if self.updates else None,
                "candidates_median": median(self.candidates) if self.candidates else None,
            },
            "redrawn": {"tables": self.redrawn, "differently": self.redrawn_differently},
            "files": {"searched": self.files, "leaking": self.files_leaking},
            "membership_thousandths": dict(sorted(self.membership.items())),
            "tables": self.tables,
            "refused": dict(sorted(self.refused.items())),
            "shown": dict(sorted(self.grains.items())),
            "blank_years": dict(sorted(self.blank.items())),
            "mean_error": {str(b): round(total / cells, 3) for b, (total, cells) in sorted(self.errors.items())},
        }


def _add_finding(name: str, so_far: Mapping[str, Finding], finding: Finding) -> Finding:
    before = so_far.get(name, Finding(name, 0, 0))
    return Finding(name, before.attacked + finding.attacked, before.recovered + finding.recovered)


def _write_finding(finding: Finding) -> dict[str, int]:
    return {"attacked": finding.attacked, "recovered": finding.recovered}
