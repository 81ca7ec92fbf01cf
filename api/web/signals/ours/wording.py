"""Words for what the register says in codes: what was done, how a partner stands, by what two reports match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup

from api.web.frame.languages import N_, Text, Words
from register.domain.signals.history import ExchangeEvent, FindingEvent, HistoryLine, SignalEvent
from register.domain.signals.protecting.finding import OF_PERSON
from schemas.codes import Finding, Partition, code_list

FAMILIES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "phone": N_("a phone number"),
        "email": N_("an e-mail address"),
        "document": N_("a document"),
        "plate": N_("a number plate"),
        "handle": N_("an account"),
        "iban": N_("a bank account"),
        "vessel": N_("a vessel"),
        "company": N_("a company number"),
        "person": N_("a person"),
    }
)
"""By what two reports match; a family `person.p1` is of the class before its dot."""
OF_ONE_REPORT: Final[Mapping[tuple[Finding, bool], tuple[Text, Text]]] = MappingProxyType(
    {
        (Finding.ALSO_A_VICTIMS, True): (
            N_("Perhaps the victim, or somebody who leads to her"),
            N_("A person of this report may be the victim whom it does not name, or lead to her, or is called as a "
               "child or a victim is. Partners learn nothing of them until somebody decides: share it for a stated "
               "reason, or withhold it."),
        ),
        (Finding.ALSO_A_VICTIMS, False): (
            N_("Perhaps a protected person's"),
            N_("What was typed with a value, or a name in it, says that it may be a protected person's; or it stands "
               "beside one, as nobody's. It is withheld until somebody decides: share it for a stated reason, or "
               "withhold it."),
        ),
        (Finding.ALSO_A_REPORTERS, True): (
            N_("Perhaps who told the report"),
            N_("A person of this report may be who told it, and does not want to be known or is the victim. Partners "
               "learn nothing of them until somebody decides: share it for a stated reason, or withhold it."),
        ),
        (Finding.ALSO_A_REPORTERS, False): (
            N_("Perhaps of whoever told the report"),
            N_("A value of this report was entered as that of whoever told it, or may be theirs. It is withheld until "
               "somebody decides: share it for a stated reason, or withhold it."),
        ),
        (Finding.SAME_PERSON, False): (
            N_("Perhaps one person, entered twice"),
            N_("Two persons of this report, of whom one is protected, have nearly the same name. The other is withheld "
               "as well until somebody says that it is another person."),
        ),
    }
)  # fmt: skip
"""What is asked of one report alone, of a person as a whole or not: its title, and what it says.

The code's own words are for what stands in two reports.
"""
STRENGTHS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "very-strong": N_("very strong"),
        "strong": N_("strong"),
        "possible": N_("possible"),
        "same-document": N_("the same document"),
        "same-number": N_("the same number"),
        "none": N_("weak"),
    }
)
DELIVERIES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "nothing": N_("Nothing was sent."),
        "on-its-way": N_("On its way since %(when)s; no receipt yet."),
        "received": N_("Received, by its receipt of %(when)s."),
        "refused": N_("Arrived and not taken: its own rules do not allow it (receipt of %(when)s)."),
        "withdrawing": N_("Taken back since %(when)s; the receipt that it is gone has not come yet."),
        "withdrawn": N_("Gone there, by its receipt of %(when)s."),
    }
)
_EXCHANGE: Final[Mapping[ExchangeEvent, Text]] = MappingProxyType(
    {
        ExchangeEvent.SHARED: N_("Sent to: %(partners)s"),
        ExchangeEvent.RECEIVED: N_("Received by: %(partners)s"),
        ExchangeEvent.REFUSED: N_("Arrived and not taken by: %(partners)s"),
        ExchangeEvent.RECALLED: N_("Taken back from: %(partners)s"),
        ExchangeEvent.RECALL_CONFIRMED: N_("Confirmed to be gone by: %(partners)s"),
        ExchangeEvent.SHARE_HELD: N_("To be sent, and cannot be told now: %(partners)s"),
        ExchangeEvent.RECALL_HELD: N_("Taken back here; cannot be told now, telephone: %(partners)s"),
    }
)
_OTHER: Final = N_("Changed")
TOGETHER: Final = timedelta(minutes=1)
"""What several partners were told within this time is one line."""
SHOWN_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline as it is shown.

    Attributes:
        says: with its values translated.
        actor: id of who did it; empty where the exchange did.
        own: the reader did it.
        reason: as typed.
    """

    at: datetime
    says: Text
    actor: str
    own: bool
    reason: str | None


