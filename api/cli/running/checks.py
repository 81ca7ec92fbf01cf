"""What `rtr doctor` looks at: each check says what it found and, where something is missing, how to get it.

A check changes nothing and raises nothing. What only trials, tests or operators need is not needed everywhere; such
a check says so by `needed`.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.cli.frame.added import DoesNotLoad
from api.cli.frame.check import Check, tried
from api.cli.frame.local_servers import find_local_servers, why_not_found
from api.cli.frame.machine import with_database
from api.cli.frame.terminal import at
from api.cli.running.partner_checks import partner_checks
from register.settings import Settings

if TYPE_CHECKING:  # a command that is not asked for these does not load them
    from collections.abc import Callable

    from api.http.issuers import Issuer
    from register.core import Register
    from register.keys.tokens import TokenProfile
    from schemas.codes import Partition

OLDEST_PYTHON: Final = (3, 11)
DISK_MB: Final = 1_500
_ANEW: Final = "Have the five make roster 1 anew, with this country in it (`rtr roster make`)."


def all_checks(settings: Settings) -> Iterator[Check]:
    """Look at everything, cheap things first."""
    yield _check_python()
    yield _check_platform()
    yield _check_disk(settings.home)
    yield _check_libsodium()
    yield from _local_servers(settings)
    if settings.env == "production":
        yield _servers_protected(settings)
        yield _keys_of_persons(settings)
    yield _check_database(settings)
    yield _check_engine(settings)
    for country in settings.countries:
        if settings.env == "production":
            yield _sign_in(settings, country)
        yield _check_keys(settings, country)
        yield _keys_of_rows(settings, country)
        yield _check_roster(settings, country)
        yield _check_clock(settings, country)
        yield _check_provider(settings, country)
        yield _privacy_officer(settings, country)
        yield _damaged_rows(settings, country)
        if settings.env == "production":
            yield from partner_checks(settings, country)


def token_check(settings: Settings, compact: str) -> Check:
    """Look whether an access token opens this node; where it does not, which settings would let it in."""
    from api.http.issuers import IssuerRegistry, issuer_of
    from register.clock import SystemClock
    from register.keys import jws
    from register.keys.jwk import OLDER
    from register.keys.tokens import TOKEN_MAX_CHARS, profile_that_takes

    name = "sample token"

    def look() -> str | Check:
        says = jws.peek(compact, max_chars=TOKEN_MAX_CHARS)
        named = [issuer for country in settings.countries if (issuer := issuer_of(settings.of(country), country))]
        issuer = next((one for one in named if one.url == says.issuer), None)
        if issuer is None:
            known = ", ".join(one.url for one in named) or "none"
            fix = f"Set `issuer` to exactly what the token's `iss` says. Set now: {known}."
            return Check(name, False, True, f"its `iss` is {says.issuer}, which is nobody's here", fix)
        clock = SystemClock()
        wide = replace(issuer, profile=replace(issuer.profile, older_algorithms=OLDER))
        registry = IssuerRegistry([wide], monotonic=clock.monotonic)
        try:
            keys = registry.keys_of(issuer.url, says.kid)
        finally:
            registry.close()
        needs = profile_that_takes(
            compact, issuer=issuer.url, audience=issuer.audience, keys=keys, now=clock.now(), profile=issuer.profile
        )
        if lines := _list_differing_settings(issuer.profile, needs):
            where = f"[country.{issuer.partition}.tokens]"
            return Check(name, False, True, "it holds, but for what the settings let in", f"Set in {where}: {lines}")
        return f"holds, for {issuer.partition}"

    return tried(name, look, needed=True)


def _list_differing_settings(ours: TokenProfile, needs: TokenProfile) -> str:
    """The settings under which a token is taken, as they are written in the file; empty where nothing differs."""
    said, wanted = _as_written(ours), _as_written(needs)
    return "; ".join(f"{name} = {value}" for name, value in wanted.items() if value != said[name])


def _as_written(profile: TokenProfile) -> dict[str, str]:
    """A profile as `[country.<C>.tokens]` of the settings has it (`register.settings.TokenSettings`)."""
    return {
        "older_algorithms": json.dumps(sorted(profile.older_algorithms)),
        "access_typ": json.dumps(profile.access_typ),
        "client_claim": json.dumps(profile.client_claim),
        "needs_id": json.dumps(profile.needs_id),
        "lifetime_max_s": str(int(profile.lifetime_max.total_seconds())),
        "clock_s": str(int(profile.leeway.total_seconds())),
    }


def _check_python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= OLDEST_PYTHON
    return Check("Python", ok, True, found, "" if ok else "Install Python 3.11 or newer.")


def _check_platform() -> Check:
    system, machine = platform.system(), platform.machine()
    ok = (system, machine) == ("Linux", "x86_64")
    fix = "" if ok else "Use Linux on x86-64; on Windows, WSL2 or a virtual machine."
    return Check("platform", ok, True, f"{system} {machine}", fix)


def _check_disk(home: Path) -> Check:
    place = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free // 2**20
    ok = free >= DISK_MB
    # PostgreSQL's may be another, on another machine: whether it can write, `database` and `rtr status` say.
    said = f"{free} MB free at {place}, the disk of `home`; not looked at: PostgreSQL's and the engine's"
    return Check("disk", ok, True, said, "" if ok else f"Free {DISK_MB} MB, or move `home`.")


def _check_libsodium() -> Check:
    from register.pseudonyms.oprf import libsodium

    def look() -> str:
        libsodium.load()
        return "loads, with ristretto255"

    return tried("libsodium", look, needed=True)


def _local_servers(settings: Settings) -> Iterator[Check]:
    local = find_local_servers()
    if local is not None:
        yield from local.checks(settings)
        return
    named = (settings.database.admin_url or settings.database.host) and settings.engine.url
    needed = settings.env != "production" and not named
    fault = why_not_found()
    detail = str(fault) if isinstance(fault, DoesNotLoad) else "not installed"
    yield Check("servers for trial and test", False, needed, detail, fault.advice)


def _check_database(settings: Settings) -> Check:
    from register.services.running.operate_database import state

    needed = bool(settings.database.admin_url or settings.database.host) or settings.env == "production"
    if not settings.database.admin_url and (settings.env == "production" or not _has_postgres(settings)):
        # Serving needs no administrator, and without one nobody can look at the schema from here.
        fix = "Set `database.admin_url` for this look, or run `rtr db start` and `rtr db migrate` for a trial."
        return Check("database", False, False, "no administrator is named, so it was not looked at", fix)

    def look() -> str | Check:
        found = state(with_database(settings))
        if found.current:
            return f"answers, schema {found.revision}"
        behind = f"answers; its schema is {found.revision or 'not made yet'}, expected {found.expected}"
        return Check("database", False, needed, behind, "Run `rtr db migrate`.")

    return tried("database", look, needed=needed)


def _servers_protected(settings: Settings) -> Check:
    from register.production import refuse_unprotected_servers

    def look() -> str:
        refuse_unprotected_servers(settings)
        return "TLS or a socket's folder, with sign-in"

    return tried("ways to the servers", look, needed=True)


def _keys_of_persons(settings: Settings) -> Check:
    from register.keys.apart import refuse_persons_keys

    def look() -> str:
        refuse_persons_keys(settings)
        return "none under `home`"

    return tried("keys of coordinators and keepers", look, needed=True)


def _sign_in(settings: Settings, country: str) -> Check:
    from register.services.running.check_readiness import check_database
    from schemas.codes import Partition

    def look() -> str:
        check_database(settings, Partition(country))
        return "lets the node's roles in"

    return tried(f"PostgreSQL {country}", look, needed=True)


def _check_engine(settings: Settings) -> Check:
    from register.services.running.check_readiness import engine_version

    name = "search engine"
    if not settings.engine.url:
        fix = "Set `engine.url`; without an engine a search still answers, more slowly and says so."
        return Check(name, False, settings.env == "production", "`engine.url` is not set", fix)
    return tried(name, lambda: engine_version(settings), needed=True)


def _check_keys(settings: Settings, country: str) -> Check:
    from register.keys.home import keystore_path, open_keys
    from schemas.codes import Partition

    one = Partition(country)
    needed = settings.env == "production" or keystore_path(settings, one).exists()

    def look() -> str:
        shares = len(list(open_keys(settings, one).shares()))
        return f"opens, {shares} shares of keys of the five"

    fix = "" if keystore_path(settings, one).exists() else f"Run `rtr keys init --country {one}`."
    return tried(f"key store {one}", look, needed=needed, fix=fix)


def _keys_of_rows(settings: Settings, country: str) -> Check:
    from register.services.running.check_keys import find_key_faults, newest_key
    from register.services.running.check_node import told_of
    from schemas.codes import Partition

    one = Partition(country)
    name = f"keys of rows {one}"

    def look(register: Register) -> str | Check:
        if faults := find_key_faults(register):
            return Check(name, False, True, told_of(faults), next(iter(faults.values())).advice)
        newest = newest_key(register)
        held = f"; a copy from before {at(newest)} lacks the newest" if newest else ""
        return f"the key store has all that the database knows{held}"

    return _in_register(name, settings, one, look, needed=settings.env == "production")


def _check_roster(settings: Settings, country: str) -> Check:
    from register.domain.access.caller import system
    from schemas.codes import Partition
    from sync.trust import load_rosters

    one = Partition(country)
    name, needed = f"roster {one}", settings.env == "production"

    def look(register: Register) -> str | Check:
        rosters = load_rosters(register, system(one, "api"))
        if rosters.member(one) is None:
            return Check(name, False, needed, f"{one} takes no part by roster {rosters.newest.number}", _ANEW)
        return f"roster {rosters.newest.number} is the pinned one, and {one} takes part"

    return _in_register(name, settings, one, look, needed=needed)


def _in_register(
    name: str,
    settings: Settings,
    one: Partition,
    look: Callable[[Register], str | Check],
    *,
    needed: bool,
    fix: str = "",
) -> Check:
    """Look at something in a country's open register; without a key store there is none to open."""
    from register import bootstrap
    from register.keys.home import keystore_path

    if not keystore_path(settings, one).exists():
        advice = " ".join(filter(None, ("Run `rtr keys init`.", fix)))
        return Check(name, False, needed, "not looked at: there is no key store yet", advice)

    def opened() -> str | Check:
        register = bootstrap.open(with_database(settings) if settings.database.admin_url else settings, one)
        try:
            return look(register)
        finally:
            register.close()

    return tried(name, opened, needed=needed)


