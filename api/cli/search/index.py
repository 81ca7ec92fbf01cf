"""`rtr index`: the search index of this node; operator work. It is derived: nothing here can lose a record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Desk, Table, at, desk_of
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.core import Register

app = typer.Typer(no_args_is_help=True)

Country = Annotated[Partition, typer.Option(case_sensitive=False, help="The hosted country whose index it is.")]
Of = Annotated[
    Partition | None, typer.Option("--of", case_sensitive=False, help="Records of one country only; default: of all.")
]


@app.callback()
def _group() -> None:
    """The search index: how it stands, whether it agrees with the database, a new one, what does not get on."""


@app.command()
def status(ctx: typer.Context, *, country: Country) -> None:
    """Show, by whose records they are, what can be found; 1 where an index is missing or refuses something."""
    from register.services.search.oversee_index import index_status

    desk = desk_of(ctx)
    with _opened(desk, country) as register:
        found = index_status(register)
    rows = [
        (one.origin, one.generation or "none", "yes" if one.current else "no: rebuild it", one.live, one.found,
         one.refused)
        for one in found
    ]  # fmt: skip
    columns = ("records of", "generation", "mapping of this release", "live", "can be found", "refused")
    desk.answer(
        {"origins": [asdict(one) for one in found]},
        Table("", columns, rows, frozenset({"live", "can be found", "refused"})),
        "Live and not found: records of visibility V3, and those whose pseudonyms wait for partners.",
    )
    if any(one.refused or not one.current for one in found):
        raise typer.Exit(FINDINGS)


@app.command()
def verify(
    ctx: typer.Context,
    *,
    country: Country,
    of: Of = None,
    repair: Annotated[bool, typer.Option("--repair", help="Put what differs before the feed again.")] = False,
) -> None:
    """Compare what searches find with the database, object by object; 1 where something differs."""
    from register.services.search.oversee_index import verify_index

    desk = desk_of(ctx)
    with _opened(desk, country) as register, desk.progress("Comparing"):
        found = [verify_index(register, origin, repair=repair) for origin in _list_origins(of)]
    rows = [
        (one.origin, one.compared, one.differ, one.unknown, one.unreadable, one.queued, one.restored) for one in found
    ]
    columns = ("records of", "compared", "differ", "not of the database", "not to be opened", "queued", "keys restored")
    named = [f"{one.origin}: {object_id}" for one in found for object_id in one.differing]
    advice = []
    if any(one.unreadable for one in found):
        advice += ["What does not open of a partner is fetched anew from it within ten minutes."]
    if any(one.differ for one in found) and not repair:
        advice += ["What waits in the feed differs until it is fed. What differs later is mended with --repair."]
    if any(one.unknown for one in found):
        advice += ["What is not of the database goes with `rtr index rebuild`, and nothing else."]
    desk.answer({"origins": [asdict(one) for one in found]}, Table("", columns, rows, frozenset(columns[1:])),
                *named, *advice)  # fmt: skip
    if not all(one.agrees for one in found):
        raise typer.Exit(FINDINGS)


@app.command()
def rebuild(ctx: typer.Context, *, country: Country, of: Of = None) -> None:
    """Fill new indexes from the database beside those that serve, check them, and let searches read them."""
    from register.services.search.oversee_index import rebuild_index

    desk = desk_of(ctx)
    with _opened(desk, country) as register:
        found = []
        for origin in _list_origins(of):
            with desk.progress(f"Rebuilding {origin}") as moved:
                found.append(rebuild_index(register, origin, moved=moved))
    rows = [(one.origin, one.generation, one.objects, one.superseded, one.compared) for one in found]
    columns = ("records of", "generation", "records", "newer meanwhile", "read back")
    desk.answer(
        {"origins": [asdict(one) for one in found]},
        Table("", columns, rows, frozenset(columns[1:])),
        "Searches under way end on the old ones; delete those with `rtr index retire` in an hour.",
    )


@app.command()
def retire(ctx: typer.Context, *, country: Country, of: Of = None) -> None:
    """Delete the indexes that searches read no more."""
    from register.services.search.oversee_index import retire_index

    desk = desk_of(ctx)
    with _opened(desk, country) as register:
        found = {str(origin): retire_index(register, origin) for origin in _list_origins(of)}
    desk.answer({"retired": found}, f"Deleted: {sum(found.values())}.", brief=str(sum(found.values())))


@app.command()
def rederive(
    ctx: typer.Context,
    *,
    country: Country,
    apply: Annotated[bool, typer.Option("--apply", help="Put what differs in step.")] = False,
) -> None:
    """Say how many own reports this release would find by other values than they were stored with; 1 where any."""
    from register.services.signals.protecting.rederive_keys import rederive_keys

    desk = desk_of(ctx)
    with _opened(desk, country) as register, desk.progress("Deriving keys"):
        found = rederive_keys(register, apply=apply)
    values = f"{found.new} values more, {found.gone} fewer"
    said = [f"{found.differ} of {found.looked_at} reports differ: {values}. {found.asked_anew} need other pseudonyms."]
    if found.unreadable:
        said.append(f"{found.unreadable} could not be looked at (`signal.keys-not-rederived` in the log).")
    if found.differ:
        said.append(
            "The worker asks the evaluators and tells partners what changed."
            if apply
            else "Put them in step with --apply: it costs quota for each new pseudonym, and approvals are asked anew."
        )
    desk.answer({**asdict(found), "applied": apply}, *said, brief=str(found.differ))
    if found.unreadable or (found.differ and not apply):
        raise typer.Exit(FINDINGS)


@app.command("dead-letters")
def dead_letters(
    ctx: typer.Context,
    *,
    country: Country,
    retry: Annotated[bool, typer.Option("--retry", help="Have all of them tried at once.")] = False,
) -> None:
    """List what does not get on, whatever was to be done with it, and why; 1 where there is anything."""
    from register.domain.running.consumer import words_for
    from register.services.search import oversee_index

    desk = desk_of(ctx)
    with _opened(desk, country) as register:
        found = oversee_index.dead_letters(register)
        again = oversee_index.retry_dead_letters(register) if retry else 0
    rows = [(one.consumer, words_for(one.consumer), one.object, one.code, at(one.since), one.attempts) for one in found]
    table = Table("", ("for", "what waits", "object", "code", "since", "tried"), rows, frozenset({"tried"}))
    said = [f"{again} are tried again now; ask again in a minute."] if again else []
    desk.answer({"items": [asdict(one) for one in found], "retried": again},
                table if found else "Everything gets on.", *said)  # fmt: skip
    if found:
        raise typer.Exit(FINDINGS)


def _list_origins(of: Partition | None) -> tuple[Partition, ...]:
    return (of,) if of else tuple(Partition)


@contextmanager
def _opened(desk: Desk, country: Partition) -> Iterator[Register]:
    from register import bootstrap

    settings = settings_of(desk)
    require_hosted(settings, country)
    register = bootstrap.open(settings, country)
    try:
        yield register
    finally:
        register.close()
