"""The attacks on a release of this register, with all that is known today and with the node's own exact figures."""

from __future__ import annotations

from collections.abc import Iterable

from register.core import Register
from register.services.statistics.asked import tell_refusals
from register.services.statistics.releases.sources import Part, Sources, candidate_of, made_of
from register.services.statistics.releases.stored import Held, definition_of, remake_candidate
from register.statistics.attacks.candidate import Insider, attack_candidate
from register.statistics.attacks.harness import Finding
from register.statistics.definition import Definition
from register.statistics.period import Period
from register.statistics.rules.rounding import derive_seeds, round_table
from register.statistics.tables import Table
from register.store.work import Work


def attacked(
    register: Register, work: Work, known: Sources, one: Held
) -> tuple[list[Finding], list[dict[str, object]]]:
    """What attacks and rules say, with all that is known today."""
    made, ledger = one.release, known.ledger()
    definition = definition_of(known, one)
    parts = made_of(known, one.row.contributions)
    candidate = candidate_of(known, definition, made.tier, made.period, parts, ledger)

    def assembled() -> bytes:
        return remake_candidate(known, one).release.canonical()

    findings = attack_candidate(
        definition,
        made,
        [part.contribution for part in parts],
        ledger,
        known.catalogue.tables,
        assembled=assembled,
        insider=_build_insider(register, work, definition, made.period, parts),
    )
    return findings, tell_refusals(candidate.refusals)


def _build_insider(
    register: Register, work: Work, definition: Definition, of: Period, parts: Iterable[Part]
) -> Insider:
    own = next((p for p in parts if p.row.origin is register.partition), None)
    if own is None:
        return Insider(country=register.partition)
    bases = {basis.number: basis for basis in work.statistics.statements.bases(own.row.place)}
    basis = bases.get(own.row.number)
    if basis is None or basis.exact is None:
        return Insider(country=register.partition)
    members = basis.exact
    exact = Table(tuple(members["rows"]), tuple(members["columns"]), tuple(map(tuple, members["cells"])))
    table = own.contribution.table
    if table is None or own.contribution.base == 1:
        return Insider(country=register.partition, exact=exact)
    key = register.keys.rounding

    def redraw() -> bytes:
        by = derive_seeds(key, definition.name, definition.population.name, str(of), exact)
        again = round_table(exact, own.contribution.base, by)
        return b"same" if again == table else b"another"

    return Insider(country=register.partition, exact=exact, redraw=redraw)
