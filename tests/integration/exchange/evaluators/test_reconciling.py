"""What evaluators say that they answered, against what was asked here: every night, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from register.core import Register
from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.exchange.reconciling import NightState
from register.domain.signals.signal import SignalId
from register.pseudonyms.client import Token
from register.services.access.oversee_asking import acknowledge_alarm, list_alarms
from register.services.access.oversee_evaluations import look_at_evaluations
from register.services.exchange.ask_evaluators import ask_evaluators
from register.services.running.keep_house import keep_house
from register.services.search.search_records import search_records
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import share_signals
from schemas import canonical
from schemas.access.privacy import AcknowledgeIn, AlarmOut
from schemas.codes import AlarmKind, LegalBasis, Partition, Purpose
from schemas.exchange import wire
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose
from schemas.exchange.lists import ANSWERED_MAX, AnsweredPiece, AnsweredRequest
from schemas.exchange.wire import Typ, document
from schemas.search.question import SearchIn
from sync.protocol.refusals import ListRefused, WrongIssuer
from sync.pulling import answered
from sync.pulling.answered import PATH, read_piece
from sync.pulling.nights import Nights
from sync.transport.partner import PartnerAnswer, PartnerHttp, PartnerRefused
from sync.trust import NodeSigner, trust_of
from tests.integration.exchange.evaluators.net import CASE, ORGANISATIONS, Net, phones, request
from tests.integration.store.isolation.matrix import admin
from tests.support.forms import a_form

AW, BQ, CW, NL, SX = Partition
TABLES = ("evaluation_asked", "evaluation_answer", "evaluation_night", "alarm", "to_do")


@pytest.fixture
def asking(net: Net) -> Iterator[Aruba]:
    """Aruba's node on a day of its own, on which nothing was asked yet."""
    found = Aruba(net)
    yield found
    found.forget()


class Aruba:
    """Aruba's node, and its nights with the four evaluators."""

    def __init__(self, net: Net) -> None:
        self.net, self.http = net, net.http(AW)
        self.register: Register = replace(net[AW], evaluators=net.evaluators(AW))
        self.day = net.clock.now().astimezone(UTC).date()
        self.forget()

    def officer(self) -> Caller:
        return self.net.world.caller("AW-CMMA", Task.PRIVACY, actor="aw-privacy")

    def ask(
        self,
        *numbers: str,
        purpose: EvaluationPurpose = EvaluationPurpose.REGISTER,
        declared: Declared = Declared.PUBLISH,
    ) -> UUID:
        made = self.net.clock.new_id()
        said = Asking(
            request_id=made, country=AW, purpose=purpose, organisation=ORGANISATIONS[AW], actor="worker",
            legal_basis=LegalBasis.AW_POLICE,
            case_reference=CASE,
            declared=None if purpose is EvaluationPurpose.SEARCH else declared,
        )  # fmt: skip
        found = ask_evaluators(self.register, "worker", phones(*numbers), said, about=made, secret=bytes(32))
        assert all(isinstance(one, Token) for one in found)
        return made

    def night(self, evaluator: Partition, http: Any = None) -> NightState | None:
        return Nights(self.register, http or self.http, lambda: self.net.rosters).turn(evaluator)

    def nights(self) -> dict[Partition, NightState | None]:
        """Two days later: the day's list of each evaluator."""
        self.net.clock.offset += timedelta(days=2)
        return {one: self.night(one) for one in (BQ, CW, NL, SX)}

    def answered_by(self, request_id: UUID) -> set[str]:
        sql = "SELECT evaluator FROM rtr.evaluation_answer WHERE request_id = :id AND answered_at IS NOT NULL"
        return {row.evaluator for row in self.rows(sql, id=request_id)}

    def alarms(self) -> list[AlarmOut]:
        return list(list_alarms(self.register, self.officer(), acknowledged=False, cursor=None, limit=50).items)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.register.database.transaction("worker") as connection:
            return list(connection.execute(text(sql), values))

    def forget(self) -> None:
        with psycopg.connect(admin(self.net.world), autocommit=True) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM rtr.{table} WHERE country = 'AW'")
            for country in (BQ, CW, NL, SX):
                connection.execute(
                    "DELETE FROM evaluator.evaluation_leaf WHERE country = %s AND commitment->>'requester' = 'AW'",
                    (country,),
                )


def test_what_was_asked_here_is_matched_at_every_evaluator_that_answered(asking: Aruba) -> None:
    asked = [asking.ask("+2970000101"), asking.ask("+2970000102", "+2970000103")]
    found = asking.nights()
    assert set(found.values()) == {NightState.MATCHED}
    assert all(len(asking.answered_by(one)) >= 2 for one in asked)
    assert asking.alarms() == []


