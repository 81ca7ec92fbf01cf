"""`rtr demo`: the whole product on one machine, told as a story on made-up people."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from api.cli.frame.failures import FINDINGS, USAGE
from api.cli.frame.machine import settings_of
from api.cli.frame.terminal import Desk, desk_of, printable, to_json
from schemas.codes import Partition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType, TracebackType

    from rich.progress import Progress

    from rtr_trial.demo.stage.machine import Machine
    from rtr_trial.demo.story import Told
    from rtr_trial.demo.telling import Step

app = typer.Typer()
HOME = Path(".run/demo")


@app.command()
def demo(
    ctx: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    country: Annotated[
        Partition | None, typer.Option(case_sensitive=False, help="One country alone, before any partner is there.")
    ] = None,
    engine: Annotated[str, typer.Option(help="osmem (in memory) or opensearch (a real node).")] = "osmem",
    home: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where everything lies; a demo of before is wiped.")
    ] = HOME,
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on with the registers of the last demo, and tell no story.")
    ] = False,
) -> None:
    """Open the registers of all five, play the story through their API, and stay up until Ctrl-C."""
    from register.clock import SystemClock
    from register.domain.partition import PARTITIONS
    from rtr_trial.demo.stage.folder import folder_at
    from rtr_trial.demo.stage.machine import running
    from rtr_trial.demo.stage.order import ENGINES, Order
    from rtr_trial.demo.story import FIRST_LINE
    from rtr_trial.embedded.production import refuse_production

    desk = desk_of(ctx)
    refuse_production(settings_of(desk).env, "rtr demo")
    if engine not in ENGINES:
        raise typer.BadParameter(f"expected one of {', '.join(ENGINES)}", param_hint="--engine")
    if country not in {None, Partition.AW}:
        typer.echo("The story of one country alone is told of Aruba: --country AW", err=True)
        raise typer.Exit(USAGE)
    countries = PARTITIONS if country is None else (country,)
    order = Order(folder=folder_at(home), countries=countries, engine=engine, keep=keep)
    asked = _interrupt_once()
    clock = SystemClock()
    begun = clock.monotonic()
    say = _say(desk)
    say(FIRST_LINE)
    with _Bar(desk) as bar, running(order, lambda what: bar.show(what, 0, None)) as machine:
        told = None
        if not keep:
            told = _play_story(machine, bar, say, asked)
            told.seconds = clock.monotonic() - begun
        bar.hide()
        _stay_or_leave(desk, machine, told, say, asked, once=once)
    if told is not None and not told.holds:
        raise typer.Exit(FINDINGS)


def _play_story(machine: Machine, bar: _Bar, say: Callable[[str], None], asked: Sequence[int]) -> Told:
    from rtr_trial.demo.scene import Scene
    from rtr_trial.demo.story import play

    def tell(step: Step) -> None:
        bar.hide()
        for line in step.printed():
            say(line)
        if asked:
            raise KeyboardInterrupt

    return play(Scene(machine, bar.show), tell)


def _stay_or_leave(
    desk: Desk,
    machine: Machine,
    told: Told | None,
    say: Callable[[str], None],
    asked: Sequence[int],
    *,
    once: bool,
) -> None:
    from dataclasses import asdict

    from rtr_trial.demo.farewell import Tokens, farewell, ready_lines, write_questions

    write_questions(machine)
    tokens = Tokens(machine)
    try:
        if not once:
            for line in farewell(machine):
                say(line)
        for line in told.last_lines() if told else ():
            say(line)
        if desk.as_json:
            beside = {
                "addresses": machine.urls,
                "engine": {"url": machine.engine.url, "version": machine.engine.version},
                "ready": [asdict(one) for one in ready_lines(machine)],
            }
            typer.echo(to_json({**(told.document() if told else {}), **beside}))
        if once:
            say("Leave out --once to sign in yourself: addresses, names, passwords and ready lines are printed then.")
        else:
            say("Ctrl-C ends.")
            _until_interrupted(desk, machine, asked)
    finally:
        tokens.stop()


def _until_interrupted(desk: Desk, machine: Machine, asked: Sequence[int]) -> None:
    from register.clock import SystemClock

    with suppress(KeyboardInterrupt):
        while not asked:
            if machine.node.ended():
                desk.note("The node has ended. Its log says why, unless somebody killed it.")
                return
            SystemClock().pause(0.5)


def _say(desk: Desk) -> Callable[[str], None]:
    def say(text: str) -> None:
        if not desk.as_json and not desk.quiet:
            typer.echo(printable(text))

    return say


def _interrupt_once() -> Sequence[int]:
    """Ctrl-C and SIGTERM break off what is under way, once: what is being put away is not broken off again.

    Returns:
        Empty, until it holds the signal that came: Python drops what is raised within a finaliser, so whoever waits
        looks here, too.
    """
    asked: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if not asked:
            asked.append(number)
            raise KeyboardInterrupt(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return asked


class _Bar:
    """One line on stderr that says what is going on and how far it is, where somebody looks."""

    def __init__(self, desk: Desk) -> None:
        self._seen = not desk.as_json and not desk.quiet and sys.stderr.isatty()
        self._drawn: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hide()

    def show(self, what: str, done: int, total: int | None) -> None:
        """So much of the total is done; None where nobody knows how much there is."""
        if not self._seen:
            return
        from rich.console import Console
        from rich.progress import Progress

        if self._drawn is None:
            self._drawn = Progress(console=Console(stderr=True), transient=True)
            self._drawn.add_task(printable(what), total=total)
            self._drawn.start()
        self._drawn.update(self._drawn.task_ids[0], description=printable(what), completed=done, total=total)

    def hide(self) -> None:
        """Take it away; the next `show` brings it back."""
        if self._drawn is not None:
            self._drawn.stop()
            self._drawn = None