def _check_clock(settings: Settings, country: str) -> Check:
    from register.clock import SystemClock
    from register.keys.home import keystore_path
    from register.services.running.note_operation import read_clock
    from register.services.running.watch_clock import find_doubt
    from schemas.codes import Partition

    one = Partition(country)
    name = f"clock {one}"
    if not keystore_path(settings, one).exists():
        return Check(name, False, False, "not looked at: there is no key store yet", "Run `rtr keys init`.")

    def look() -> str | Check:
        moments = read_clock(with_database(settings) if settings.database.admin_url else settings, one)
        doubt = find_doubt(moments, SystemClock().now())
        if doubt is not None:
            return Check(name, False, True, f"{doubt.code}: {doubt}", doubt.advice)
        if moments.code:
            fix = "Restart the worker, whose own clock is, or was, another than this one; then look at `rtr status`."
            return Check(name, False, True, f"{moments.code}, as a worker says of its own clock", fix)
        return "as PostgreSQL's, and believed"

    return tried(name, look, needed=settings.env == "production")


def _check_provider(settings: Settings, country: str) -> Check:
    from api.http.issuers import issuer_of
    from schemas.codes import Partition

    one = Partition(country)
    name, issuer = f"identity provider {one}", issuer_of(settings.of(one), one)
    if issuer is None:
        fix = f"Set `country.{one}.issuer`; until then nobody can sign in."
        return Check(name, False, settings.env == "production", f"`country.{one}.issuer` is not set", fix)
    return tried(name, lambda: _look_at_provider(name, issuer), needed=True)


