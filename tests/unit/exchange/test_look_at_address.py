"""What is found at an address as a roster has it: how it is written, where its name leads, and who answers there."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.cli.running.partner_checks import SOON, verdict
from sync.transport.look import AddressUnfit, look_at_address
from sync.transport.reach import Reach
from tests.support.started.certificates import Authority, door_over_tls
from tests.support.started.dripping import dripping
from tests.unit.api.client.server import Answer, answering

HERE = Reach.of(["127.0.0.0/8", "::1/128"])
NOWHERE = Reach.of([])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def partner(authority: Authority) -> Iterator[str]:
    with (
        answering(Answer(404, {})) as inside,
        door_over_tls(inside.url, authority.give("partner", "localhost")) as url,
    ):
        yield url


def trusting(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def test_partner_that_answers_with_a_good_certificate_is_found_with_the_day_on_which_that_ends(
    partner: str, authority: Authority
) -> None:
    ends = look_at_address(partner, HERE, trusting(authority.ca_file))
    assert timedelta() < ends - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://register.example.aw", "is not https"),
        ("https://user@register.example.aw", "is not https"),
        ("https://register.example.aw:99999", "a port that is none"),
        ("https://register.invalid", "not known to the name service"),
        ("https://127.0.0.1:1", "no partner's"),
        ("https://10.1.2.3", "no partner's"),
        ("https://169.254.169.254", "no partner's"),
        ("https://localhost:1", "no partner's"),
    ],
)
def test_address_that_leads_nowhere_or_inside_is_named(url: str, said: str) -> None:
    with pytest.raises(AddressUnfit, match=said):
        look_at_address(url, NOWHERE, ssl.create_default_context(), within_s=2)


def test_private_address_is_looked_at_where_the_settings_name_its_network_only(
    partner: str, authority: Authority
) -> None:
    with pytest.raises(AddressUnfit, match="no partner's"):
        look_at_address(partner, NOWHERE, trusting(authority.ca_file))


def test_certificate_of_another_authority_or_for_another_name_is_named(
    partner: str, authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(AddressUnfit, match="certificate"):
        look_at_address(partner, HERE, trusting(Authority(tmp_path, "another").ca_file))
    with pytest.raises(AddressUnfit, match="certificate"):
        look_at_address(partner.replace("localhost", "127.0.0.1"), HERE, trusting(authority.ca_file))


def test_who_speaks_no_tls_or_a_byte_now_and_then_holds_nobody() -> None:
    with answering(Answer(200, {})) as plain, pytest.raises(AddressUnfit, match="by TLS"):
        look_at_address(plain.url.replace("http:", "https:"), HERE, ssl.create_default_context(), within_s=2)
    with dripping(first=b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc") as slow, pytest.raises(AddressUnfit, match="by TLS"):
        look_at_address(slow.replace("http:", "https:"), HERE, ssl.create_default_context(), within_s=0.3)


def test_certificate_that_ends_within_two_weeks_is_a_finding() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    assert verdict("way", now + SOON, now).ok
    soon = verdict("way", now + SOON - timedelta(seconds=1), now)
    assert (soon.ok, soon.needed, "2026-12-13" in soon.detail) == (False, True, True)