def lines_of(history: Sequence[HistoryLine], words: Words, names: Mapping[str, str], reader: str) -> list[Line]:
    """The timeline in words, newest first.

    Args:
        history: oldest first.
        words: in which codes are said.
        names: of organisations, by code.
        reader: id of who reads.
    """
    found: list[Line] = []
    grouped: list[tuple[ExchangeEvent, HistoryLine]] = []
    for line in [*history, None]:
        if grouped and (line is None or line.what is not grouped[0][0] or line.at - grouped[0][1].at > TOGETHER):
            found.append(_word_exchange(grouped, words))
            grouped = []
        if line is not None and isinstance(line.what, ExchangeEvent):
            grouped.append((line.what, line))
        elif line is not None:
            found.append(Line(line.at, _word_event(line, words, names), line.actor, line.actor == reader, line.reason))
    return found[::-1]


def title_of(words: Words, finding: str, family: str, *, same: bool) -> Markup:
    """What a finding asks, in a line; `same` where it is about one report alone."""
    own = _of_one(finding, family) if same else None
    return words.label("finding", finding) if own is None else words.marked(own[0])


def explained(words: Words, finding: str, family: str, *, same: bool) -> Markup:
    """What was found and what happens meanwhile."""
    own = _of_one(finding, family) if same else None
    return words.explain("finding", finding) if own is None else words.marked(own[1])


def _of_one(finding: str, family: str) -> tuple[Text, Text] | None:
    return OF_ONE_REPORT.get((Finding(finding), family == OF_PERSON))


def families_of(families: Sequence[str]) -> list[Text]:
    """By what two reports match, each class once."""
    classes = dict.fromkeys(one.partition(".")[0] for one in families)
    return [FAMILIES[one] for one in classes if one in FAMILIES]


def _word_exchange(grouped: Sequence[tuple[ExchangeEvent, HistoryLine]], words: Words) -> Line:
    partners = dict.fromkeys(str(words.label("partition", Partition(one.facts["partner"]))) for _, one in grouped)
    event, first = grouped[0]
    says = _EXCHANGE[event]
    return Line(first.at, N_(says.message, partners=", ".join(partners)), "", own=False, reason=None)


def _word_event(line: HistoryLine, words: Words, names: Mapping[str, str]) -> Text:
    what = line.what
    return _DONE[what](line.facts, words, names) if isinstance(what, SignalEvent | FindingEvent) else _OTHER


Facts = Mapping[str, Any]
Say = Callable[[Facts, Words, Mapping[str, str]], Text]


def _as_it_is(text: Text) -> Say:
    return lambda _facts, _words, _names: text


def _reclassified(facts: Facts, words: Words, _names: Mapping[str, str]) -> Text:
    before, after = (_find_label(words, "signal_type", facts.get(name)) for name in ("from", "to"))
    return N_("Reclassified: from %(before)s to %(after)s", before=before, after=after)


def _moved(facts: Facts, words: Words, _names: Mapping[str, str]) -> Text:
    return N_("Moved on: %(state)s", state=_find_label(words, "signal_state", facts.get("to")))


def _referred(facts: Facts, words: Words, names: Mapping[str, str]) -> Text:
    kind = _find_label(words, "referral_kind", facts.get("kind"))
    return N_("Referred to %(to)s, for: %(kind)s", to=_to(facts, names), kind=kind)


