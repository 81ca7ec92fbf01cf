"""One login role's session that tries statements one after the other and takes each of them back."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

REFUSED = "42501"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement did: `ok` or an SQLSTATE, the rows it gave, how many it touched, and what was said."""

    state: str
    rows: tuple[tuple[str | None, ...], ...] = ()
    touched: int = 0
    said: str = ""

    def looks_like(self, other: Outcome) -> bool:
        """Whether somebody who sees both learns no more than from one."""
        return (self.state, self.rows, self.touched, self.said) == (
            other.state,
            other.rows,
            other.touched,
            other.said,
        )


class Session:
    """A session inside one transaction; every try begins at the point before the one before it."""

    def __init__(self, conninfo: str, *, as_role: str | None = None) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        if as_role:
            self._connection.execute(f"SET ROLE {as_role}".encode())
        self._raw = self._connection.pgconn
        for statement in (b"BEGIN", b"SAVEPOINT here"):
            self._raw.exec_(statement)

    def attempt(self, statement: str, *before: str) -> Outcome:
        """Run a statement after others, whose outcome counts only if they fail; all of it is taken back.

        What the last try did is taken back on the way of the next one, or by the session's end: a matrix has tens of
        thousands of tries, and a way of its own for each costs as much as the try.
        """
        first, *then = (*before, statement)
        outcome = self._run(f"ROLLBACK TO SAVEPOINT here; {first}")
        for one in then:
            if outcome.state != "ok":
                break
            outcome = self._run(one)
        return outcome

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str) -> Outcome:
        result = self._raw.exec_(statement.encode())
        if result.status == ExecStatus.COPY_IN:
            self._raw.put_copy_end(b"taken back")
            _drain(self._raw)
            return Outcome("ok")
        if result.status == ExecStatus.COPY_OUT:
            lines = []
            while (got := self._raw.get_copy_data(0))[0] > 0:
                lines.append((bytes(got[1]).decode().rstrip("\n"),))
            _drain(self._raw)
            return Outcome("ok", tuple(lines))
        return _outcome(result)


def _outcome(result: PGresult) -> Outcome:
    if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        state = result.error_field(DiagnosticField.SQLSTATE) or b""
        said = b" / ".join(
            result.error_field(f) or b"" for f in (DiagnosticField.MESSAGE_PRIMARY, DiagnosticField.MESSAGE_DETAIL)
        )
        # The values that were asked for come back in the detail; they differ because the questions did.
        return Outcome(state.decode(), said=re.sub(r"=\(.*\)", "=()", said.decode()))
    rows = tuple(tuple(_text(result.get_value(r, c)) for c in range(result.nfields)) for r in range(result.ntuples))
    return Outcome("ok", rows, result.command_tuples or 0)


def _drain(raw: psycopg.pq.abc.PGconn) -> None:
    while raw.get_result() is not None:
        pass


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
