"""The pages of the form in their order: what each asks, and what its answers are in the form of a signal.

A step reads what was typed and gives parts of `SignalIn`; it knows no page and no store. Urgency, what, when and
where, which type, who and how, what is known: the eight questions of interfaces.md 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from api.web.frame.languages import N_, Text
from api.web.signals.reporting.answers import Fault, Reader, Typed
from api.web.signals.reporting.known import read_items
from register.domain.signals.signal import LONG_AGO_YEARS, is_long_ago
from register.domain.signals.type_aid import Suggestion, suggest_type
from register.domain.typed_day import read_day
from schemas.codes import Partition, code_list
from schemas.signals.signal import SignalIn

Parts = dict[str, Any]
Content = Mapping[str, Any]
"""What a draft holds: the fields of each step, by the step's name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form.

    Attributes:
        single: names of the fields that hold one text.
        groups: names of the groups of boxes.
        read: gives the parts of the signal, or notes faults.
    """

    name: str
    single: tuple[str, ...]
    read: Callable[[Reader], Parts]
    groups: tuple[str, ...] = ()


def _read_urgency(reader: Reader) -> Parts:
    return {"urgency": reader.code("urgency", "urgency", N_("Choose how urgent it is."))}


def _read_account(reader: Reader) -> Parts:
    return {"account": reader.account("account", N_("Say in a few words what happened."))}


def _read_days(reader: Reader) -> Parts:
    begins, ends = reader.day("from"), reader.day("to", needed=False)
    if begins and ends and ends < begins:
        reader.fault("to", N_("The last day is before the first. Mend one of them, or leave the last day out."))
    _ask_if_long_ago(reader, "from", begins)
    place = {
        "island": reader.code("island", "island", N_("Choose the island.")),
        "location_type": reader.code("location_type", "location_type", N_("Choose the kind of place, or not known.")),
        "locality": reader.line("locality", "name", None),
    }
    return {"period": {"from": begins, "to": ends}, "place": place}


def _read_signal_type(reader: Reader) -> Parts:
    return {
        "signal_type": reader.code(
            "signal_type", "signal_type", N_("Choose what it seems to be. That it cannot be told is an answer too.")
        )
    }


def _read_source(reader: Reader) -> Parts:
    received = reader.day("received_on")
    begins = read_day(str(reader.beside.get("when", {}).get("from", "")), latest=reader.today)
    _ask_if_long_ago(reader, "received_on", received)
    if received and begins and received < begins:
        says = N_("You heard of it on %(received)s, and it happened on %(happened)s, after that. Is that right?")
        says = Text(says.message, {"received": received, "happened": begins})
        reader.ask("received_on", "sure_before", f"{received}<{begins}", says)
    return {
        "source": reader.code("source", "source", N_("Choose who told you.")),
        "reporter_anonymous": reader.text("anonymous") == "yes",
        "channel": reader.code("channel", "channel", N_("Choose how it reached you.")),
        "received_on": received,
    }


def _ask_if_long_ago(reader: Reader, name: str, day: date | None) -> None:
    if day is not None and is_long_ago(day, reader.today):
        says = N_("%(day)s is more than %(years)s years ago. Is the year right?")
        reader.ask(name, "sure_long", day.isoformat(), Text(says.message, {"day": day, "years": LONG_AGO_YEARS}))


def _read_known(reader: Reader) -> Parts:
    items = reader.typed.get("items", [])
    if not items and reader.text("nothing") != "yes":
        reader.fault("add", N_("Add what you know, or say that nothing is known."))
        return {}
    if items and reader.text("closed") != "yes":
        reader.fault("add", N_("Say that this is all, or add what is missing."))
    return read_items(items) if items else {"nothing_known": True}


STEPS: Final[tuple[Step, ...]] = (
    Step("urgency", ("urgency",), _read_urgency),
    Step("what", ("account",), _read_account),
    Step("when", ("from", "to", "island", "location_type", "locality", "sure_long"), _read_days),
    Step("type", ("signal_type",), _read_signal_type),
    Step("source", ("source", "anonymous", "channel", "received_on", "sure_long", "sure_before"), _read_source),
    Step("known", ("nothing", "closed"), _read_known),
)
BY_NAME: Final[Mapping[str, Step]] = MappingProxyType({step.name: step for step in STEPS})

AID_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {"acts": "act", "means": "means", "forms": "exploitation_form", "smuggling": "smuggling_element"}
)
"""The groups of boxes of the aid, with the list that each ticks codes of."""
AID_MEANS: Final = (
    "THREAT", "FORCE", "COERCION", "ABDUCTION", "FRAUD", "DECEPTION", "ABUSE_OF_POWER", "ABUSE_OF_VULNERABILITY",
    "PAYMENT_FOR_CONTROL", "CONTROL_DEBT_BONDAGE", "CONTROL_WITHHOLDS_DOCUMENTS", "CONTROL_RESTRICTS_MOVEMENT",
)  # fmt: skip
"""The means that the aid asks for: the list is longer than anybody reads on a phone."""
MAIN_TYPES: Final = ("HT", "MS", "HT_MS", "UNDETERMINED")
FIRST_PAGE: Final = "urgency"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and for whom the form is filled in."""

    country: Partition
    kind: str
    today: date
    organisation_kind: str = ""


