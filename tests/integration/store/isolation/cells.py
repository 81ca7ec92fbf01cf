"""The cells of the isolation matrix: what a role tries on a relation, and what must come of it.

The oracle: no row of another country is read, changed, counted or told from one that is not there; and what the
role's rights allow on its own rows works, so that a matrix of refusals alone is red too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from register.store.models import Rights
from register.store.running.server.rls import Role
from tests.integration.store.isolation.catalogue import Relation
from tests.integration.store.isolation.planting import ABSENT, insert, row, rows_of
from tests.integration.store.isolation.session import REFUSED, Outcome

Verdict = str | None
"""What is wrong with an outcome; None where nothing is."""

WEAK = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE")
STRONG = ("SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")


@dataclass(frozen=True, slots=True)
class Cell:
    """One try.

    Attributes:
        judge: looks at the outcome.
        before: statements that run first, in the same try.
        twin: a second try that must look the same: the same question about a row that is not there.
    """

    verb: str
    statement: str
    judge: Callable[[Outcome], Verdict]
    before: tuple[str, ...] = ()
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One relation as one role meets it."""

    relation: Relation
    role: Role
    right: Rights
    foreign: str
    hosted: tuple[str, ...]
    version: int

    @property
    def own_rows(self) -> int:
        return rows_of(self.relation, self.role.country, self.hosted)

    @property
    def any_right(self) -> bool:
        return self.right.select or self.right.insert or bool(self.right.update) or self.right.delete


def cells(case: Case) -> Iterator[Cell]:
    """Every try for a relation; those about countries only where it has one."""
    if case.relation.has_country:
        yield from _reading(case)
        yield from _writing(case)
        yield from _telling_from_absent(case)
        yield from _columns(case)
    else:
        yield from _shared(case)
    yield from _taking_over(case)
    yield from _locking(case)


def _reading(case: Case) -> Iterator[Cell]:
    name, own, reads = case.relation.name, case.role.country, case.right.select
    listed = _when(reads, only(own, case.own_rows))
    yield Cell("select", f"SELECT country FROM {name}", listed)
    yield Cell("select only", f"SELECT country FROM ONLY {name}", _when(reads, nothing_but(own)))
    yield Cell("select foreign", f"SELECT 1 FROM {name} WHERE country = '{case.foreign}'", _when(reads, no_row))
    existing = row(case.relation, case.foreign, 1)
    where = " AND ".join(f"{k} = {existing[k]}" for k in case.relation.key)
    yield Cell("select foreign by key", f"SELECT 1 FROM {name} WHERE {where}", _when(reads, no_row))
    yield Cell("count", f"SELECT count(*) FROM {name}", _when(reads, value(case.own_rows)))
    yield Cell("count foreign", f"SELECT count(*) FROM {name} WHERE country <> '{own}'", _when(reads, value(0)))
    yield Cell("sample", f"SELECT country FROM {name} TABLESAMPLE SYSTEM (100)", listed)
    # An expression that fails on a foreign row would tell that there is one.
    leak = f"SELECT country FROM {name} WHERE 1 / (CASE WHEN country = '{own}' THEN 1 ELSE 0 END) = 1"
    yield Cell("leaking expression", leak, listed)
    yield Cell("row security off", f"SELECT country FROM {name}", refused, ("SET LOCAL row_security = off",))
    plan = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM {name}"
    yield Cell("explain", plan, _when(reads, never_says(f"_{case.foreign.lower()}")))
    hidden = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM {name} WHERE country = '{{}}'"
    yield Cell(
        "explain foreign", hidden.format(case.foreign), _when(reads, never_says(f"_{case.foreign.lower()}")),
        twin=hidden.format("ZZ"),
    )  # fmt: skip
    locks = reads and bool(case.right.update)
    yield Cell("select for update", f"SELECT country FROM {name} FOR UPDATE", _when(locks, only(own, case.own_rows)))
    foreign = f"SELECT 1 FROM {name} WHERE country = '{case.foreign}' FOR KEY SHARE"
    yield Cell("lock foreign row", foreign, _when(locks, no_row))
    copied = copies(own) if reads else refused
    yield Cell("copy to", f"COPY {name} (country) TO STDOUT", copied)


