"""How processes are killed while services go on: at a named place, or at any moment by a seed.

Shared by the tests, which do a little of it, and by `python -m tests.drills kill`, which does a lot.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from register.failpoints import Failpoint
from schemas.codes import Partition
from tests.acceptance.two_countries.deployment import AW, CW, PAIR, Deployment, Site
from tests.acceptance.two_countries.invariants import violations, wait_until_quiet
from tests.acceptance.two_countries.load import Load, running
from tests.support.started.processes import KILLED, wait_until

REACHED_S: Final = 240.0


@dataclass
class Scene:
    """Two countries and what their services do; both live as long as the deployment.

    Attributes:
        pause_s: how long a service rests between two steps. Without rest, services take all that the machine has, and
            what is started again has to share it with them.
        kills: processes killed so far.
    """

    two: Deployment
    loads: tuple[Load, ...]
    pause_s: float = 0.1
    kills: int = 0

    @classmethod
    def open(cls, two: Deployment, seed: int, *, pause_s: float = 0.1) -> Scene:
        """Let a service of each country begin."""
        return cls(two, tuple(Load(two[country], seed) for country in PAIR), pause_s)

    def at_places(self, places: Mapping[Partition, Sequence[Failpoint]], *, at: int = 1) -> None:
        """Let these countries' nodes kill themselves at one place after the other while both register.

        Args:
            places: for each country, in order; a node is started again at once, with the next place.
            at: at which time a place is reached.
        """
        left = {country: list(several) for country, several in places.items()}
        for country in left:
            self.two[country].node.kill()
        with running(*self.loads, pause_s=self.pause_s):
            for country, several in left.items():
                self.two[country].node.start(several[0], at=at)
            while any(left.values()):
                for country, several in left.items():
                    node = self.two[country].node
                    if several and node.ended():
                        assert node.exit_code() == KILLED, self.two.said()
                        self.kills += 1
                        del several[0]
                        node.start(several[0] if several else None, at=at)
                    assert node.age_s < REACHED_S or not several, f"{several[0]} not reached\n{self.two.said()}"
                time.sleep(0.02)
            for country in left:
                self.two[country].node.wait_until_ready()

    def at_random(self, rounds: int, seed: int) -> None:
        """Kill the receiver, the sender or both, at moments drawn from the seed, while both register."""
        drawn = random.Random(seed)  # noqa: S311 - to be drawn again from the same seed
        with running(*self.loads, pause_s=self.pause_s):
            for _ in range(rounds):
                time.sleep(drawn.uniform(0.0, 2.0))
                victims = drawn.choice([(AW,), (CW,), (AW, CW)])
                for country in victims:
                    self.two[country].node.kill()
                    self.kills += 1
                time.sleep(drawn.uniform(0.0, 0.5))
                for country in victims:
                    self.two[country].node.start()
                # Not always waited for: a node may be killed before it serves, too.
                if drawn.random() < 0.7:
                    for country in victims:
                        self.two[country].node.wait_until_ready()
            for country in PAIR:
                self.two[country].node.wait_until_ready()

    def postgres_in_mid_apply(self) -> None:
        """Kill PostgreSQL while Curaçao has a page half applied, and start it again; no node is restarted."""
        with running(*self.loads, pause_s=self.pause_s):
            with _held_up(self.two[CW]):
                self.two.kill_postgres()
                self.kills += 1
            time.sleep(0.5)
            self.two.postgres.start()
            time.sleep(0.5)

    def one_of_two_workers(self) -> None:
        """Let two processes work for Aruba at once, and kill one after the other."""
        second = self.two.second_worker(AW)
        second.start()
        try:
            second.wait_until_ready()
            with running(*self.loads, pause_s=self.pause_s):
                time.sleep(1)
                self.two[AW].node.kill()
                self.two[AW].node.start()
                self.two[AW].node.wait_until_ready()
                time.sleep(0.5)
                second.kill()
                self.kills += 2
        finally:
            second.stop()

    def engine(self) -> None:
        """Kill the engine, withdraw meanwhile, and start it again with nothing in it; no node is restarted."""
        aruba, curacao = (self.two[country] for country in PAIR)
        self.loads[0].submit()
        wait_until_quiet(self.two)
        gone = "SELECT count(*) FROM rtr.received_record WHERE partner = 'AW' AND NOT live"
        open_ = "SELECT count(*) FROM rtr.draft WHERE partner = 'CW' AND type = 'indicator.retract' AND done_n IS NULL"
        before = curacao.number(gone)
        self.two.engine.kill()
        self.kills += 1
        self.loads[0].withdraw(shareable=True)
        with running(*self.loads, pause_s=self.pause_s):
            wait_until(lambda: curacao.number(gone) > before, "the withdrawal is applied", within_s=REACHED_S)
            # Long enough for a receipt that lists it too early.
            time.sleep(2.5)
            assert aruba.number(open_) > 0, "a withdrawal is called done, and no index confirmed it"
        self.two.engine.start()

    def checked(self) -> list[str]:
        """Wait until all is quiet; what does not hold then."""
        wait_until_quiet(self.two)
        broken = violations(self.two, *self.loads)
        for load in self.loads:
            if load.answers["internal-error"]:
                broken.append(f"{load.site.country} answered with an error nobody foresaw")
        return broken

    def close(self) -> None:
        """Give connections back."""
        for load in self.loads:
            load.close()


@contextmanager
def _held_up(site: Site) -> Iterator[None]:
    """Keep a country's receiver waiting in the middle of the transaction that applies a page, with stubs written."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND query LIKE '%received_record%'"
    )
    with ExitStack() as closing:
        connection = closing.enter_context(site.rows_of.connect())
        connection.execute(sa.text("LOCK TABLE rtr.received_record IN EXCLUSIVE MODE"))
        wait_until(lambda: site.number(waiting), "a page is half applied", within_s=REACHED_S)
        try:
            yield
        finally:
            with suppress(sa.exc.DBAPIError):  # the server is gone, and the lock with it
                connection.rollback()
