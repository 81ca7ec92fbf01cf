"""The demo wipes its own home and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtr_trial.demo.stage.folder import DemoRuns, Folder, NotADemoHome, NothingKept, folder_at, write_private

SHAPE = {"countries": ["AW"], "engine": "osmem"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return folder_at(tmp_path / "demo")


def test_a_new_home_is_made_for_its_owner_only(folder: Folder) -> None:
    folder.claim_fresh(SHAPE)
    assert folder.home.stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_is_taken(folder: Folder) -> None:
    folder.home.mkdir()
    folder.claim_fresh(SHAPE)
    assert folder.home.is_dir()


def test_a_demo_of_before_is_wiped(folder: Folder) -> None:
    folder.claim_fresh(SHAPE)
    folder.node_log.write_text("old")
    folder.claim_fresh(SHAPE)
    assert not folder.node_log.exists()


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(folder: Folder) -> None:
    folder.home.mkdir()
    letter = folder.home / "letter.txt"
    letter.write_text("dear")
    with pytest.raises(NotADemoHome):
        folder.claim_fresh(SHAPE)
    assert letter.read_text() == "dear"


def test_a_link_is_refused(folder: Folder, tmp_path: Path) -> None:
    elsewhere = folder_at(tmp_path / "elsewhere")
    elsewhere.claim_fresh(SHAPE)
    folder.home.symlink_to(elsewhere.home)
    with pytest.raises(NotADemoHome):
        folder.claim_fresh(SHAPE)
    assert elsewhere.home.is_dir()


def test_a_kept_demo_is_gone_on_with(folder: Folder) -> None:
    folder.claim_fresh(SHAPE)
    folder.settings.write_text("")
    folder.node_log.write_text("old")
    folder.claim_kept(SHAPE)
    assert folder.node_log.read_text() == "old"


@pytest.mark.parametrize("shape", [{"countries": ["CW"], "engine": "osmem"}, {"countries": ["AW"], "engine": "x"}])
def test_a_demo_of_another_shape_is_not_gone_on_with(folder: Folder, shape: dict[str, object]) -> None:
    folder.claim_fresh(SHAPE)
    folder.settings.write_text("")
    with pytest.raises(NothingKept):
        folder.claim_kept(shape)


def test_a_demo_that_was_never_set_up_is_not_gone_on_with(folder: Folder) -> None:
    with pytest.raises(NothingKept):
        folder.claim_kept(SHAPE)
    folder.claim_fresh(SHAPE)
    with pytest.raises(NothingKept):
        folder.claim_kept(SHAPE)


def test_two_demos_do_not_share_a_home(folder: Folder) -> None:
    with folder.held(), pytest.raises(DemoRuns), folder.held():
        pass
    with folder.held():
        folder.claim_fresh(SHAPE)


def test_a_private_file_is_for_its_owner_only_also_when_it_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    for text in ("one", "two"):
        write_private(file, text)
        assert (file.read_text(), file.stat().st_mode & 0o777) == (text, 0o600)
    assert [one.name for one in file.parent.iterdir()] == ["secret"]
