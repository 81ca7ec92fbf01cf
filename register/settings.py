"""Settings: one frozen object, read once, passed in. Nothing else reads the environment.

Values come from a TOML file and from variables that begin with `RTR_`; `RTR_DATABASE__HOST` is `host` in
`[database]`. A key nobody knows is an error, in the file as in the environment: a misspelt setting would otherwise
silently be its default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from register.errors import OperatorError
from schemas.codes import Partition

_CLOSED = ConfigDict(extra="forbid")
_NOT_SETTINGS = frozenset({"RTR_CONFIG", "RTR_PROFILE", "RTR_SERVER_REPORT", "RTR_ENGINE_REPORT"})
"""Variables of the same family that other readers take: the command line's profile, the check's reports."""


REQUESTS_LEAST: Final = 10
"""Places (api/http/admission.py): the smallest share, of figures, is then three."""


class BadSettings(OperatorError):
    """A setting is missing, unknown or not of its kind."""

    code = "bad-settings"
    advice = "Correct the setting that the message names; `rtr config show` lists all of them with their source."


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Where PostgreSQL is; the login roles and their passwords are made by `rtr db migrate`."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    host: str = ""  # a name, or the folder of the server's socket
    port: int = 5432  # of the server; part of the socket's name, too
    name: str = "register"  # of the database
    admin_url: str = ""  # libpq URL of an administrator, for `rtr db` only
    pool_size: int = 4  # connections a role
    ca_file: str = ""  # PEM of the authorities of its certificate; TLS with its name checked is then a must
    cert_file: str = ""  # PEM of a certificate to show it, where it asks for one
    key_file: str = ""  # PEM of that certificate's key, owner-only

    @property
    def tls_words(self) -> dict[str, str]:
        """The words of libpq for every connection; empty without `ca_file`; on a socket's folder they do nothing."""
        if not self.ca_file:
            return {}
        # GSSAPI off: where it can, libpq takes its encryption instead of TLS, and checks no name then.
        words = {"sslmode": "verify-full", "sslrootcert": self.ca_file, "gssencmode": "disable"}
        return words | ({"sslcert": self.cert_file, "sslkey": self.key_file} if self.cert_file else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where OpenSearch is."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    url: str = ""  # for instance http://127.0.0.1:9200
    timeout_s: float = 5.0  # for a search
    ca_file: str = ""  # PEM of the authorities of its certificate, which alone are believed; the usual ones if empty
    user: str = ""  # as whom to sign in by password
    password_file: str = ""  # the file of that password, owner-only
    cert_file: str = ""  # PEM of a certificate to sign in by, instead of a password
    key_file: str = ""  # PEM of that certificate's key, owner-only


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSettings:
    """What the tokens of a country's provider look like, where that is not as RFC 9068 has it."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    older_algorithms: tuple[Literal["RS256", "EdDSA"], ...] = ()  # let in RS256, or Ed25519 by its older name EdDSA
    access_typ: Literal["at+jwt", "JWT"] = "at+jwt"  # `typ` in the header of access tokens
    client_claim: Literal["client_id", "azp", "appid"] = "client_id"  # which claim names the client
    needs_id: bool = True  # false lets in access tokens without `jti`
    lifetime_max_s: int = 3_600  # between `iat` and `exp` of any token, at most 86,400
    clock_s: int = 30  # by which the provider's clock may differ from this machine's, at most 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CountrySettings:
    """What differs between the countries of one deployment."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    listen: str = "127.0.0.1:0"  # host:port of this country's API
    issuer: str = ""  # URL of the country's identity provider; it decides the country of its tokens
    audience: str = "regional-theme-register"  # what its tokens for this node name in `aud`
    public_url: str = ""  # where people's browsers find the pages, without a path; http://`listen` if empty
    client_id: str = "rtr-pages"  # of the pages at the country's identity provider
    session_idle_s: int = 900  # after which somebody who did nothing must sign in again
    session_longest_s: int = 43_200  # after which everybody must
    fresh_sign_in_s: int = 300  # what needs a fresh sign-in needs one that is no older
    fresh_sign_in_acr: tuple[str, ...] = ()  # and of one of these strengths (`acr`), as the provider calls them
    tokens: TokenSettings = field(default_factory=TokenSettings)
    draft_days: int = 14  # a report that was begun and not sent is kept so long after its last change


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSettings:
    """How a partner is reached where that differs from the roster (a proxy, a tunnel)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    via: str = ""  # URL to connect to; requests are still signed for the roster's URL


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The exchange (sync.md)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    roster_sha256: str = ""  # hex; pins roster 1
    incarnation: int = 1  # of this country's own logs; leave it: no partner follows a second one yet
    page_entries_max: int = 1_000  # entries
    page_bytes_max: int = 4 * 1024 * 1024  # bytes
    poll_min_s: float = 2.0  # pause between two pulls of one partner while something comes
    poll_max_s: float = 60.0  # and the longest it grows to while nothing comes
    timeout_s: float = 10.0  # for one request to a partner
    head_stale_after_s: float = 180.0  # a head older than this makes a partner's part stale
    partner_networks: tuple[str, ...] = ()  # private networks in which partners are, as 10.20.0.0/16; else public only


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymSettings:
    """Pseudonyms and this country's evaluator (pseudonyms.md 5)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    hedge_s: float = 0.8  # without an answer before one more partner is asked
    patience_s: float = 10.0  # without an answer, once all were asked, before a pseudonym is pending
    lower: Mapping[str, int] = field(default_factory=dict)  # limits of the roster made lower: `searches_phone_day`
    batch_max: int = 1_000  # keys a request


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How many values may be looked up a day, by the country's calendar; assumed until the countries have agreed.

    A name with its birth date is one value, and so is each number, document or mark that is asked about.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    person_day: int = 200  # values a person may look up across the countries in a day; eight in one question are eight
    case_day: int = 120  # and that may be looked up for one case
    organisation_day: int = 800  # and that an organisation may look up
    own_day: int = 2_000  # values a person may look up in the own register in a day, those across the countries too
    cases_day: int = 30  # different cases of one person in a day from which on it rings for the privacy officer
    loose_day: int = 60  # values without a named person that one person registers in a day, from which on it rings


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """The worker's jobs."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    idle_s: float = 0.1  # pause when nothing is due
    idle_max_s: float = 1.0  # and what it grows to while nothing comes
    batch: int = 200  # objects a lease
    retry_max_s: float = 300.0  # what the pause grows to after which an object that was put off is tried again
    lease_s: float = 20.0  # after which another process may take over what a killed one had begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a process may be told."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED
    env: Literal["trial", "production"] = "trial"  # production refuses what is for a trial only, and unsafe ways
    countries: tuple[Partition, ...] = tuple(Partition)  # the hosted ones
    edition: str = "strict"  # of the MoU rules in force here
    covenant: str = ""  # the written decision under which records are provided (Wpg 20); empty: none leave
    home: Path = Path(".run")  # key stores, secrets, rosters, embedded data
    passphrase_folder: str = ""  # of the key stores' passphrases, on another file system; `home`/secrets if empty
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"  # the least that is written
    requests_max: int = 40  # requests that one country works on at once; beyond it some are told to come back (503)
    status_listen: str = ""  # host:port where `/status` answers a monitor, without sign-in; none if empty
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    pseudonyms: PseudonymSettings = field(default_factory=PseudonymSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    country: Mapping[Partition, CountrySettings] = field(default_factory=dict)
    partner: Mapping[Partition, Mapping[Partition, PartnerSettings]] = field(default_factory=dict)
    failpoint: str = ""  # name:n, for tests; refused in production

    def of(self, country: Partition) -> CountrySettings:
        """The settings of one hosted country."""
        return self.country.get(country, CountrySettings())

    def secret(self, name: str) -> Path:
        """The file of a secret."""
        return self.home / "secrets" / name


_ADAPTER = TypeAdapter(Settings)
_LISTS: Final = frozenset(
    one.name
    for table in (Settings, SyncSettings, CountrySettings, TokenSettings)
    for one in fields(table)
    if str(one.type).startswith("tuple[")
)
"""What a variable gives joined by commas, by the last part of its name."""


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> tuple[Settings, dict[str, str]]:
    """Read the settings; return them with the source of each value that is not its default.

    Args:
        file: a TOML file; without it the one that `RTR_CONFIG` names, if any.
        environment: for tests; the process's own otherwise.

    Raises:
        BadSettings: names the setting and what is wrong with it.
    """
    variables = dict(os.environ if environment is None else environment)
    named = variables.get("RTR_CONFIG", "")
    path = file or (Path(named) if named else None)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BadSettings(f"there is no settings file {path}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{path} is not TOML: {error}") from None
        sources = dict.fromkeys(_list_leaves(values), str(path))
    for variable in sorted(v for v in variables if v.startswith("RTR_") and v not in _NOT_SETTINGS):
        keys = variable.removeprefix("RTR_").lower().split("__")
        _set_value(values, keys, variables[variable])
        sources[".".join(keys)] = variable
    try:
        settings = _ADAPTER.validate_python(values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise BadSettings(f"settings refused: {wrong}") from None
    if not settings.countries:
        raise BadSettings("countries: name at least one")
    if settings.requests_max < REQUESTS_LEAST:
        raise BadSettings(f"requests_max: at least {REQUESTS_LEAST}, or some kinds of work would have no place at all")
    for country, own in settings.country.items():
        _check_tokens(country, own)
    _check_servers(settings)
    _check_networks(settings.sync.partner_networks)
    if settings.env == "production" and settings.failpoint:
        raise BadSettings("failpoint: planted faults are refused in production")
    return settings, sources


def _check_tokens(country: str, own: CountrySettings) -> None:
    where, said = f"country.{country}.tokens", own.tokens
    for name, value, most in (("lifetime_max_s", said.lifetime_max_s, 86_400), ("clock_s", said.clock_s, 300)):
        if not 0 < value <= most:
            raise BadSettings(f"{where}.{name}: expected 1 to {most}")
    if said.access_typ == "JWT" and own.audience == own.client_id:
        raise BadSettings(
            f"{where}.access_typ: with JWT, `audience` and `client_id` must differ: an ID token of the pages could "
            "otherwise be sent as an access token"
        )


def _check_servers(settings: Settings) -> None:
    engine = settings.engine
    if "@" in engine.url.partition("://")[2].partition("/")[0]:
        raise BadSettings("engine.url: no user or password in it; set `engine.user` and `engine.password_file`")
    together = {
        ("engine.user", "engine.password_file"): (engine.user, engine.password_file),
        ("engine.cert_file", "engine.key_file"): (engine.cert_file, engine.key_file),
        ("database.cert_file", "database.key_file"): (settings.database.cert_file, settings.database.key_file),
    }
    for (one, other), (first, second) in together.items():
        if bool(first) != bool(second):
            raise BadSettings(f"{one}, {other}: one is of no use without the other")
    if settings.database.cert_file and not settings.database.ca_file:
        raise BadSettings("database.cert_file: set `database.ca_file` too, or nobody would be asked for TLS")
    if engine.user and not engine.url.startswith("https://"):
        raise BadSettings("engine.user: its password would travel in the open; `engine.url` has to begin with https://")


def _check_networks(named: tuple[str, ...]) -> None:
    for one in named:
        try:
            network = ip_network(one)
        except ValueError as error:
            raise BadSettings(f"sync.partner_networks: {error}") from None
        if network.prefixlen == 0:
            raise BadSettings("sync.partner_networks: name the networks of partners, not all there are")


def _set_value(values: dict[str, Any], keys: list[str], text: str) -> None:
    *parents, last = keys
    here = values
    for key in parents:
        step = here.setdefault(_as_country(key), {})
        if not isinstance(step, dict):
            raise BadSettings(f"{'.'.join(keys)}: {key} is a value, not a table")
        here = step
    here[_as_country(last)] = [one for one in text.split(",") if one] if last in _LISTS else text


def _as_country(key: str) -> str:
    return key.upper() if key.upper() in set(Partition) else key


def _list_leaves(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in values.items():
        found += _list_leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return found


def flat(settings: Any, prefix: str = "") -> dict[str, object]:
    """Every setting by its dotted name, for `rtr config show` and the generated table."""
    rows: dict[str, object] = {}
    for f in fields(settings):
        value = getattr(settings, f.name)
        if is_dataclass(value):
            rows |= flat(value, f"{prefix}{f.name}.")
        elif isinstance(value, Mapping):
            for key, part in value.items():
                inner = (
                    flat(part, f"{prefix}{f.name}.{key}.") if is_dataclass(part) else {f"{prefix}{f.name}.{key}": part}
                )
                rows |= inner
        else:
            rows[prefix + f.name] = value
    return rows
