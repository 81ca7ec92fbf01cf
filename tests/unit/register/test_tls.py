"""Connections trust the machine's authorities, whatever the environment says, and read them once."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx2
import pytest

from register import tls


def test_certificate_and_name_of_whoever_answers_are_checked_by_the_machines_authorities() -> None:
    context = tls.trusted()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats() == httpx2.create_ssl_context(trust_env=False).cert_store_stats()


def test_environment_names_no_other_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "somebody_elses.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    tls.trusted.cache_clear()
    assert tls.trusted().cert_store_stats() == httpx2.create_ssl_context(trust_env=False).cert_store_stats()


def test_authorities_are_read_once_a_process() -> None:
    assert tls.trusted() is tls.trusted()