def find_step_after(step: str) -> str:
    """The page after a step."""
    names = [one.name for one in STEPS]
    following = names.index(step) + 1
    return names[following] if following < len(names) else "check"


def faults_of(step: Step, typed: Typed, asked: Asked, content: Content) -> list[Fault]:
    """What is wrong with the answers of a step, by themselves and beside those of the others."""
    reader = Reader(typed, asked.today, content)
    step.read(reader)
    return reader.faults


def first_open(content: Content, asked: Asked) -> str | None:
    """The first step that is not answered yet, or not well; None when all are."""
    return next((s.name for s in STEPS if s.name not in content or faults_of(s, content[s.name], asked, content)), None)


def signal_of(content: Content, asked: Asked) -> SignalIn:
    """The form of the signal; for content of which `first_open` says None."""
    parts: Parts = {"kind": asked.kind}
    for step in STEPS:
        parts |= step.read(Reader(content[step.name], asked.today, content))
    return SignalIn.model_validate(parts | _aid_parts(content, asked))


def suggestion_of(content: Content, asked: Asked) -> Suggestion | None:
    """What the ticked signs point to; None where nobody asked the aid."""
    if "aid" not in content:
        return None
    reader = Reader(content["aid"], asked.today)
    ticked = {group: reader.boxes(group, codes) for group, codes in AID_GROUPS.items()}
    return suggest_type(**ticked, minor=reader.text("minor") == "yes")


_FOUND_ITSELF: Final = ("OWN_INITIATIVE", "CONTROL_ACTION")
USUAL: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "police", "investigation", "coast-guard", "border", "detention", "customs", "labour-inspection",
                "health-inspection",
            ),
            _FOUND_ITSELF,
        ),
        "helpline": ("CITIZEN", "HOTLINE_24_7"),
        "victim-support": ("VICTIM", "WALK_IN"),
        "hospital": ("VICTIM", "WALK_IN"),
    }
)  # fmt: skip
"""Who told it and how, as it mostly is where an organisation enters its own report: suggested, and changed by a tap."""


def defaults_of(step: str, asked: Asked) -> dict[str, Any]:
    """What a page suggests before anything is typed."""
    if step == "when":
        islands = [one.code for one in code_list("island") if one.extra["partition"] == asked.country]
        return {"from": asked.today.isoformat(), "island": islands[0] if len(islands) == 1 else ""}
    if step != "source":
        return {}
    source, channel = USUAL.get(asked.organisation_kind, ("", "")) if asked.kind == "submission" else ("", "")
    return {"received_on": asked.today.isoformat(), "source": source, "channel": channel}


def _aid_parts(content: Content, asked: Asked) -> Parts:
    reader = Reader(content.get("aid", {}), asked.today)
    return {
        "acts": reader.boxes("acts", "act"),
        "means": reader.boxes("means", "means"),
        "exploitation_forms": reader.boxes("forms", "exploitation_form"),
        "smuggling_elements": reader.boxes("smuggling", "smuggling_element"),
    }
