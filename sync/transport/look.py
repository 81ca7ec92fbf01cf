"""Look at an address as a roster has it, before something has to go there: may it be reached, and is it who it says?"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Final

import httpcore2

from register.errors import OperatorError
from sync.transport.deadline import AddressNotAllowed, connections, whole_within
from sync.transport.reach import Reach

WITHIN_S: Final = 5.0
_ANY: Final = "/.well-known/rtr-sync"


class AddressUnfit(OperatorError):
    """An address of the roster is none that this node would send anything to, or nobody of that name answers there."""

    code = "roster-address-unfit"
    advice = (
        "Call the partner: its address, its certificate, or its entry in the name service is to be mended, or the "
        "roster to be made anew. A private network that partners really are in is named by `sync.partner_networks`."
    )


def look_at_address(url: str, reach: Reach, trusted: ssl.SSLContext, *, within_s: float = WITHIN_S) -> datetime:
    """Connect to an address as the exchange would, ask one thing, and return when the certificate there ends.

    Args:
        url: as the roster has it.
        reach: what may be connected to.
        trusted: for TLS, as the exchange has it.
        within_s: for all of it.

    Raises:
        AddressUnfit: says what is wrong, first of: how it is written, its name, where that leads, its certificate.
    """
    if why_not := reach.why_not(url):
        raise AddressUnfit(why_not)
    try:
        with (
            whole_within(within_s),
            connections(trusted, reach.allows) as pool,
            # Whatever is answered: that somebody with this certificate does is what is looked at.
            pool.stream("GET", url.rstrip("/") + _ANY, extensions={"timeout": {"pool": within_s}}) as answer,
        ):
            line: httpcore2.NetworkStream = answer.extensions["network_stream"]
            shown = line.get_extra_info("ssl_object").getpeercert()
    except AddressNotAllowed as error:
        raise AddressUnfit(
            "its name leads to an address that is no partner's: a private one, or none at all"
        ) from error
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as error:
        raise AddressUnfit(_explain_failure(error)) from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)


def _explain_failure(error: Exception) -> str:
    text = str(error)
    if "is not known" in text:
        return "its name is not known to the name service"
    if "certificate verify failed" in text.lower():
        return "its certificate is of no authority that this machine trusts, for another name, or has ended"
    return f"nobody answers there by TLS ({type(error).__name__})"
