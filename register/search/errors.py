"""What can go wrong between us and the engine, by who must act."""

from __future__ import annotations

from register.errors import CallerError, OperatorError


class EngineUnavailable(OperatorError):
    """The search engine did not answer, or not in time. Searches can still be answered from Postgres."""

    code = "engine-unavailable"
    advice = "Start the search engine or correct its address; what was not indexed stays in the outbox."


class EngineBusy(EngineUnavailable):
    """The engine kept refusing work for being too busy (429), also after waiting."""

    code = "engine-busy"
    advice = "Give the engine more memory or fewer writers; the work stays in the outbox and is tried again."


class EngineRefused(OperatorError):
    """The engine understood the request and refused it: sign-in, rights, or a setting of the cluster."""

    code = "engine-refused"
    advice = "Compare the engine's version, sign-in and rights with the operator's guide."


class IndexMissing(OperatorError):
    """An index or alias that this host needs is not there."""

    code = "index-missing"
    advice = "Nothing to do while a worker runs: it makes what is missing and fills it from PostgreSQL."


class RebuildMismatch(OperatorError):
    """A new generation does not hold what Postgres gave; the old one keeps serving and nothing was swapped."""

    code = "rebuild-mismatch"
    advice = "Look at the dead letters of the rebuild, correct their cause, and start it again."


class TooManyTokens(CallerError):
    """One question holds more tokens than one search may ask for."""

    code = "too-many-tokens"
    advice = "Ask with fewer values at once."
