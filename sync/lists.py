"""Signed lists: this country's for its partners, and theirs as they are needed here (README, "Lists").

A list is fetched when an extract names a unit that the list known here does not have, and now and then. What cannot
be fetched or is refused changes nothing: the list that was known goes on counting.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from register.core import Register
from register.domain.access.caller import Function, system
from register.domain.access.caller import partner as partner_caller
from register.domain.access.organisation import Authorisation, Organisation, Unit
from register.domain.partition import day_in, others
from register.errors import NotFound, PartnerError, code_of
from register.keys.node import NodeKeys
from register.logs import logger
from register.services.exchange.evaluate_batch import Listed, ListedAs
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.lists import (
    ActorList,
    CountryList,
    ListedActor,
    ListedOrganisation,
    ListedUnit,
    OrganisationList,
)
from schemas.exchange.wire import IndicatorPut, Typ, document
from sync.protocol.documents.listed import N, check_follows, read_list
from sync.protocol.documents.roster import Rosters
from sync.transport.partner import PartnerHttp
from sync.trust import LIST_CHARS_MAX, NodeSigner, trust_of

MEDIA_TYPE: Final = "application/jose"

AWAITED_S: Final = 1
"""Seconds after which whoever waits for a list asks again."""
FETCHED_AGAIN_S: Final = 60.0
"""How long a list is not asked for again that did not have who asks: who invents names floods nobody."""
FRESH_FOR_S: Final = 3_600.0
"""How long a list that has who asks is not asked for again."""


class NoSuchList(NotFound):
    """There is no signed list of this kind, or nobody has been let in here yet."""

    code = "no-such-list"
    advice = "Ask for `organisations` or `actors`; if there is none, the country's operator has not let anybody in."


def signed_list(register: Register, partner: Partition, kind: str) -> bytes:
    """Return this country's list for a partner, signed: the same for all of them, and the same until it changes.

    Raises:
        NoSuchList: no list of this kind.
    """
    if kind not in {OrganisationList.NAME, ActorList.NAME}:
        raise NoSuchList("there is no list of this kind")
    with register.work(partner_caller(register.partition, partner)) as work:
        numbered = work.access.organisations.list_number()
        organisations, units = work.access.organisations.all(), work.access.organisations.units()
        grants = work.access.organisations.authorisations() if kind == ActorList.NAME else []
    if numbered is None:
        raise NoSuchList(f"{register.partition} has let nobody in yet")
    # One number for both: it rises with each change of what either tells.
    number, at = numbered[0], wire.instant(numbered[1])
    found: CountryList
    if kind == ActorList.NAME:
        rows = _list_actors(register.keys, grants)
        found = ActorList(iss=register.partition, kind="actors", number=number, rows=rows, at=at)
    else:
        listed = _list_organisations(organisations, units)
        found = OrganisationList(iss=register.partition, kind="organisations", number=number, rows=listed, at=at)
    return NodeSigner(register.keys).sign(Typ.LIST, document(found))


def _list_organisations(organisations: Iterable[Organisation], units: Sequence[Unit]) -> tuple[ListedOrganisation, ...]:
    return tuple(
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


def _list_actors(keys: NodeKeys, grants: Iterable[Authorisation]) -> tuple[ListedActor, ...]:
    rows = (
        ListedActor(
            actor=keys.hide_actor(grant.actor),
            organisation=grant.organisation,
            begins=grant.begins,
            ends=grant.last_day,
        )
        for grant in grants
        if grant.asks_evaluators
    )
    # By the pseudonym: the order of the names themselves would tell of them.
    return tuple(sorted(rows, key=lambda row: (row.actor, row.begins, row.organisation)))


class AskerAwaited(PartnerError):
    """The asking country's lists that are known here do not have who asks; a newer one is being fetched."""

    code = "evaluation-asker-awaited"
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
        return _list_units(self.kept(partner, OrganisationList))

    def units_for(self, partner: Partition, puts: Iterable[IndicatorPut]) -> frozenset[str]:
        """The units of a partner, by a newer list where these extracts name one that the list kept here does not."""
        named, known = {put.record.contact.unit for put in puts}, self.known(partner)
        return known if named <= known else self.fetch(partner)

    def fetch(self, partner: Partition) -> frozenset[str]:
        """As `fetch_list`; the units by what is kept then."""
        return _list_units(self.fetch_list(partner, OrganisationList))

    def fetch_list(self, partner: Partition, model: type[N]) -> N | None:
        """Ask for a list of the partner, keep it if it is a newer one, and return what is kept then."""
        kept = self.kept(partner, model)
        try:
            trust = trust_of(self._register.partition, self._rosters(), partner)
            answer = self._http.get(partner, f"/sync/v1/lists/{model.NAME}", bytes_max=LIST_CHARS_MAX)
            found = read_list(answer.body, trust, model, new=True)
            newer = check_follows(found, kept)
        except PartnerError as refusal:
            logger().warning("list.not-taken", partition=self._register.partition, partner=partner, code=refusal.code)
            return kept
        if newer:
            with self._register.work(self._caller) as work:
                work.exchange.partner_lists.keep(partner, model.NAME, found.number, answer.body)
        return found

    def kept(self, partner: Partition, model: type[N]) -> N | None:
        """A list of the partner as it is kept here; None where there is none yet."""
        with self._register.work(self._caller) as work:
            kept = work.exchange.partner_lists.newest(partner, model.NAME)
        if kept is None:
            return None
        return read_list(kept, trust_of(self._register.partition, self._rosters(), partner), model, new=False)


