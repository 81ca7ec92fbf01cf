"""Whom this process trusts when it opens a TLS connection: the machine's authorities, read once.

Reading them takes 50 ms of CPU, which every sign-in at the pages and every command of `rtr` paid anew. The environment
names no other authorities. An operator who renews the machine's starts the node again.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """The one context of this process; nobody may change it."""
    return httpx2.create_ssl_context(trust_env=False)