def test_a_day_is_compared_once_and_not_before_its_grace_is_over(asking: Aruba) -> None:
    asking.ask("+2970000104")
    assert asking.night(NL) is None
    asking.net.clock.offset += timedelta(days=1)
    assert asking.night(NL) is None, "an answer given at midnight may still be on its way"
    asking.net.clock.offset += timedelta(days=1)
    assert asking.night(NL) is NightState.MATCHED
    assert asking.night(NL) is None


def test_what_somebody_else_asks_with_the_nodes_key_is_a_finding_of_the_privacy_officer(asking: Aruba) -> None:
    asking.ask("+2970000105")
    stolen = request(asking.net.clock, AW, {"phone/e1": 3}, actor="invented")
    assert asking.net.post(AW, NL, stolen).status_code == 200
    found = asking.nights()
    assert (found[NL], found[CW]) == (NightState.FINDING, NightState.MATCHED)
    assert [(a.kind, a.about) for a in asking.alarms()] == [(AlarmKind.EVALUATED_UNASKED, NL)]
    leaf = next(row.commitment["facts"] for row in asking.rows(
        "SELECT commitment FROM rtr.audit_leaf WHERE action = 'evaluations.reconciled' AND"
        " commitment->'facts'->>'state' = 'finding' ORDER BY id DESC LIMIT 1"
    ))  # fmt: skip
    assert leaf["unasked_ids"] == [str(stolen.body.request_id)]


def test_the_next_nights_finding_rings_although_the_last_was_acknowledged_just_before(asking: Aruba) -> None:
    stolen = request(asking.net.clock, AW, {"phone/e1": 1}, actor="invented")
    assert asking.net.post(AW, NL, stolen).status_code == 200
    asking.ask("+2970000112")
    assert asking.nights()[NL] is NightState.FINDING
    (first,) = asking.alarms()
    officer = asking.net.world.caller("AW-CMMA", Task.PRIVACY, actor="aw-privacy")
    acknowledge_alarm(asking.register, officer, first.id, AcknowledgeIn(reason="Seen."))
    # As if the night had not been looked at: the same day is found once more.
    with psycopg.connect(admin(asking.net.world), autocommit=True) as connection:
        connection.execute("DELETE FROM rtr.evaluation_night WHERE country = 'AW' AND evaluator = 'NL'")
    assert asking.night(NL) is NightState.FINDING
    assert [one.id == first.id for one in asking.alarms()] == [False]


def test_a_full_piece_of_a_list_is_read(asking: Aruba) -> None:
    row = AnsweredRequest(request=str(asking.net.clock.new_id()), keys=1, purpose=EvaluationPurpose.SEARCH)
    piece = AnsweredPiece(
        iss=NL,
        aud=AW,
        country=AW,
        kind="answered",
        day=asking.day,
        rows=(row,) * ANSWERED_MAX,
        at=wire.instant(asking.net.clock.now()),
    )
    jws = NodeSigner(asking.net[NL].keys).sign(Typ.LIST, document(piece))
    assert len(read_piece(jws, trust_of(AW, asking.net.rosters, NL), asking.day, None).rows) == ANSWERED_MAX


def test_an_id_of_ours_under_which_more_was_asked_is_no_match(asking: Aruba) -> None:
    """Else a thief asks first, under the id that the node will use."""
    made = asking.net.clock.new_id()
    stolen = request(asking.net.clock, AW, {"phone/e1": 40}, actor="invented", request_id=made)
    ours = Asking.model_validate(stolen.body.model_dump(exclude={"batches"}))
    assert asking.net.post(AW, NL, stolen).status_code == 200
    with asking.register.work(asking.net.world.worker(AW)) as work:
        work.exchange.reconciling.ask(ours, 1, made)
    assert asking.nights()[NL] is NightState.FINDING


def test_a_question_whose_leaf_was_removed_is_found_by_the_evaluators_lists(asking: Aruba) -> None:
    officer = asking.net.world.caller("AW-CMMA", Task.SEARCH_SHARED, actor="aw-coordinator")
    subject = {"selectors": [{"type": "PHONE", "value": "+297 000 0106"}]}
    question = SearchIn.model_validate(
        {
            "purpose": Purpose.COORDINATE,
            "legal_basis": LegalBasis.AW_NONPOLICE,
            "case": "AW-2026-17",
            "subject": subject,
        }
    )
    kept, removed = (search_records(asking.register, officer, question).id for _ in range(2))
    assert kept != removed
    with psycopg.connect(admin(asking.net.world), autocommit=True) as connection:
        connection.execute("DELETE FROM rtr.audit_leaf WHERE id = %s", (removed,))
    found = asking.nights()
    assert NightState.FINDING in found.values()
    assert {a.kind for a in asking.alarms()} == {AlarmKind.EVALUATED_UNASKED}
    assert {row.n for row in asking.rows("SELECT max(unasked) AS n FROM rtr.evaluation_night")} == {1}


