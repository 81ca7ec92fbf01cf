"""A process that holds a server, for tests that kill it: `holder.py DATA_DIR [BIN_DIR]`; says "ready" and waits.

It imports the supervisor only, so any Python 3.11 can run it, also one without the project's packages.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from rtr_trial.embedded.postgres.server import EmbeddedPostgres


def main(data_dir: str, bin_dir: str) -> None:
    """Start, report, wait to be killed."""
    # A test command that was started in the background hands an ignored SIGINT down to us.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    server = EmbeddedPostgres(Path(data_dir), environment="test", bin_dir=Path(bin_dir))
    server.start()
    print("ready", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
