"""What every search engine is to those who use one: a name, an address, and a start and a stop that fit a `with`.

`EmbeddedEngine` adds what those that run here share: they refuse production, and forget their process when it ends.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from rtr_trial.embedded.production import RefusedInProduction


class Stoppable(Protocol):
    """A process that runs the engine."""

    def stop(self) -> None:
        """End it and wait until it has ended."""
        ...


P = TypeVar("P", bound=Stoppable)


class Engine(ABC):
    """A search engine at a URL.

    Attributes:
        name: as it is called in reports.
        version: the version of OpenSearch that it speaks; known once it has started.
    """

    name: str
    version: str = ""
    _url: str = ""

    @property
    def url(self) -> str:
        """Where it answers, once it has started."""
        return self._url

    @abstractmethod
    def start(self) -> str:
        """See that it answers, and return its URL.

        Raises:
            EngineDoesNotStart: it ended or did not answer in time.
        """

    @abstractmethod
    def stop(self) -> None:
        """End what was started here. Harmless to repeat."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class EmbeddedEngine(Engine, Generic[P]):
    """An engine that is started here, for trial and test."""

    def __init__(self, *, production: bool) -> None:
        """Refuse where it may not run.

        Args:
            production: whether this node is one; it is then refused.

        Raises:
            RefusedInProduction: see `production`.
        """
        if production:
            raise RefusedInProduction("an embedded search engine does not run in production")
        self._process: P | None = None

    def stop(self) -> None:
        """Stop it in order and wait. Harmless to repeat."""
        process = self._forget()
        if process is not None:
            process.stop()

    def _forget(self) -> P | None:
        """What ran here, if anything did; from now on nothing does."""
        process, self._process, self._url = self._process, None, ""
        return process
