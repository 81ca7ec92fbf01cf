"""What is published together: releases of one tier, with the same tables a year earlier beside them.

Reads the documents that `Release.document` makes; changes none of them. The digest of a publication is over the
digests of its releases, and those are over their canonical cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition, Tier
from register.statistics.release.release import NoRelease, Release


@dataclass(frozen=True, slots=True)
class Published:
    """A release, and the signature over its canonical bytes; empty where the document came without one."""

    release: Release
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """Releases that are published together.

    Attributes:
        catalogue: the registered tables, for their words.
        items: those of the latest period, and any of earlier ones and earlier revisions.
    """

    catalogue: Catalogue
    items: tuple[Published, ...]

    def __post_init__(self) -> None:
        if not self.items:
            raise NoRelease("expected at least one release")
        if len({item.release.tier for item in self.items}) > 1:
            raise NoRelease("expected releases of one tier: the public gets no file that holds others' figures")
        for item in self.items:
            one = item.release
            known = self.catalogue.tables.get(one.table_id)
            if known is None or known.version != one.version:
                raise NoRelease(f"expected a registered table, got {one.table_id}/{one.version}")
            _check_rows(known, one)

    @classmethod
    def read(cls, document: Any, catalogue: Catalogue) -> Publication:
        """Read one release, or a list of them.

        Args:
            document: members of a release; or `{"release": members, "signature": text}`; or a list of either.
            catalogue: the registered tables.

        Raises:
            NoRelease: something else is there, or the releases are of several tiers.
        """
        return cls(catalogue, tuple(map(_read_item, document if isinstance(document, list) else [document])))

    @property
    def tier(self) -> Tier:
        """The one tier of all releases."""
        return self.items[0].release.tier

    @property
    def until(self) -> date:
        """The last day of the latest period; stands in files where a date must."""
        return max(item.release.period.last_day for item in self.items)

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted digests of all releases, in hex."""
        return hashlib.sha256("\n".join(sorted(i.release.digest for i in self.items)).encode()).hexdigest()

    def main(self) -> list[Published]:
        """The last revision of each table of the latest period, in the catalogue's order; whole years first."""
        order = {name: place for place, name in enumerate(self.catalogue.tables)}
        latest: dict[tuple[str, str], Published] = {}
        for item in sorted(self.items, key=lambda i: i.release.revision):
            if item.release.period.last_day == self.until:
                latest[item.release.table_id, str(item.release.period)] = item
        return sorted(
            latest.values(), key=lambda i: (order[i.release.table_id], i.release.period.quarter or 0, i.release.digest)
        )

    def before(self, release: Release) -> Release | None:
        """The last revision of the same table a span earlier, or None if it is not among the releases."""
        same = [
            item.release
            for item in self.items
            if (item.release.table_id, item.release.period) == (release.table_id, release.period.before())
        ]
        return max(same, key=lambda one: one.revision, default=None)

    def definition(self, release: Release) -> Definition:
        """The registered table of a release."""
        return self.catalogue.tables[release.table_id]


def _read_item(document: Any) -> Published:
    if not isinstance(document, Mapping):
        raise NoRelease("expected an object with the members of a release")
    if "release" not in document:
        return Published(Release.read(document))
    signature = document.get("signature", "")
    if document.keys() - {"release", "signature"} or not isinstance(signature, str):
        raise NoRelease("expected a release and its signature")
    inner = document["release"]
    if not isinstance(inner, Mapping):
        raise NoRelease("expected an object with the members of a release")
    return Published(Release.read(inner), signature)


def _check_rows(definition: Definition, release: Release) -> None:
    """Only codes of the catalogue have words, and only they may get into a file."""
    allowed: Sequence[set[str]] = [{"ALL", *variable.codes} for variable in definition.variables]
    sides = [*allowed, {"ALL"}, {"ALL"}][:2]
    areas = {"AW", "BQ", "CARIBBEAN", "CW", "NL", "SX"}
    if any(c.area not in areas or c.row not in sides[0] or c.column not in sides[1] for c in release.cells):
        raise NoRelease(f"expected the rows of the catalogue in {release.table_id}")
