"""The routes that every versioned record of the desk has: record, list, read, amend, take back.

A kind is declared by its use cases and by what the published description says of each route; the addresses, the
headers and the answers follow. What a kind has beside them (a person's statuses) is added to the router by its module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import linked
from api.routes.preconditions import KeyWanted, VersionWanted, in_changes, tagged
from register.services.desk.kit import Amending, Keeping
from schemas.desk.record import Amendment, TakeBackIn
from schemas.form import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """One kind of record over HTTP.

    Attributes:
        path: of the list, for instance `/v1/trainings`.
        keeping: its use cases; `keeping.kind` names operations and the part of the address.
        line: what the list gives of each.
        paging: the list's query; its fields beside the page's narrow the list.
        amendment: the form that corrects one; None where nothing is corrected.
        record, list_, read, amend, withdraw: the sentence on each operation.
    """

    path: str
    keeping: Keeping[Any, Any, Any, Any]
    line: type[BaseModel]
    paging: Any
    record: str
    list_: str
    read: str
    withdraw: str
    amend: str = ""
    amendment: type[Amendment] | None = None


def router_of(kind: Routes) -> APIRouter:
    """The list of one kind and what new ones are sent to; `add_one` goes after routes of a fixed address."""
    router = APIRouter(prefix=kind.path, tags=["records"], dependencies=JSON_ONLY)
    keeping = kind.keeping

    def record(register: Registered, caller: SignedIn, form: Any, key: KeyWanted, response: Response) -> Any:
        made = keeping.record(register, caller, form, key)
        response.headers["Location"] = f"{kind.path}/{made.id}"
        return tagged(response, made)

    def list_(register: Registered, caller: SignedIn, page: Any, response: Response) -> Any:
        found = keeping.list_page(register, caller, **dict(page))
        return linked(response, kind.path, found, page)

    router.post("", status_code=201, response_model=keeping.out)(
        _declared(record, f"record_{keeping.kind}", kind.record, form=keeping.form)
    )
    router.get("", response_model=Page[kind.line])(  # type: ignore[name-defined]
        _declared(list_, f"list_{keeping.kind}s", kind.list_, page=kind.paging)
    )
    return router


def add_one(router: APIRouter, kind: Routes) -> None:
    """The routes of one record."""
    keeping, name = kind.keeping, kind.keeping.kind
    one = "/{" + name + "_id}"
    which = Annotated[UUID, Path(alias=f"{name}_id")]

    def read(register: Registered, caller: SignedIn, record_id: Any, response: Response) -> Any:
        return tagged(response, keeping.read(register, caller, record_id))

    def amend(
        register: Registered, caller: SignedIn, record_id: Any, change: Any, version: VersionWanted, response: Response
    ) -> Any:
        assert isinstance(keeping, Amending)  # noqa: S101 - by the declaration
        with in_changes():
            made = keeping.amend(register, caller, record_id, change, version=version)
        return tagged(response, made)

    def withdraw(
        register: Registered, caller: SignedIn, record_id: Any, withdrawal: TakeBackIn, version: VersionWanted,
        response: Response,
    ) -> Any:  # fmt: skip
        made = keeping.withdraw(register, caller, record_id, withdrawal, version=version)
        return tagged(response, made)

    router.get(one, response_model=keeping.out)(_declared(read, f"read_{name}", kind.read, record_id=which))
    if kind.amendment is not None:
        declared = _declared(amend, f"amend_{name}", kind.amend, record_id=which, change=kind.amendment)
        router.patch(one, response_model=keeping.out)(declared)
    router.post(f"{one}/withdrawal", response_model=keeping.out)(
        _declared(withdraw, f"withdraw_{name}", kind.withdraw, record_id=which)
    )


def _declared(route: Callable[..., Any], name: str, says: str, **parts: Any) -> Callable[..., Any]:
    """The route under the name of its operation, with the types that only the kind knows.

    The framework reads them from the annotations; a function whose types are variables cannot be written otherwise.
    """
    route.__name__, route.__doc__ = name, says
    route.__annotations__.update(parts)
    return route