class AskersLists:
    """Who may have keys evaluated here, by the signed lists of their countries.

    The lists are kept in the evaluator's own schema and held in memory, since each request names an organisation and
    an actor. No request waits for a partner: a list that does not have them is fetched beside, one fetch at a time for
    each list of each partner, else a partner that is slow to give its list would hold the places of the others. Used
    from several threads.
    """

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        lists = PartnerLists(register, http, rosters, function="evaluator")
        partners = others(register.partition)
        self._organisations = {p: _HeldList(register, lists, p, OrganisationList) for p in partners}
        self._actors = {p: _HeldList(register, lists, p, ActorList) for p in partners}

    def listed(self, partner: Partition, organisation: str, actor: str) -> Listed:
        """How the partner's lists have who asks, at once; newer lists are fetched where it is time for one.

        Raises:
            AskerAwaited: the lists that are held do not have them today, and a newer one is under way.
        """
        # Both are looked at before either is awaited, so that a country that asks for the first time waits once.
        of_organisation = self._organisations[partner].listed_as((organisation,))
        of_actor = self._actors[partner].listed_as((organisation, actor))
        if of_organisation is None or of_actor is None:
            raise AskerAwaited(f"the lists of {partner} are asked for", retry_after_s=AWAITED_S)
        return Listed(of_organisation, of_actor)


class _HeldList:
    """One list of one partner in memory, by who is named in it."""

    def __init__(
        self, register: Register, lists: PartnerLists, partner: Partition, model: type[OrganisationList | ActorList]
    ) -> None:
        self._register, self._lists, self._partner, self._model = register, lists, partner, model
        self._held: Mapping[tuple[str, ...], Sequence[_Period]] = {}
        self._read, self._fetching, self._fetched_at = False, False, _NEVER
        self._lock = threading.Lock()

    def listed_as(self, name: tuple[str, ...]) -> ListedAs | None:
        """How the list has somebody; None where not as of today, and a newer one is under way."""
        with self._lock:
            under_way = self._fetching
        # Read after that: a fetch that ended between the two has put its list in place before.
        said = self._by_what_is_held(name)
        if not under_way and self._due(said):
            under_way = self._begin_to_fetch()
        return None if said != "listed" and under_way else said

    def _begin_to_fetch(self) -> bool:
        with self._lock:
            if not self._fetching:
                self._fetching = True
                threading.Thread(target=self._fetch, name=f"list-{self._partner}", daemon=True).start()
        return True

    def _fetch(self) -> None:
        try:
            self._hold(self._lists.fetch_list(self._partner, self._model))
            self._fetched_at = self._register.clock.monotonic()
        except Exception as error:  # noqa: BLE001 - the database is away, or the process ends: the next request fetches
            country, code = self._register.partition, code_of(error)
            logger().warning("list.not-taken", partition=country, partner=self._partner, code=code)
        finally:
            with self._lock:
                self._fetching = False

    def _due(self, said: ListedAs) -> bool:
        now = self._register.clock.monotonic()
        if said == "listed" and self._fetched_at == _NEVER:
            self._fetched_at = now
        return now - self._fetched_at >= (FRESH_FOR_S if said == "listed" else FETCHED_AGAIN_S)

    def _by_what_is_held(self, name: tuple[str, ...]) -> ListedAs:
        if not self._read:
            self._hold(self._lists.kept(self._partner, self._model))
        today = day_in(self._partner, self._register.clock.now())
        begun = [ends for begins, ends in self._held.get(name, ()) if begins <= today]
        if not begun:
            return "unknown"
        return "listed" if any(ends is None or today <= ends for ends in begun) else "ended"

    def _hold(self, found: OrganisationList | ActorList | None) -> None:
        if found is not None:
            self._held, self._read = _list_periods(found), True


_Period = tuple[date, date | None]
"""From when to when somebody is listed."""
_NEVER: Final = -math.inf


def _list_periods(found: OrganisationList | ActorList) -> Mapping[tuple[str, ...], Sequence[_Period]]:
    """When who is in a list: organisations by their code, actors by the code of theirs and their reference."""
    held: dict[tuple[str, ...], list[_Period]] = {}
    for row in found.rows:
        name = (row.organisation, row.actor) if isinstance(row, ListedActor) else (row.organisation,)
        held.setdefault(name, []).append((row.begins, row.ends))
    return held


def _list_units(found: OrganisationList | None) -> frozenset[str]:
    return frozenset() if found is None else found.unit_names()
