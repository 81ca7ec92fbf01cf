"""What a worker's own words tell of it, and that everything that can be found says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from register.domain.running.node_finding import (
    ADVICE,
    BACKUP,
    FAILING_AFTER,
    LOG,
    SILENT_AFTER,
    STANDS_AFTER,
    TURN_STANDS,
    Beat,
    FindingCode,
    findings_of_beats,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def beat(job: str = "index", *, ago: timedelta = SECOND, worked: timedelta | None = SECOND,
         failing: timedelta | None = None) -> Beat:  # fmt: skip
    return Beat(job, NOW - ago, None if worked is None else NOW - worked, None if failing is None else NOW - failing,
                None if failing is None else "database-unavailable")  # fmt: skip


def codes(*beats: Beat) -> list[tuple[str, str]]:
    return [(one.code, one.about) for one in findings_of_beats(beats, NOW)]


def test_worker_that_says_that_all_its_jobs_work_is_well() -> None:
    assert codes(beat("index"), beat("share")) == []


def test_worker_that_never_ran_or_says_nothing_any_more_is_silent_and_nothing_else_is_said_of_it() -> None:
    assert codes() == [("worker-silent", "")]
    assert codes(beat(ago=SILENT_AFTER + SECOND, failing=timedelta(hours=1))) == [("worker-silent", "")]
    assert codes(beat(ago=SILENT_AFTER)) == []


def test_backup_made_a_moment_ago_does_not_speak_for_a_dead_worker() -> None:
    assert codes(beat(BACKUP)) == [("worker-silent", "")]


def test_job_that_fails_for_a_while_is_named_with_the_code_of_its_error() -> None:
    (found,) = findings_of_beats([beat("index", failing=FAILING_AFTER + SECOND), beat("share")], NOW)
    assert (found.code, found.about, found.detail) == ("job-failing", "index", "database-unavailable")
    assert codes(beat("index", failing=FAILING_AFTER)) == []


def test_job_whose_turn_does_not_end_is_named() -> None:
    assert codes(beat("pull-CW", worked=STANDS_AFTER + SECOND)) == [("job-stands", "pull-CW")]


def test_job_that_says_that_its_turn_stands_is_named_at_once_also_one_that_never_ended_a_turn() -> None:
    said = Beat("share", NOW, None, NOW - timedelta(seconds=45), TURN_STANDS)
    (found,) = findings_of_beats([said, beat("index")], NOW)
    assert (found.code, found.about, found.since) == ("job-stands", "share", NOW - timedelta(seconds=45))


def test_log_of_which_lines_are_lost_is_named_at_once_and_one_that_is_kept_is_not() -> None:
    (found,) = findings_of_beats([beat(), Beat(LOG, NOW, None, NOW - SECOND, "log-not-written")], NOW)
    assert (found.code, found.about, found.since, found.detail) == ("lines-lost", "", NOW - SECOND, "log-not-written")
    assert codes(beat(), Beat(LOG, NOW, None, None, None)) == []


def test_everything_that_can_be_found_says_what_to_do() -> None:
    assert set(ADVICE) == set(FindingCode)


@given(
    st.lists(
        st.builds(
            beat,
            st.sampled_from(["index", "share", "match"]),
            ago=st.timedeltas(timedelta(0), timedelta(hours=2)),
            worked=st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)),
            failing=st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)),
        ),
        unique_by=lambda one: one.job,
    )
)
def test_what_is_found_is_about_a_job_that_spoke_or_about_the_silence_of_all(beats: list[Beat]) -> None:
    found = findings_of_beats(beats, NOW)
    alive = any(NOW - one.at <= SILENT_AFTER for one in beats)
    assert ([one.code for one in found] == ["worker-silent"]) is not alive
    assert {one.about for one in found if alive} <= {one.job for one in beats}
