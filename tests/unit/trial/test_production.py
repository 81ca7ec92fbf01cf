"""What is for trial and test ends at once where the settings say production, before it makes anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.unit.api.cli.desk import CLEAN


@pytest.mark.parametrize(
    "words", [("demo", "--once", "--country", "AW"), ("bench", "pseudonyms", "--n", "12"), ("bench", "submit")]
)
def test_trial_command_refuses_production(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / "settings.toml"
    settings.write_text('env = "production"\n', encoding="utf-8")
    ran = CliRunner(env=CLEAN).invoke(app, ["--json", "--config", str(settings), *words], catch_exceptions=False)
    assert ran.exit_code != 0
    assert "embedded-in-production" in ran.stdout + ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
