"""What the pages of the own register make of codes: words in every language, and addresses with nothing of a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.frame.languages import WHOLE, Words, catalogue
from api.web.signals.ours.changes import FORMS, WITHDRAWALS
from api.web.signals.ours.filters import CODES, DAYS, read_filters
from api.web.signals.ours.report import holders_of
from api.web.signals.ours.wording import DELIVERIES, FAMILIES, STRENGTHS, families_of, lines_of
from register.domain.access.caller import Caller, Task
from register.domain.signals import signal_document
from register.domain.signals.history import ExchangeEvent, HistoryLine, SignalEvent
from register.domain.signals.reading import CHANGES, Change, may_change, may_list, may_read
from register.domain.signals.telling import Delivery
from register.matching.evidence import Strength
from register.pseudonyms.epochs import CLASSES
from schemas.codes import Partition, code_list
from schemas.signals.sharing import SharingOut

TODAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AW = Partition.AW
codes = st.sampled_from([code for name in CODES.values() for code in code_list(name).codes])
anything = st.text(max_size=30) | codes | st.sampled_from(["2026-01-31", "0000-00-00", "<script>", "AW-DIMAS"])


def line(what: SignalEvent | ExchangeEvent | None, seconds: int = 0, **facts: object) -> HistoryLine:
    return HistoryLine(AT + timedelta(seconds=seconds), what, "aw-officer", facts)


def said(lines: list[HistoryLine], language: str = "en") -> list[str]:
    words = Words(language, AW)
    return [str(words.marked(one.says)) for one in lines_of(lines, words, {"AW-KPA": "Police & co"}, "aw-officer")]


@given(st.dictionaries(st.sampled_from([*CODES, *DAYS, "organisation", "cursor", "x"]), anything))
def test_address_of_a_list_holds_codes_and_days_only(query: dict[str, str]) -> None:
    given_ = read_filters(query, TODAY, {"AW-DIMAS"})

    for name, value in given_.wanted.items():
        if name in CODES:
            assert value in code_list(CODES[name])
        elif name in DAYS:
            assert isinstance(value, date)
            assert value <= TODAY
        else:
            assert (name, value) == ("organisation", "AW-DIMAS")
    if given_.faults:
        assert given_.wanted == {}
    assert "<" not in given_.address("/ours", "abc")


def test_partners_told_at_once_are_one_line_and_later_ones_another() -> None:
    told = [line(ExchangeEvent.SHARED, n, partner=p) for n, p in enumerate(("BQ", "CW", "NL"))]
    later = [line(ExchangeEvent.SHARED, 300, partner="CW"), line(ExchangeEvent.RECEIVED, 301, partner="CW")]

    assert said([*told, *later]) == [
        "Received by: Curaçao",
        "Sent to: Curaçao",
        "Sent to: Caribbean Netherlands, Curaçao, Netherlands",
    ]


@pytest.mark.parametrize("language", WHOLE)
@pytest.mark.parametrize("what", SignalEvent)
def test_each_event_of_the_timeline_has_words_of_its_own(what: SignalEvent, language: str) -> None:
    others = {one for event in set(SignalEvent) - {what} for one in said([line(event)], language)}
    (text,) = said([line(what)], language)
    assert text not in others | set(said([line(None)], language))


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Answer of Police &amp; co to a referral: Taken up"),
        ("nl", "Antwoord van Police &amp; co op een doorverwijzing: Opgepakt"),
    ],
)
def test_answer_to_a_referral_says_whose_and_how_far(language: str, says: str) -> None:
    assert said([line(SignalEvent.REFERRAL_ANSWERED, to="AW-KPA", state="ACCEPTED", outcome=None)], language) == [says]


@pytest.mark.parametrize("language", WHOLE)
def test_no_line_of_the_timeline_shows_a_code_without_words(language: str) -> None:
    event = SignalEvent
    lines = [
        line(event.RECORDED, state="REGISTERED"), line(event.AMENDED, fields=["account"]), line(event.CONFIRMED),
        line(event.APPROVED), line(event.REFERRED, kind="assistance", to="AW-KPA"),
        HistoryLine(AT, event.RECLASSIFIED, "x", {"from": "MS", "to": "HT_MS"}),
        HistoryLine(AT, event.MOVED, "x", {"from": "RECEIVED", "to": "ASSESSED"}),
        line(event.WITHDRAWN, code="corrected"), line(None),
        *(line(what, 90 * n, partner="CW") for n, what in enumerate(ExchangeEvent)),
    ]  # fmt: skip
    for text in said(lines, language):
        for code in ("MS", "HT_MS", "ASSESSED", "assistance", "corrected", "AW-KPA", "CW", "None"):
            assert code not in text.replace("Corrected", ""), text
    assert "Police &amp; co" in " ".join(said(lines, language))


def test_every_code_that_the_pages_say_has_its_words() -> None:
    assert set(DELIVERIES) == set(Delivery)
    assert set(STRENGTHS) == set(Strength)
    assert set(FAMILIES) == set(CLASSES)
    assert set(FORMS) == set(Change) == set(CHANGES)
    assert set(WITHDRAWALS) <= set(code_list("retract_reason").codes)
    assert [f.message for f in families_of(["person.p1", "person.p0", "phone"])] == ["a person", "a phone number"]


def test_sentences_that_the_register_itself_says_of_a_report_are_there_in_dutch() -> None:
    known = {str(m.id) for m in catalogue("nl") if m.id and m.string}
    assert set(signal_document._NEXT.values()) <= known


@given(
    st.lists(
        st.builds(
            SharingOut, recipient=st.sampled_from([p for p in Partition if p is not AW]), allowed=st.booleans(),
            rules=st.sampled_from([("A-1",), ("B-1", "B-2")]), sentences=st.just(()),
            delivery=st.sampled_from([str(d) for d in Delivery]),
            since=st.none() | st.integers(0, 200).map(lambda s: AT + timedelta(seconds=s)),
        ),
        max_size=4, unique_by=lambda s: s.recipient,
    )
)  # fmt: skip
def test_partners_are_put_together_only_where_the_same_is_true_of_all(sharing: list[SharingOut]) -> None:
    by_name = {one.recipient: one for one in sharing}
    groups = holders_of(sharing)

    assert sorted(p for group in groups for p in group.partners) == sorted(by_name)
    for group in groups:
        for partner in group.partners:
            one = by_name[partner]
            assert (one.allowed, one.rules, one.delivery) == (
                group.shown.allowed, group.shown.rules, group.shown.delivery,
            )  # fmt: skip


@given(st.sets(st.sampled_from(list(Task))), st.sampled_from(["AW-DIMAS", "AW-KPA"]))
def test_who_may_change_a_report_may_read_it_and_who_may_read_one_may_list(tasks: set[Task], organisation: str) -> None:
    caller = Caller(
        partition=AW, function="api", kind="person", actor="x", organisation="AW-DIMAS", tasks=frozenset(tasks)
    )
    if any(may_change(caller, change, organisation) for change in Change):
        assert may_read(caller, organisation)
    if may_read(caller, organisation):
        assert may_list(caller)
