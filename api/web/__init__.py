"""The pages: the same register, services, rules and audit as the API, for people with a browser and no script.

Nothing is shown here that the API would refuse. `mount` is the only way in.
"""

from __future__ import annotations

from fastapi import FastAPI

from api.http import problems
from api.http.issuers import IssuerRegistry
from api.web import home
from api.web.access import held, privacy, sessions, signing_in
from api.web.access.oidc import SignIn
from api.web.casework import requests
from api.web.desk import importing
from api.web.desk import pages as desk
from api.web.exchange import routes as exchange
from api.web.exchange import tickets
from api.web.frame import rendering
from api.web.frame.guard import page_of_error
from api.web.rules import published
from api.web.rules import routes as rules
from api.web.running import to_do
from api.web.search import hits, searching
from api.web.signals.approved import routes as approved
from api.web.signals.found import routes as findings
from api.web.signals.lifted import routes as lifted
from api.web.signals.ours import changes, correcting, lists, report, retelling
from api.web.signals.referred import routes as referrals
from api.web.signals.reporting import routes as intake
from api.web.statistics import releases
from api.web.statistics import routes as figures
from register.core import Register


def mount(app: FastAPI, register: Register, issuers: IssuerRegistry) -> None:
    """Add one country's pages to its application; `app.state` holds its register already."""
    app.state.sign_in = SignIn(register, issuers)
    problems.show_pages_with(app, page_of_error)
    for part in (
        home, to_do, privacy, findings, approved, signing_in, sessions, held, intake, lists, report, correcting,
        retelling, lifted, changes, referrals, importing, desk,
        requests, searching, hits, exchange, tickets, releases, figures, rules,
        published,
        rendering,
    ):  # fmt: skip
        app.include_router(part.router)
