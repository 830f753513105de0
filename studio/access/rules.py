"""When signing in is asked for: as soon as anybody but the person at this machine could get in.

Decided for every request from where the server listens and how the request came. Knows no account.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from studio.config import SignIn

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers of requests that came through a proxy or a tunnel, and so perhaps from anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRule:
    """When somebody has to sign in.

    Attributes:
        mode: "required" and "off" hold for everybody; "auto" decides by the rest.
        bind_address: what the server listens on, as Streamlit's `server.address`; empty for every
            network that the machine is in.
    """

    mode: SignIn
    bind_address: str

    def is_required(self, host: str, header_names: frozenset[str] = frozenset()) -> bool:
        """Whether a request asks for signing in.

        Args:
            host: its Host header. Another name than this machine's own means a tunnel or a proxy, or
                a foreign site that lets its name point here.
            header_names: the names of its headers, in lower case.
        """
        if self.mode != "auto":
            return self.mode == "required"
        if not is_this_machine(self.bind_address):
            return True
        return not is_this_machine(_without_port(host)) or any(
            h in header_names for h in _FORWARDED
        )


def is_this_machine(address: str) -> bool:
    """Whether an address or a name is reached from this machine only."""
    name = address.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0]
    return host.partition(":")[0]
