"""Interviews and trainings over HTTP, as the kit makes their routes: record, list, read, amend, take back."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.desk.kit import Routes, add_one, router_of
from api.routes.pages import PageWanted
from register.services.desk.keep_intakes import INTAKES
from register.services.desk.keep_trainings import TRAININGS
from schemas.desk.intake import AmendIntakeIn, IntakeSummary
from schemas.desk.training import AmendTrainingIn, TrainingOut

router = APIRouter()
for kind in (
    Routes(
        path="/v1/intakes",
        keeping=INTAKES,
        line=IntakeSummary,
        paging=PageWanted,
        amendment=AmendIntakeIn,
        record="Record an intake interview, linked to a signal or to none.",
        list_="List intakes of the own country, newest first: coded fields, no name.",
        read="Read one intake; the reading is logged.",
        amend="Correct or complete an intake, with a reason.",
        withdraw="Take an intake back, with a reason: it counts no more, and what names the person opens no more.",
    ),
    Routes(
        path="/v1/trainings",
        keeping=TRAININGS,
        line=TrainingOut,
        paging=PageWanted,
        amendment=AmendTrainingIn,
        record="Record a training of one group: how many people, by which country for which.",
        list_="List trainings that this country recorded, newest first.",
        read="Read one training.",
        amend="Correct a training, with a reason.",
        withdraw="Take a training back, with a reason: it counts no more.",
    ),
):
    of_kind = router_of(kind)
    add_one(of_kind, kind)
    router.include_router(of_kind)
