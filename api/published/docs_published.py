"""The published schemas, made from the models themselves: `python -m api.published.docs_published` writes them anew.

JSON Schema 2020-12, one file for each topic with a definition for each document, and the API's description. A test
holds the committed files equal to what this makes. What a model checks in code (dates in order, numbers that fit) is
in no JSON Schema: the register checks more than a schema can say.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.http import app as application
from api.http.issuers import IssuerRegistry
from api.published.examples import SIGNAL_IN, examples, problem
from api.routes.exchange import evaluate
from register.clock import SystemClock
from register.core import Register
from register.settings import Settings
from schemas.codes import Partition
from schemas.form import Page
from schemas.signals.out import SignalSummary
from sync.protocol.documents.roster import Rosters

FOLDER: Final = Path(__file__).parents[2] / "schemas" / "published"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "signal": ("schemas.signals.signal", "schemas.signals.parts", "schemas.signals.changes", "schemas.signals.out"),
    "records": (
        "schemas.desk.intake",
        "schemas.desk.record",
        "schemas.desk.victim",
        "schemas.desk.training",
        "schemas.signals.referral",
        "schemas.signals.finding",
        "schemas.running.to_do",
    ),
    "search": ("schemas.search.question",),
    "request": ("schemas.casework.request",),
    "exchange": ("schemas.exchange.wire", "schemas.exchange.tickets", "schemas.statistics.entry"),
    "evaluation": ("schemas.exchange.evaluation", "schemas.exchange.signed_evaluation"),
    "statistics": ("schemas.statistics.owner", "schemas.statistics.releases"),
    "partners": ("schemas.exchange.partners",),
    "problem": ("schemas.problem",),
}
"""File: the modules whose documents it defines."""
_BASES: Final = frozenset({"Form", "Document", "Page", "Changes", "Amendment"})
"""Classes that are no document by themselves."""


def build_published_files() -> dict[str, str]:
    """Return every file by its name; the same bytes for the same models."""
    made = {f"{topic}.json": _write_json(_build_schema(topic, modules)) for topic, modules in TOPICS.items()}
    return {**made, "openapi.json": _write_json(build_description())}


def build_description() -> dict[str, Any]:
    """The API's description, as a node serves it that runs all in one process."""
    app = application_without_a_register()
    app.include_router(evaluate.router)
    return app.openapi()


def application_without_a_register() -> FastAPI:
    """A country's application with nothing behind it: it can describe itself and refuse, and answer nothing."""
    # Routes touch the register when they are called; its settings are read before.
    behind = SimpleNamespace(clock=SystemClock(), partition=Partition.AW, settings=Settings())
    register = cast("Register", behind)
    rosters = cast("Rosters", None)
    issuers = IssuerRegistry([], monotonic=SystemClock().monotonic)
    return application.create(register, issuers, lambda: rosters)


def list_documents(modules: Iterable[str]) -> list[type[BaseModel]]:
    """The public documents that these modules define, by name."""
    found = {
        label: kind
        for name in modules
        for label, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(kind, BaseModel) and kind.__module__ == name and not label.startswith("_")
    }
    return [found[label] for label in sorted(found) if label not in _BASES]


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in build_published_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FOLDER / name}\n")


def _build_schema(topic: str, modules: tuple[str, ...]) -> dict[str, Any]:
    models: list[type[BaseModel]] = list_documents(modules)
    if topic == "signal":
        models.append(Page[SignalSummary])
    _, made = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions = made["$defs"]
    for name, shown in _collect_examples().items():
        if name in definitions:
            definitions[name]["examples"] = [shown]
    words = inspect.getdoc(importlib.import_module(modules[0])) or ""
    return {
        "$schema": DIALECT,
        "$id": f"urn:rtr:schema:{topic}",
        "title": f"Regional Theme Register: {topic}",
        "description": " ".join(words.split("\n\n")[0].split()),
        "$defs": definitions,
    }


def _collect_examples() -> dict[str, Any]:
    """Examples by document."""
    all_ = examples()
    return {
        "SignalIn": dict(SIGNAL_IN),
        "SignalOut": all_["submit"].answer,
        "AmendIn": all_["amend"].request,
        "ReclassifyIn": all_["reclassify"].request,
        "ReferIn": all_["refer"].request,
        "WithdrawIn": all_["withdraw"].request,
        "IntakeIn": all_["record_intake"].request,
        "IntakeOut": all_["record_intake"].answer,
        "VictimIn": all_["record_victim"].request,
        "VictimOut": all_["record_victim"].answer,
        "StatusIn": all_["assign_status"].request,
        "TrainingIn": all_["record_training"].request,
        "TrainingOut": all_["record_training"].answer,
        "AnswerIn": all_["answer_referral"].request,
        "ReferralDetail": all_["answer_referral"].answer,
        "SearchIn": all_["search"].request,
        "SearchOut": all_["search"].answer,
        "RecordOut": all_["record"].answer,
        "OwnerStatistics": all_["owner"].answer,
        "PartnersOut": all_["partners"].answer,
        "EvaluationRequest": all_["evaluate"].request,
        "SignedEvaluation": all_["evaluate"].answer,
        "Problem": dict(problem()),
    }


def _write_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