def test_reports_that_are_shared_stand_in_the_book(asking: Aruba) -> None:
    submitter = asking.net.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-dimas")
    made = record_signal(asking.register, submitter, a_form(), str(asking.net.clock.new_id()))
    share_signals(asking.register, 50)
    about = {row.about for row in asking.rows("SELECT about FROM rtr.evaluation_asked")}
    assert SignalId(made.id) in about
    assert set(asking.nights().values()) == {NightState.MATCHED}


def test_what_an_evaluator_answered_and_leaves_out_of_its_list_is_a_finding(asking: Aruba) -> None:
    made = asking.ask("+2970000107")
    evaluator = Partition(min(asking.answered_by(made)))
    with psycopg.connect(admin(asking.net.world), autocommit=True) as connection:
        connection.execute(
            "DELETE FROM evaluator.evaluation_leaf WHERE country = %s AND commitment->>'request_id' = %s",
            (evaluator, str(made)),
        )
    assert asking.nights()[evaluator] is NightState.MATCHED, "it may be counted on the day after"
    asking.net.clock.offset += timedelta(days=1)
    assert asking.night(evaluator) is NightState.FINDING
    assert [(a.kind, a.about) for a in asking.alarms()] == [(AlarmKind.ANSWER_NOT_LISTED, evaluator)]


def test_what_an_evaluator_answered_at_midnight_and_counts_on_the_day_after_is_no_finding(asking: Aruba) -> None:
    made = asking.ask("+2970000113")
    evaluator = Partition(min(asking.answered_by(made)))
    with psycopg.connect(admin(asking.net.world), autocommit=True) as connection:
        connection.execute(
            "UPDATE evaluator.evaluation_leaf SET at = at + interval '1 day' WHERE country = %s"
            " AND commitment->>'request_id' = %s",
            (evaluator, str(made)),
        )
    assert asking.nights()[evaluator] is NightState.MATCHED
    asking.net.clock.offset += timedelta(days=1)
    assert asking.night(evaluator) is NightState.MATCHED
    listed = asking.rows("SELECT listed FROM rtr.evaluation_night WHERE evaluator = :e ORDER BY day", e=evaluator)
    assert [row.listed for row in listed] == [0, 1], "told on the day after, and on no other"
    assert asking.alarms() == []


def test_an_evaluator_that_gives_no_list_is_late_and_told_after_three_days(asking: Aruba) -> None:
    asking.ask("+2970000108")
    gone = asking.net.http(AW, via={NL: "http://127.0.0.1:9"}, timeout_s=0.5)
    asking.net.clock.offset += timedelta(days=2)
    assert asking.night(NL, gone) is NightState.LATE
    assert asking.alarms() == []
    asking.net.clock.offset += timedelta(days=3)
    assert asking.night(NL, gone) is NightState.LATE
    assert [(a.kind, a.about) for a in asking.alarms()] == [(AlarmKind.EVALUATOR_SILENT, NL)]
    assert asking.night(NL) is NightState.MATCHED, "once it can be had the day is compared all the same"


def test_a_list_is_given_to_whom_it_is_about_alone(asking: Aruba) -> None:
    asked = request(asking.net.clock, AW, actor="listed", seed="listed")
    assert asking.net.post(AW, NL, asked).status_code == 200
    asking.net.clock.offset += timedelta(days=1)
    path = f"{PATH}/{asking.day.isoformat()}"
    of_aruba, of_sint_maarten = (asking.net.http(one).get(NL, path).body for one in (AW, SX))
    own = read_piece(of_aruba, trust_of(AW, asking.net.rosters, NL), asking.day, None)
    theirs = read_piece(of_sint_maarten, trust_of(SX, asking.net.rosters, NL), asking.day, None)
    assert (own.aud, theirs.aud) == (AW, SX)
    assert str(asked.body.request_id) in {row.request for row in own.rows}
    # Sint Maarten may have asked on that day too.
    assert not {row.request for row in own.rows} & {row.request for row in theirs.rows}


def test_a_list_for_another_of_another_day_or_by_another_is_refused(asking: Aruba) -> None:
    asking.net.clock.offset += timedelta(days=1)
    path, day = f"{PATH}/{asking.day.isoformat()}", asking.day
    of_sint_maarten = asking.net.http(SX).get(NL, path).body
    of_aruba = asking.http.get(NL, path).body
    for jws, partner, asked, refusal in (
        (of_sint_maarten, NL, day, ListRefused),
        (of_aruba, NL, day - timedelta(days=1), ListRefused),
        (of_aruba, CW, day, WrongIssuer),
    ):
        with pytest.raises(refusal):
            read_piece(jws, trust_of(AW, asking.net.rosters, partner), asked, None)


