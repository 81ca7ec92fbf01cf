"""Contributions and regional releases for a program: one method a thing it can do; answers are checked models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from api.client.bodies import checked, to_json
from api.client.connection import Connection, Request
from schemas.form import Page
from schemas.statistics.releases import (
    ContributionsOut,
    FactOut,
    FactsOut,
    KeptRowOut,
    LedgerOut,
    OwnContributionOut,
    ReleaseOut,
    ReleasesOut,
    ReleaseSummary,
    VerificationOut,
)

T = TypeVar("T")
_OWN: Final[TypeAdapter[OwnContributionOut]] = TypeAdapter(OwnContributionOut)
_CONTRIBUTIONS: Final[TypeAdapter[ContributionsOut]] = TypeAdapter(ContributionsOut)
_FACT: Final[TypeAdapter[FactOut]] = TypeAdapter(FactOut)
_FACTS: Final[TypeAdapter[FactsOut]] = TypeAdapter(FactsOut)
_ROW: Final[TypeAdapter[KeptRowOut]] = TypeAdapter(KeptRowOut)
_LEDGER: Final[TypeAdapter[LedgerOut]] = TypeAdapter(LedgerOut)
_RELEASE: Final[TypeAdapter[ReleaseOut]] = TypeAdapter(ReleaseOut)
_RELEASES: Final[TypeAdapter[Page[ReleaseSummary]]] = TypeAdapter(Page[ReleaseSummary])
_VERIFIED: Final[TypeAdapter[VerificationOut]] = TypeAdapter(VerificationOut)


class Regional:
    """One register's part in the regional statistics; needs the task STATISTICS."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def contribute(self, table: str, period: str, *, signs_public: bool = False) -> OwnContributionOut:
        """Make the own country's contribution, or get the one that stands."""
        body = {"table": table, "period": period, "signs_public": signs_public}
        # The same figures give the same contribution, so a repeat does no harm.
        return self._post(_OWN, "/v1/statistics/contributions", body, repeatable=True)

    def contributions(self) -> ContributionsOut:
        """Every contribution at hand."""
        return self._get(_CONTRIBUTIONS, "/v1/statistics/contributions")

    def publish(self, population: str, period: str, where: Mapping[str, str], value: int, source: str) -> FactOut:
        """Note a figure that the own country has published; the same one again changes nothing."""
        body = {"population": population, "period": period, "where": dict(where), "value": value, "source": source}
        return self._post(_FACT, "/v1/statistics/facts", body, repeatable=True)

    def facts(self) -> FactsOut:
        """The figures that countries have published."""
        return self._get(_FACTS, "/v1/statistics/facts")

    def keep_row(self, variable: str, code: str, since: date) -> KeptRowOut:
        """Declare an optional row that the country keeps from a day on."""
        body = {"variable": variable, "code": code, "since": since.isoformat()}
        return self._post(_ROW, "/v1/statistics/kept-rows", body, repeatable=True)

    def ledger(self) -> LedgerOut:
        """All that a reader may know already."""
        return self._get(_LEDGER, "/v1/statistics/ledger")

    def releases(self) -> ReleasesOut:
        """The releases of this register."""
        page = self._get(_RELEASES, "/v1/releases")
        items = page.items
        while page.next is not None:
            page = self._get(_RELEASES, "/v1/releases", cursor=page.next)
            items += page.items
        return ReleasesOut(items=items)

    def release(self, digest: str) -> ReleaseOut:
        """One release with its figures."""
        return self._get(_RELEASE, f"/v1/releases/{digest}")

    def files(self, digest: str) -> bytes:
        """The files of a frozen release, as one zip."""
        asked = Request(
            method="GET",
            path=f"/v1/releases/{digest}/files",
            repeatable=True,
            headers={"Accept": "application/zip, application/problem+json"},
        )
        return self._connection.call(asked).content

    def draft(self, tier: str, table: str, period: str) -> ReleaseOut:
        """Make a release of the newest contributions at hand; the same ones give the same release."""
        body = {"tier": tier, "table": table, "period": period}
        return self._post(_RELEASE, "/v1/releases", body, repeatable=True)

    def attack(self, digest: str) -> ReleaseOut:
        """Run the attacks on a draft."""
        return self._post(_RELEASE, f"/v1/releases/{digest}/attacks", {}, repeatable=False)

    def approve(self, digest: str) -> ReleaseOut:
        """Approve a release that was attacked."""
        return self._post(_RELEASE, f"/v1/releases/{digest}/approvals", {}, repeatable=False)

    def freeze(self, digest: str) -> ReleaseOut:
        """Freeze an approved release."""
        return self._post(_RELEASE, f"/v1/releases/{digest}/freeze", {}, repeatable=False)

    def verify(self, digest: str) -> VerificationOut:
        """Have a release of this or another node made again and compared."""
        return self._get(_VERIFIED, f"/v1/releases/{digest}/verification")

    def _get(self, kind: TypeAdapter[T], path: str, **asked: str) -> T:
        return checked(kind, self._connection.call(Request(method="GET", path=path, repeatable=True, params=asked)))

    def _post(self, kind: TypeAdapter[T], path: str, body: Mapping[str, Any], *, repeatable: bool) -> T:
        text = to_json(body)
        return checked(kind, self._connection.call(Request(method="POST", path=path, repeatable=repeatable, body=text)))
