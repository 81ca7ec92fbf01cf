"""The command `rtr`: one module a command or group of commands, imported only when it is used.

To add one: write a module with `app = typer.Typer()` in the folder of its area, and give it a line in `COMMANDS`; other
distributions add theirs by entry points (`frame/added`). What every command shares is in `frame`: `terminal` (the
options before the command, and output), `failures` (errors and exit codes), `person` (a client for somebody with a
profile) and `machine` (settings, for operators).
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.frame.lazy import Commands
from api.cli.frame.terminal import Desk

COMMANDS: Final = {
    "signal": ("api.cli.signals.signal", "Submit, read and change signals."),
    "approve": (
        "api.cli.signals.approve",
        "The exit gate: what waits for your yes, signed or not, and taken back.",
    ),
    "referral": ("api.cli.signals.referral", "What your organisation was asked for, and its answers."),
    "protection": ("api.cli.signals.protection", "Why persons are protected, and lifting what was a mistake."),
    "finding": ("api.cli.signals.finding", "What stands in two records, and what you say to it."),
    "intake": ("api.cli.desk.intake", "Intake interviews."),
    "victim": ("api.cli.desk.victim", "The victim ladder: who stands where, and who may say so."),
    "training": ("api.cli.desk.training", "Trainings that your country gave."),
    "search": ("api.cli.search.search", "Ask across the countries."),
    "hits": ("api.cli.search.hits", "What partners shared that meets a signal of the own country."),
    "hit": ("api.cli.search.hit", "Say what was done about a hit."),
    "request": ("api.cli.casework.request", "Draft requests for the content of what was found."),
    "sync": ("api.cli.exchange.sync", "The exchange with partners: how it stands, a log resumed, one pull by hand."),
    "index": (
        "api.cli.search.index",
        "The search index: how it stands, a comparison, a new one, what does not get on.",
    ),
    "stats": ("api.cli.statistics.stats", "Figures of the own register, and releases for the region."),
    "to-do": ("api.cli.running.to_do", "What waits for you."),
    "organisation": ("api.cli.access.organisation", "Organisations that take part: let in, changed, ended by a list."),
    "authorisation": ("api.cli.access.authorisation", "Who may do what, for whom and until when, by a list."),
    "privacy": ("api.cli.access.privacy", "How is asked: what rang, and searches drawn by lot."),
    "me": ("api.cli.access.me", "Who the register takes you for, and what you may do."),
    "node": ("api.cli.running.node", "Serve and work for the hosted countries until stopped."),
    "evaluate": ("api.cli.exchange.evaluate", "Answer partners' blinded batches, as a process of its own."),
    "status": ("api.cli.running.status", "Whether the node does all its work; what is wrong, and what to do."),
    "clock": ("api.cli.running.clock", "What the clocks say, and whether they are believed."),
    "audit": ("api.cli.running.audit", "The audit log: whether every leaf holds."),
    "doctor": ("api.cli.running.doctor", "Check this machine and say how to get what is missing."),
    "db": ("api.cli.running.db", "The database: start, stop, migrate, back up, restore."),
    "keys": ("api.cli.running.keys", "Key stores and the ceremony of the five."),
    "roster": ("api.cli.exchange.roster", "Roster 1: who takes part, with which keys."),
    "config": ("api.cli.running.config", "Settings, their values and where each comes from."),
}
"""The product's own, by name: (module, one line for `rtr --help`), as in `Command`."""

app = typer.Typer(
    cls=Commands.of(COMMANDS),
    name="rtr",
    help="The Regional Theme Register. Commands of people speak to a register by HTTP and need a profile; commands "
    "of operators act on this machine by its settings.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 findings or refused, 2 usage, 3 sign-in, 4 refused by a rule, 5 unreachable, "
    "130 interrupted.",
)


@app.callback()
def _before(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with JSON, for programs; errors too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what the command was asked for.")] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Settings (TOML) for operators' commands; or RTR_CONFIG."),
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", metavar="FILE", envvar="RTR_PROFILE", help="Profile (TOML) for people's commands."),
    ] = None,
) -> None:
    ctx.obj = Desk(as_json=as_json, quiet=quiet, config=config, profile=profile)


def main() -> None:
    """Run `rtr` with the arguments of the process."""
    # What a command imports stays: by its own count the collector walks over it some hundred times, which is a fifth of
    # what a node takes until it is ready. A node that is open sets its own pace (`api.process.collector`).
    gc.set_threshold(100_000, 20, 50)
    app()