def test_a_day_that_is_not_over_has_no_list(asking: Aruba) -> None:
    with pytest.raises(PartnerRefused) as refused:
        asking.http.get(NL, f"{PATH}/{asking.day.isoformat()}")
    assert refused.value.said == "day-not-over"


def test_a_long_day_comes_in_pieces_and_a_list_that_goes_round_is_refused(
    asking: Aruba, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {asking.ask(f"+29700002{n:02}") for n in range(5)}
    monkeypatch.setattr(answered.signed_piece, "__kwdefaults__", {"most": 2})
    listening = Listening(asking.http)
    asking.net.clock.offset += timedelta(days=2)
    for one in (BQ, CW, NL, SX):
        assert asking.night(one, listening) is NightState.MATCHED
    assert len(listening.paths) > 4
    listed = asking.rows("SELECT DISTINCT request_id FROM rtr.evaluation_answer WHERE listed_on IS NOT NULL")
    assert {row.request_id for row in listed} == asked


class Listening:
    """A way to partners that keeps what was asked for."""

    def __init__(self, http: PartnerHttp) -> None:
        self._http = http
        self.paths: list[str] = []

    def get(self, partner: Partition, path: str, **more: Any) -> PartnerAnswer:
        self.paths.append(path)
        return self._http.get(partner, path, **more)


def test_what_was_compared_long_ago_is_forgotten(asking: Aruba) -> None:
    asking.ask("+2970000110")
    asking.nights()
    asking.net.clock.offset += timedelta(days=63)
    keep_house(asking.register)
    left = [asking.rows(f"SELECT count(*) AS n FROM rtr.{table}")[0].n for table in TABLES[:3]]
    assert left == [0, 0, 0]


def test_the_book_and_the_list_hold_no_value_and_nobodys_name(asking: Aruba) -> None:
    asking.ask("+2970000111")
    asking.nights()
    path = f"{PATH}/{asking.day.isoformat()}"
    told = asking.http.get(NL, path).body.split(b".")[1].decode()
    said = canonical.unb64(told).decode()
    for hidden in ("2970000111", "worker", ORGANISATIONS[AW]):
        assert hidden not in said


# --- what the privacy officer sees of it ----------------------------------------------------------------------------


def test_officer_sees_how_each_night_stands_with_each_evaluator_newest_first(asking: Aruba) -> None:
    asking.ask("+2970000201")
    stolen = request(asking.net.clock, AW, {"phone/e1": 3}, actor="invented", seed="nights")
    assert asking.net.post(AW, NL, stolen).status_code == 200
    asking.nights()
    asking.night(CW)
    found = look_at_evaluations(asking.register, asking.officer()).nights
    first = {one.evaluator: one for one in found if one.day == asking.day}
    assert set(first) == set(Partition), "the own country stands for all counts, compared with each other"
    assert (first[NL].state, first[NL].unasked) == ("finding", 1)
    assert {first[one].state for one in (AW, BQ, CW, SX)} == {"matched"}
    assert [one.day for one in found] == sorted((one.day for one in found), reverse=True)


def test_officer_sees_what_was_evaluated_to_be_published_and_is_with_nobody(asking: Aruba) -> None:
    asking.ask("+2970000202", "+2970000203")
    asking.ask("+2970000204", declared=Declared.KEEP)
    asking.ask("+2970000205", purpose=EvaluationPurpose.SEARCH)
    found = look_at_evaluations(asking.register, asking.officer())
    assert (found.to_publish, found.published, found.unpublished, found.to_keep) == (2, 0, 2, 1)
    asking.net.clock.offset += timedelta(days=31)
    found = look_at_evaluations(asking.register, asking.officer())
    assert (found.to_publish, found.to_keep) == (0, 0), "thirty days"


def test_what_too_few_evaluators_answered_became_no_pseudonym_and_counts_for_nothing(asking: Aruba) -> None:
    made = asking.net.clock.new_id()
    said = Asking.model_validate(request(asking.net.clock, AW, actor="alone").body.model_dump(exclude={"batches"}))
    with asking.register.work(asking.net.world.worker(AW)) as work:
        work.exchange.reconciling.ask(said, 5, made)
        work.exchange.reconciling.answered(said.request_id, [NL])
    assert look_at_evaluations(asking.register, asking.officer()).to_publish == 0


def test_nobody_else_sees_nights_and_figure_and_each_look_leaves_a_leaf(asking: Aruba) -> None:
    def looks() -> int:
        return len(asking.rows("SELECT FROM rtr.audit_leaf WHERE action = 'evaluations.looked-at'"))

    before = looks()
    for task in set(Task) - {Task.PRIVACY}:
        with pytest.raises(TaskMissing):
            look_at_evaluations(asking.register, asking.net.world.caller("AW-CMMA", task))
    assert looks() == before
    look_at_evaluations(asking.register, asking.officer())
    assert looks() == before + 1
