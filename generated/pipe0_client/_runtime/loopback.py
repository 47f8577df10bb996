# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Which hosts are this machine, with no network in between."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return True if a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
