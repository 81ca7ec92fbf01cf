"""What the operator of the machine can look at besides the API: tables, dumps, index documents, logs.

The demo looks here for what must be gone and for what must never have been there. It only reads.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from register.errors import OperatorError
from register.tls import trusted
from rtr_trial.demo.stage.machine import Machine
from schemas.codes import Partition

DOCUMENTS_MAX: Final = 10_000
"""Of one index; the story has far fewer, and more would be an error, not a part of the truth."""
_BYTEA: Final = re.compile(r"\\\\x([0-9a-f]+)")


class CannotLook(OperatorError):
    """The demo could not look at the database or at the engine."""

    code = "demo-cannot-look"
    advice = "See whether both still run; the last line of the tool is in the message."


@dataclass(frozen=True, slots=True)
class Operator:
    """Reads what lies on the machine."""

    machine: Machine

    def rows(self, statement: str, **values: str) -> list[list[str]]:
        """The rows of a statement; `:'name'` in it stands for a value."""
        given = [f"--set={name}={value}" for name, value in values.items()]
        said = self._run("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", *given, said=statement)
        return [line.split("|") for line in said.splitlines() if line]

    def number(self, statement: str, **values: str) -> int:
        """The one number that a statement counts."""
        return int(self.rows(statement, **values)[0][0])

    def dump(self) -> str:
        """Every row of every table as text, and beside it whatever bytes of the columns are text after all."""
        text = self._run("pg_dump", "--data-only", "--no-sync")
        held = (bytes.fromhex(found).decode("utf-8", "replace") for found in _BYTEA.findall(text))
        return "\n".join((text, *held))

    def indexes(self) -> list[str]:
        """The names of all indexes of the registers."""
        found = self._get("/_cat/indices?format=json")
        return sorted(one["index"] for one in found if one["index"].startswith("rtr-"))

    def documents(self, index: str) -> list[dict[str, Any]]:
        """Every document of an index as the engine gives it."""
        self._get(f"/{index}/_refresh", post={})
        question = {"query": {"match_all": {}}, "size": DOCUMENTS_MAX, "track_total_hits": True}
        answer = self._get(f"/{index}/_search", post=question)
        found: list[dict[str, Any]] = answer["hits"]["hits"]
        total = answer["hits"]["total"]["value"]
        if total != len(found):
            raise CannotLook(f"{index} holds {total} documents, and {len(found)} came")
        return found

    def live_tokens(self, host: Partition, origin: Partition) -> dict[str, str]:
        """What a host's searches of an origin can find: the id of each live token's document and its object's key."""
        return {
            one["_id"]: one["_source"].get("object", "")
            for index in self._of(host, origin, "token")
            for one in self.documents(index)
            if "t" in one["_source"]
        }

    def live_records(self, host: Partition, origin: Partition) -> set[str]:
        """The objects of an origin whose records a host's searches can find."""
        return {
            one["_id"]
            for index in self._of(host, origin, "record")
            for one in self.documents(index)
            if one["_source"].get("live")
        }

    def logs(self) -> Iterator[tuple[str, str]]:
        """The name and the text of each log on the machine."""
        files = [self.machine.folder.node_log, self.machine.postgres.log_file]
        for file in files:
            yield file.name, file.read_text(encoding="utf-8", errors="replace")

    def _of(self, host: Partition, origin: Partition, kind: str) -> list[str]:
        return [name for name in self.indexes() if name.startswith(f"rtr-{host.lower()}-{origin.lower()}-{kind}-")]

    def _run(self, program: str, *arguments: str, said: str | None = None) -> str:
        done = subprocess.run(
            [str(self.machine.postgres.binaries.program(program)), *arguments],
            input=said,
            env=self.machine.psql_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or done.stderr:
            raise CannotLook(f"{program}: {(done.stderr.strip().splitlines() or ['ended without a word'])[-1]}")
        return done.stdout

    def _get(self, path: str, *, post: dict[str, Any] | None = None) -> Any:
        url = f"{self.machine.engine.url}{path}"
        with httpx2.Client(verify=trusted(), trust_env=False, timeout=30) as http:
            answer = http.get(url) if post is None else http.post(url, json=post)
        if answer.status_code != httpx2.codes.OK:
            raise CannotLook(f"the engine answered {answer.status_code} to {path.partition('?')[0]}")
        return answer.json()