def _answered(facts: Facts, words: Words, names: Mapping[str, str]) -> Text:
    state = _find_label(words, "referral_state", facts.get("state"))
    return N_("Answer of %(to)s to a referral: %(state)s", to=_to(facts, names), state=state)


def _closed(facts: Facts, _words: Words, names: Mapping[str, str]) -> Text:
    return N_("What came back from %(to)s is closed: nobody else need have it", to=_to(facts, names))


def _taken_back(facts: Facts, _words: Words, names: Mapping[str, str]) -> Text:
    return N_(
        "Referral to %(to)s taken back; persons who had opened it there: %(count)s",
        to=_to(facts, names),
        count=facts.get("read_by"),
    )


def _finding_asked(facts: Facts, words: Words, _names: Mapping[str, str]) -> Text:
    return N_("Asked of the register unit, %(whom)s: %(what)s", whom=_whom(words, facts), what=_asked(words, facts))


def _finding_decided(facts: Facts, words: Words, _names: Mapping[str, str]) -> Text:
    said = _find_label(words, "finding_decision", facts.get("decision"))
    whom, what = _whom(words, facts), _asked(words, facts)
    return N_("The register unit answered, %(whom)s: %(what)s – %(said)s", whom=whom, what=what, said=said)


def _withdrawn(facts: Facts, words: Words, _names: Mapping[str, str]) -> Text:
    return N_("Withdrawn: %(code)s", code=_find_label(words, "retract_reason", facts.get("code")))


def _to(facts: Facts, names: Mapping[str, str]) -> str:
    to = str(facts.get("to"))
    return names.get(to, to)


def _asked(words: Words, facts: Mapping[str, Any]) -> Markup:
    return title_of(words, facts["asked"], facts["family"], same=facts["same"])


def _whom(words: Words, facts: Mapping[str, Any]) -> Markup:
    n = facts["subject"]
    return words.marked(N_("person %(number)s", number=n) if n else N_("with nobody in particular"))


def _find_label(words: Words, list_name: str, code: object) -> object:
    return words.label(list_name, str(code)) if str(code) in code_list(list_name) else str(code)


_DONE: Final[Mapping[SignalEvent | FindingEvent, Say]] = MappingProxyType(
    {
        SignalEvent.RECORDED: _as_it_is(N_("Registered")),
        SignalEvent.AMENDED: _as_it_is(N_("Corrected or completed")),
        SignalEvent.CONFIRMED: _as_it_is(N_("Confirmed by the register unit")),
        SignalEvent.APPROVED: _as_it_is(N_("Approved to leave the country")),
        SignalEvent.CONSENTED: _as_it_is(N_("The prosecutor consented to its provision")),
        SignalEvent.CONSENT_WITHDRAWN: _as_it_is(N_("The prosecutor's consent withdrawn; taken back from partners")),
        SignalEvent.APPROVAL_LIFTED: _as_it_is(N_("Needs no approval of its own any more")),
        SignalEvent.APPROVAL_WITHDRAWN: _as_it_is(N_("Approval withdrawn; taken back from partners")),
        SignalEvent.APPROVAL_ENDED: _as_it_is(N_("Approval or consent ended; taken back from partners")),
        SignalEvent.RECLASSIFIED: _reclassified,
        SignalEvent.MOVED: _moved,
        SignalEvent.REFERRED: _referred,
        SignalEvent.REFERRAL_ANSWERED: _answered,
        SignalEvent.REFERRAL_CLOSED: _closed,
        SignalEvent.REFERRAL_TAKEN_BACK: _taken_back,
        SignalEvent.WITHDRAWN: _withdrawn,
        SignalEvent.OBJECTED: _as_it_is(N_("Objected to what was let go: withheld again, and asked anew")),
        SignalEvent.LET_STAND: _as_it_is(N_("What was let go may stand, says who entered the report")),
        FindingEvent.ASKED: _finding_asked,
        FindingEvent.DECIDED: _finding_decided,
        FindingEvent.LET_GO: _as_it_is(
            N_("The register unit let go what protected somebody in it, or a value of theirs")
        ),
    }
)
"""Below what it names."""
