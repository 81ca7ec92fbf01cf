"""Two countries under kill -9 for as long as one likes: `python -m tests.drills kill --rounds N --seed S`.

The tests of `tests/acceptance/two_countries` do a little of each kind; a round here draws its kind from the seed. All
is looked at after every round; the first thing that does not hold ends the drill.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from register.failpoints import Failpoint
from tests.acceptance.two_countries.deployment import PAIR, deployment
from tests.acceptance.two_countries.kills import Scene

PLACES_A_ROUND = 2


def run(words: list[str]) -> int:
    """Run the drill, print its report as one line of JSON, and return 0 if all held."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how many rounds of kills (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="draws kinds, places and moments (default 1)")
    asked = parser.parse_args(words)
    report = drill(asked.rounds, asked.seed, lambda line: print(line, flush=True))
    print(json.dumps(report))
    return 1 if report["violations"] else 0


def drill(rounds: int, seed: int, note: Callable[[str], None]) -> dict[str, Any]:
    """Kill for so many rounds; the report says what was done and what did not hold."""
    drawn = random.Random(seed)  # noqa: S311 - to be drawn again from the same seed
    begun, done, broken = time.monotonic(), 0, list[str]()
    with deployment() as two:
        scene = Scene.open(two, seed)
        try:
            while done < rounds and not broken:
                what = _round(scene, drawn)
                broken = scene.checked()
                done += 1
                note(f"round {done}: {what}; {scene.kills} kills so far, {len(broken)} violations")
        finally:
            scene.close()
        loads = scene.loads
        ready = sorted(s for country in PAIR for s in two[country].node.took_s)
    return {
        "drill": "kill",
        "seed": seed,
        "commit": _commit(),
        "rounds": done,
        "kills": scene.kills,
        "acknowledged": sum(len(load.acknowledged) for load in loads),
        "withdrawn": sum(one.withdrawn for load in loads for one in load.told),
        "refused": {str(load.site.country): dict(load.answers) for load in loads},
        "ready_again_s": {"median": round(ready[len(ready) // 2], 2), "longest": round(ready[-1], 2)},
        "seconds": round(time.monotonic() - begun, 1),
        "violations": broken,
    }


def _round(scene: Scene, drawn: random.Random) -> str:
    kind = drawn.choices(("places", "moments", "workers", "postgres", "engine"), (4, 4, 1, 2, 1))[0]
    match kind:
        case "places":
            places = {country: drawn.sample(list(Failpoint), PLACES_A_ROUND) for country in PAIR}
            scene.at_places(places, at=drawn.randint(1, 3))
            return f"killed at {', '.join(f'{c} {p}' for c, several in places.items() for p in several)}"
        case "moments":
            scene.at_random(drawn.randint(1, 4), drawn.randrange(2**32))
            return "killed at random moments"
        case "workers":
            scene.one_of_two_workers()
            return "two workers, both killed in turn"
        case "postgres":
            scene.postgres_in_mid_apply()
            return "PostgreSQL killed in mid-apply"
        case _:
            scene.engine()
            return "engine killed, and back with nothing in it"


def _commit() -> str:
    here = Path(__file__).parent
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"
