"""Signed lists: this country's for its partners, and theirs as they are needed here (README, "Lists").

A list is fetched when an extract names a unit that the list known here does not have, and now and then. What cannot
be fetched or is refused changes nothing: the list that was known goes on counting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from register.core import Register
from register.domain.access.caller import Function, system
from register.domain.access.caller import partner as partner_caller
from register.domain.partition import day_in
from register.errors import NotFound, PartnerError, code_of
from register.logs import logger
from register.services.exchange.evaluate_batch import ListedAs
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.lists import ORGANISATIONS, ListedOrganisation, ListedUnit, OrganisationList
from schemas.exchange.wire import IndicatorPut, Typ, document
from sync.protocol.documents.listed import check_follows, read_list
from sync.protocol.documents.roster import Rosters
from sync.transport import PartnerHttp
from sync.trust import LIST_CHARS_MAX, NodeSigner, trust_of

MEDIA_TYPE: Final = "application/jose"

AWAITED_S: Final = 1
"""Seconds after which whoever waits for a list asks again."""
FETCHED_AGAIN_S: Final = 60.0
"""How long a list is not asked for again that did not have an organisation: who invents names floods nobody."""
FRESH_FOR_S: Final = 3_600.0
"""How long a list that has the organisation is not asked for again."""


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


class OrganisationAwaited(PartnerError):
    """The asking country's list that is known here does not have the organisation; a newer one is being fetched."""

    code = "evaluation-organisation-awaited"
    advice = "Send it again after the seconds in `Retry-After`, signed anew; nothing was counted or kept."


class PartnerLists:
    """The lists of one country's partners."""

    def __init__(
        self,
        register: Register,
        http: PartnerHttp,
        rosters: Callable[[], Rosters],
        *,
        function: Function = "worker",
    ) -> None:
        self._register, self._http, self._rosters = register, http, rosters
        self._caller = system(register.partition, function)

    def known(self, partner: Partition) -> frozenset[str]:
        """The units of a partner by the list that is kept here; none where there is no list."""
        return _units(self.kept(partner))

    def units_for(self, partner: Partition, puts: Iterable[IndicatorPut]) -> frozenset[str]:
        """The units of a partner, by a newer list where these extracts name one that the list kept here does not."""
        named, known = {put.record.contact.unit for put in puts}, self.known(partner)
        return known if named <= known else self.fetch(partner)

    def fetch(self, partner: Partition) -> frozenset[str]:
        """As `fetch_list`; the units by what is kept then."""
        return _units(self.fetch_list(partner))

    def fetch_list(self, partner: Partition) -> OrganisationList | None:
        """Ask for the partner's list, keep it if it is a newer one, and return what is kept then."""
        kept = self.kept(partner)
        try:
            answer = self._http.get(partner, f"/sync/v1/lists/{ORGANISATIONS}", bytes_max=LIST_CHARS_MAX)
            found = read_list(answer.body, trust_of(self._register.partition, self._rosters(), partner), new=True)
            newer = check_follows(found, kept)
        except PartnerError as refusal:
            logger().warning("list.not-taken", partition=self._register.partition, partner=partner, code=refusal.code)
            return kept
        if newer:
            with self._register.work(self._caller) as work:
                work.partner_lists.keep(partner, ORGANISATIONS, found.number, answer.body)
        return found

    def kept(self, partner: Partition) -> OrganisationList | None:
        """The partner's list as it is kept here; None where there is none yet."""
        with self._register.work(self._caller) as work:
            kept = work.partner_lists.newest(partner, ORGANISATIONS)
        if kept is None:
            return None
        return read_list(kept, trust_of(self._register.partition, self._rosters(), partner), new=False)


class AskersLists:
    """Which organisations may have keys evaluated here, by the signed lists of their countries.

    The lists are kept in the evaluator's own schema and held in memory, since each request names an organisation. No
    request waits for a partner: what its list does not have is fetched beside, one fetch at a time for each partner,
    else a partner that is slow to give its list would hold the places of the others. Used from several threads.
    """

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._register = register
        self._lists = PartnerLists(register, http, rosters, function="evaluator")
        self._held: dict[Partition, OrganisationList] = {}
        self._fetched_at: dict[Partition, float] = {}
        self._fetching: set[Partition] = set()
        self._lock = threading.Lock()

    def listed_as(self, partner: Partition, organisation: str) -> ListedAs:
        """How the partner's list has an organisation, at once; a newer list is fetched where it is time for one.

        Raises:
            OrganisationAwaited: the list that is held does not have it today, and a newer one is under way.
        """
        with self._lock:
            under_way = partner in self._fetching
        # Read after that: a fetch that ended between the two has put its list in place before.
        said = self._by_what_is_held(partner, organisation)
        if not under_way and self._due(partner, said):
            under_way = self._begin_to_fetch(partner)
        if said != "listed" and under_way:
            raise OrganisationAwaited(f"the list of {partner} is asked for", retry_after_s=AWAITED_S)
        return said

    def _begin_to_fetch(self, partner: Partition) -> bool:
        with self._lock:
            if partner not in self._fetching:
                self._fetching.add(partner)
                threading.Thread(target=self._fetch, args=(partner,), name=f"list-{partner}", daemon=True).start()
        return True

    def _fetch(self, partner: Partition) -> None:
        try:
            found = self._lists.fetch_list(partner)
            if found is not None:
                self._held[partner] = found
            self._fetched_at[partner] = self._register.clock.monotonic()
        except Exception as error:  # noqa: BLE001 - the database is away, or the process ends: the next request fetches
            logger().warning("list.not-taken", partition=self._register.partition, partner=partner, code=code_of(error))
        finally:
            with self._lock:
                self._fetching.discard(partner)

    def _due(self, partner: Partition, said: ListedAs) -> bool:
        now = self._register.clock.monotonic()
        last = self._fetched_at.setdefault(partner, now) if said == "listed" else self._fetched_at.get(partner)
        return last is None or now - last >= (FRESH_FOR_S if said == "listed" else FETCHED_AGAIN_S)

    def _by_what_is_held(self, partner: Partition, organisation: str) -> ListedAs:
        held = self._held.get(partner)
        if held is None and (held := self._lists.kept(partner)) is not None:
            self._held[partner] = held
        row = None if held is None else next((r for r in held.rows if r.organisation == organisation), None)
        today = day_in(partner, self._register.clock.now())
        if row is None or row.begins > today:
            return "unknown"
        return "listed" if row.ends is None or today <= row.ends else "ended"


def _units(found: OrganisationList | None) -> frozenset[str]:
    return frozenset() if found is None else found.unit_names()
