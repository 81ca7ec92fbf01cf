"""Signed lists: this country's for its partners, and theirs as they are needed here (README, "Lists").

A list is fetched when an extract names a unit that the list known here does not have, and now and then. What cannot
be fetched or is refused changes nothing: the list that was known goes on counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from register.core import Register
from register.domain.access.caller import partner as partner_caller
from register.domain.access.caller import system
from register.errors import NotFound, PartnerError
from register.logs import logger
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.lists import ORGANISATIONS, ListedOrganisation, ListedUnit, OrganisationList
from schemas.exchange.wire import IndicatorPut, Typ, document
from sync.protocol.documents.listed import check_follows, read_list
from sync.protocol.documents.roster import Rosters
from sync.transport import PartnerHttp
from sync.trust import LIST_CHARS_MAX, NodeSigner, trust_of

MEDIA_TYPE: Final = "application/jose"


class NoSuchList(NotFound):
    """There is no signed list of this kind, or nobody has been let in here yet."""

    code = "no-such-list"
    advice = "Ask for `organisations`; if there is none yet, the country's operator has not let anybody in."


def signed_list(register: Register, partner: Partition, kind: str) -> bytes:
    """Return this country's list for a partner, signed: the same for all of them, and the same until it changes.

    Raises:
        NoSuchList: no list of this kind.
    """
    if kind != ORGANISATIONS:
        raise NoSuchList("there is no list of this kind")
    with register.work(partner_caller(register.partition, partner)) as work:
        numbered = work.organisations.list_number()
        organisations, units = work.organisations.all(), work.organisations.units()
    if numbered is None:
        raise NoSuchList(f"{register.partition} has let nobody in yet")
    number, at = numbered
    rows = tuple(
        ListedOrganisation(
            organisation=one.code,
            kind=one.kind,
            begins=one.valid_from,
            ends=one.valid_to,
            units=tuple(
                ListedUnit(unit=unit.name, begins=unit.begins, ends=unit.ends)
                for unit in units
                if unit.organisation == one.code
            ),
        )
        for one in organisations
    )
    found = OrganisationList(
        iss=register.partition, kind="organisations", number=number, rows=rows, at=wire.instant(at)
    )
    return NodeSigner(register.keys).sign(Typ.LIST, document(found))


class PartnerLists:
    """The lists of one country's partners."""

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._register, self._http, self._rosters = register, http, rosters
        self._caller = system(register.partition, "worker")

    def known(self, partner: Partition) -> frozenset[str]:
        """The units of a partner by the list that is kept here; none where there is no list."""
        found = self._kept(partner)
        return frozenset() if found is None else found.unit_names()

    def units_for(self, partner: Partition, puts: Iterable[IndicatorPut]) -> frozenset[str]:
        """The units of a partner, by a newer list where these extracts name one that the list kept here does not."""
        named, known = {put.record.contact.unit for put in puts}, self.known(partner)
        return known if named <= known else self.fetch(partner)

    def fetch(self, partner: Partition) -> frozenset[str]:
        """Ask for the partner's list, keep it if it is a newer one, and return the units by what is kept then."""
        kept = self._kept(partner)
        try:
            answer = self._http.get(partner, f"/sync/v1/lists/{ORGANISATIONS}", bytes_max=LIST_CHARS_MAX)
            found = read_list(answer.body, trust_of(self._register.partition, self._rosters(), partner), new=True)
            newer = check_follows(found, kept)
        except PartnerError as refusal:
            logger().warning("list.not-taken", partition=self._register.partition, partner=partner, code=refusal.code)
            return frozenset() if kept is None else kept.unit_names()
        if newer:
            with self._register.work(self._caller) as work:
                work.partner_lists.keep(partner, ORGANISATIONS, found.number, answer.body)
        return found.unit_names()

    def _kept(self, partner: Partition) -> OrganisationList | None:
        with self._register.work(self._caller) as work:
            kept = work.partner_lists.newest(partner, ORGANISATIONS)
        if kept is None:
            return None
        return read_list(kept, trust_of(self._register.partition, self._rosters(), partner), new=False)