_GOES_AFTER = {"rtr.class_approval"}
"""What may be deleted only after what names it: here its uses, of which one is planted."""


def _writing(case: Case) -> Iterator[Cell]:
    relation, right, own, foreign = case.relation, case.right, case.role.country, case.foreign
    name = relation.name
    fresh = _when(right.insert, fails("23505") if relation.one_row else touches(1))
    yield Cell("insert own", insert(relation, row(relation, own, ABSENT)), fresh)
    yield Cell("insert foreign", insert(relation, row(relation, foreign, ABSENT)), refused)
    columns = right.update or tuple(c.name for c in relation.columns if c.name != "country")[-1:]
    same = ", ".join(f"{c} = {c}" for c in columns)
    changes = bool(right.update)
    yield Cell("update own", f"UPDATE {name} SET {same}", _when(changes, touches(case.own_rows)))
    yield Cell("update foreign", f"UPDATE {name} SET {same} WHERE country = '{foreign}'", _when(changes, touches(0)))
    yield Cell("move to foreign", f"UPDATE {name} SET country = '{foreign}'", refused)
    all_of_them = fails("23503") if relation.table in _GOES_AFTER else touches(case.own_rows)
    yield Cell("delete", f"DELETE FROM {name}", _when(right.delete, all_of_them))
    gone = f"DELETE FROM {name} WHERE country = '{foreign}'"
    yield Cell("delete foreign", gone, _when(right.delete, touches(0)))
    then = "DELETE" if right.delete or not changes else f"UPDATE SET {same}"
    merge = f"MERGE INTO {name} USING (VALUES (1)) v (x) ON country = '{foreign}' WHEN MATCHED THEN {then}"
    yield Cell("merge foreign", merge, _when(right.delete or changes, touches(0)))
    yield Cell("truncate", f"TRUNCATE {name}", refused)
    yield Cell("truncate cascade", f"TRUNCATE {name} CASCADE", refused)
    # Row security does not know COPY FROM, so PostgreSQL refuses it there (0A000).
    yield Cell("copy from", f"COPY {name} FROM STDIN", fails("0A000") if right.insert else refused)


def _telling_from_absent(case: Case) -> Iterator[Cell]:
    """The same try about a foreign row that is there and about one that is not must end alike."""
    relation, own, foreign = case.relation, case.role.country, case.foreign
    there, absent = row(relation, foreign, 1), row(relation, foreign, ABSENT)
    for more in ("ON CONFLICT DO NOTHING", f"ON CONFLICT ({', '.join(relation.key)}) DO NOTHING"):
        yield Cell("on-conflict probe", insert(relation, there, more), refused, twin=insert(relation, absent, more))
    as_own = row(relation, own, 1, made_for=foreign, refers_to=(own, 1))
    as_none = row(relation, own, ABSENT, made_for=foreign, refers_to=(own, 1))
    yield Cell("unique probe", insert(relation, as_own), anything, twin=insert(relation, as_none))
    if relation.foreign_keys:
        refers = row(relation, own, ABSENT, refers_to=(foreign, 1))
        to_none = row(relation, own, ABSENT, refers_to=(foreign, ABSENT))
        judge = fails("23503") if case.right.insert else refused
        yield Cell("foreign-key probe", insert(relation, refers), judge, twin=insert(relation, to_none))


def _columns(case: Case) -> Iterator[Cell]:
    if case.relation.parent:
        return
    for column in case.relation.columns:
        if column.name not in case.right.update:
            statement = f'UPDATE {case.relation.name} SET "{column.name}" = "{column.name}"'
            yield Cell(f"update column {column.name}", statement, refused)


def _shared(case: Case) -> Iterator[Cell]:
    name, column = case.relation.name, case.relation.columns[0].name
    yield Cell("select", f"SELECT 1 FROM {name}", _when(case.right.select, anything))
    yield Cell("insert", f"INSERT INTO {name} DEFAULT VALUES", refused)
    yield Cell("update", f"UPDATE {name} SET {column} = {column}", refused)
    yield Cell("delete", f"DELETE FROM {name}", refused)
    yield Cell("truncate", f"TRUNCATE {name}", refused)
    yield Cell("copy from", f"COPY {name} FROM STDIN", refused)