def _privacy_officer(settings: Settings, country: str) -> Check:
    from register.domain.access.caller import Task
    from register.services.access.admit import count_holders
    from schemas.codes import Partition

    one = Partition(country)
    name, needed = f"privacy officer {one}", settings.env == "production"
    fix = (
        "Give somebody the task PRIVACY, with `rtr authorisation apply FILE`: whoever runs the node may, for a person "
        "that the country has named. Until then nobody sees what rings and the searches that are drawn."
    )

    def look(register: Register) -> str | Check:
        holders = count_holders(register, Task.PRIVACY)
        if not holders:
            return Check(name, False, needed, f"nobody in {one} holds PRIVACY today", fix)
        return f"{holders} hold{'s' if holders == 1 else ''} PRIVACY"

    return _in_register(name, settings, one, look, needed=needed, fix=fix)


def _damaged_rows(settings: Settings, country: str) -> Check:
    from register.services.running.check_node import find_damages
    from schemas.codes import Partition

    one = Partition(country)
    name, needed = f"stored rows {one}", settings.env == "production"

    def look(register: Register) -> str | Check:
        if found := find_damages(register):
            told = "; ".join(f"{each.code}: {each.about} {each.detail}" for each in found)
            return Check(name, False, True, told, " ".join(dict.fromkeys(each.advice for each in found)))
        return "none found damaged, as far as the worker's daily round has come"

    return _in_register(name, settings, one, look, needed=needed)


def _look_at_provider(name: str, issuer: Issuer) -> str | Check:
    from api.http.issuers import IssuerRegistry
    from register.clock import SystemClock
    from register.keys.jwk import ALGORITHMS, OLDER

    wide = replace(issuer, profile=replace(issuer.profile, older_algorithms=OLDER))
    registry = IssuerRegistry([wide], monotonic=SystemClock().monotonic)
    try:
        keys = registry.keys_of(issuer.url, "").values()
    finally:
        registry.close()
    ours = ALGORITHMS | issuer.profile.older_algorithms
    signs = sorted({key.algorithm for key in keys})
    if not any(key.algorithm in ours for key in keys):
        fix = (
            f"Set `country.{issuer.partition}.tokens.older_algorithms` = {json.dumps(signs)}, or let it sign otherwise."
        )
        return Check(name, False, True, f"answers, and signs with {', '.join(signs)} only", fix)
    return f"answers, signs with {', '.join(signs)}; try a token of it with `rtr doctor --token FILE`"


def _has_postgres(settings: Settings) -> bool:
    local = find_local_servers()
    return local is not None and local.has_postgres(settings)
