"""One call to the search engine: the only module that imports its client.

Every request is sent once. Nothing is repeated here, because only the caller knows whether a repeat is harmless;
proxies of the environment are not used; bodies go by POST. The client's own log is switched off: it would write
request bodies. Not here: what is sent (`compiler`, `feeder`) and where (`names`, `generations`).
"""

from __future__ import annotations

import base64
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import opensearchpy
from opensearchpy.serializer import JSONSerializer

from register import settings as node
from register.search.errors import EngineBusy, EngineRefused, EngineUnavailable, IndexMissing

_NOT_FOUND: Final = 404
_TOO_BUSY: Final = 429
_SERVER_ERRORS: Final = 500
_SERIALIZER: Final = JSONSerializer()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where the engine is and how long we wait for it.

    Attributes:
        url: `http://127.0.0.1:9201` or `https://...`; one address, of a node or of a balancer before several.
        timeout_s: for a search or a small call.
        write_timeout_s: for a bulk, a refresh, or the creation of an index.
        user: name for basic sign-in; None without.
        ca_file: certificates to trust for https; None for the usual ones.
        cert_file: a certificate to sign in by, with its key in `key_file`.
        connections: at most this many at once.
    """

    url: str
    timeout_s: float = 5.0
    write_timeout_s: float = 60.0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    connections: int = 8

    @classmethod
    def of(cls, told: node.EngineSettings, password: str | None) -> EngineSettings:
        """The engine that a node's settings name, with the password that stands in their file."""
        ca_file, cert_file, key_file = (Path(p) if p else None for p in (told.ca_file, told.cert_file, told.key_file))
        return cls(
            url=told.url,
            timeout_s=told.timeout_s,
            user=told.user or None,
            password=password,
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
        )


class Engine:
    """The engine behind one method.

    Every error is one of `register.search.errors` and holds the engine's error type and status, never its words:
    those can quote a document.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        for log in ("opensearch", "opensearch.trace", "opensearchpy", "opensearchpy.trace"):
            logging.getLogger(log).disabled = True
        secure: dict[str, Any] = {}
        if settings.url.startswith("https:"):
            files = {"ca_certs": settings.ca_file, "client_cert": settings.cert_file, "client_key": settings.key_file}
            secure = {"verify_certs": True} | {word: str(file) if file else None for word, file in files.items()}
        self._client = opensearchpy.OpenSearch(
            hosts=[settings.url],
            headers=_sign_in(settings),
            timeout=settings.timeout_s,
            max_retries=0,
            retry_on_timeout=False,
            retry_on_status=(),
            pool_maxsize=settings.connections,
            **secure,
        )

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
        within_s: float = math.inf,
    ) -> dict[str, Any]:
        """Send one request and return the JSON answer; with `write`, wait `write_timeout_s` for it.

        `within_s` is for whoever can wait less long than the settings say.

        Raises:
            EngineUnavailable, EngineBusy, EngineRefused, IndexMissing
        """
        return self._send(method, path, body, params, min(within_s, self._patience_s(write=write)))

    def call_lines(
        self,
        path: str,
        lines: Sequence[Mapping[str, Any]],
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
    ) -> dict[str, Any]:
        """POST one JSON document a line (`_bulk`, `_msearch`) and return the JSON answer. Errors as with `call`."""
        text = "".join(_SERIALIZER.dumps(line) + "\n" for line in lines)
        return self._send("POST", path, text, params, self._patience_s(write=write))

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _patience_s(self, *, write: bool) -> float:
        return self.settings.write_timeout_s if write else self.settings.timeout_s

    def _send(
        self, method: str, path: str, body: object, params: Mapping[str, str] | None, timeout_s: float
    ) -> dict[str, Any]:
        try:
            answer = self._client.transport.perform_request(method, path, params=params, body=body, timeout=timeout_s)
        except opensearchpy.exceptions.ConnectionTimeout as exc:
            raise EngineUnavailable(f"the engine did not answer within {timeout_s:g} s") from exc
        except opensearchpy.exceptions.SSLError as exc:
            raise EngineUnavailable(
                "who answers at the engine's address does not prove to be it: compare its certificate with "
                "`engine.ca_file`, and the name in it with `engine.url`"
            ) from exc
        except opensearchpy.exceptions.ConnectionError as exc:
            raise EngineUnavailable("the engine cannot be reached at the configured address") from exc
        except opensearchpy.exceptions.TransportError as exc:
            raise _translate_error(exc) from None
        except opensearchpy.exceptions.SerializationError as exc:
            raise EngineRefused("the answer was no JSON; is this address an OpenSearch node?") from exc
        if not isinstance(answer, dict):
            raise EngineRefused("the answer was no JSON object; is this address an OpenSearch node?")
        return answer


def _sign_in(settings: EngineSettings) -> dict[str, str]:
    if settings.user is None:
        return {}
    # Made here: the client would write it in Latin-1, and OpenSearch reads UTF-8.
    pair = f"{settings.user}:{settings.password or ''}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def _translate_error(exc: opensearchpy.exceptions.TransportError) -> EngineUnavailable | EngineRefused | IndexMissing:
    status, kind = exc.status_code, str(exc.error)
    if not kind.replace("_", "").isalnum():
        kind = "unnamed error"  # a bare text instead of a type; not passed on
    words = f"the engine answered {status}: {kind}"
    if status == _TOO_BUSY:
        return EngineBusy(words, status=status)
    if isinstance(status, int) and status >= _SERVER_ERRORS:
        return EngineUnavailable(words, status=status)
    if status == _NOT_FOUND and "index_not_found" in kind:
        return IndexMissing(words, status=status)
    return EngineRefused(words, status=status, type=kind)