def _taking_over(case: Case) -> Iterator[Cell]:
    name = case.relation.name
    for verb, statement in {
        "disable row security": f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
        "drop force": f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
        "own": f"ALTER TABLE {name} OWNER TO {case.role.name}",
        "drop": f"DROP TABLE {name} CASCADE",
        "create index": f"CREATE INDEX ON {name} (({1}))",
        "create policy": f"CREATE POLICY p ON {name} USING (true)",
        "create rule": f"CREATE RULE r AS ON INSERT TO {name} DO ALSO SELECT 1",
        "create trigger": f"CREATE TRIGGER t AFTER INSERT ON {name} EXECUTE FUNCTION pg_catalog.suppress_redundant_"
        "updates_trigger()",
    }.items():
        yield Cell(verb, statement, refused)


def _locking(case: Case) -> Iterator[Cell]:
    """What locks out others needs a right on the whole table: never on a parent, never on another's part."""
    right, since_16 = case.right, case.version >= 160_000
    weak = {
        "ACCESS SHARE": right.select or right.delete or (since_16 and right.insert),
        "ROW SHARE": right.delete or (since_16 and right.insert),
        "ROW EXCLUSIVE": right.delete or right.insert,
    }
    for mode in (*WEAK, *STRONG):
        allowed = weak.get(mode, right.delete)
        yield Cell(f"lock {mode}", f"LOCK TABLE {case.relation.name} IN {mode} MODE NOWAIT", _when(allowed, done))


# -- verdicts


def _when(allowed: bool, judge: Callable[[Outcome], Verdict]) -> Callable[[Outcome], Verdict]:  # noqa: FBT001 - reads as a sentence
    return judge if allowed else refused


def refused(outcome: Outcome) -> Verdict:
    return None if outcome.state == REFUSED else f"expected a refusal, got {outcome.state} {outcome.said}"


def anything(_: Outcome) -> Verdict:
    return None


def done(outcome: Outcome) -> Verdict:
    return None if outcome.state == "ok" else f"expected that it works, got {outcome.state} {outcome.said}"


def no_row(outcome: Outcome) -> Verdict:
    return done(outcome) or (None if not outcome.rows else f"{len(outcome.rows)} foreign rows seen")


def fails(state: str) -> Callable[[Outcome], Verdict]:
    return lambda o: None if o.state == state else f"expected {state}, got {o.state} {o.said}"


def only(country: str, how_many: int) -> Callable[[Outcome], Verdict]:
    """Exactly this many rows, each of this country."""
    wanted = ((country,),) * how_many
    return lambda o: done(o) or (None if o.rows == wanted else f"expected {how_many} of {country}, got {o.rows}")


def nothing_but(country: str) -> Callable[[Outcome], Verdict]:
    """No row of any other country."""
    return lambda o: done(o) or (None if set(o.rows) <= {(country,)} else f"foreign rows: {o.rows}")


def copies(country: str) -> Callable[[Outcome], Verdict]:
    """No row of any other country; servers that do not copy a partitioned table at all say so (42809)."""
    seen = nothing_but(country)
    return lambda o: None if o.state == "42809" else seen(o)


def value(number: int) -> Callable[[Outcome], Verdict]:
    return lambda o: done(o) or (None if o.rows == ((str(number),),) else f"expected {number}, got {o.rows}")


def touches(number: int) -> Callable[[Outcome], Verdict]:
    return lambda o: done(o) or (None if o.touched == number else f"expected {number} rows touched, got {o.touched}")


def never_says(word: str) -> Callable[[Outcome], Verdict]:
    def judge(outcome: Outcome) -> Verdict:
        said = " ".join(str(r[0]) for r in outcome.rows)
        return done(outcome) or (f"the plan names {word}" if word in said else None)

    return judge
