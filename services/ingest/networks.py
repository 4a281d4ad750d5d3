"""From where a message may come: a connection's networks, and the sender's address behind reverse proxies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address


class NetworkError(ValueError):
    """A text that is no network, such as 103.255.238.0/24 or a single address."""


def read_networks(texts: Sequence[str]) -> list[Network]:
    """Networks in CIDR notation, or addresses; raises NetworkError."""
    try:
        return [ip_network(each.strip()) for each in texts]
    except ValueError as error:
        raise NetworkError("must be addresses or networks such as 103.255.238.0/24") from error


def sender_address(
    client: Sequence[object] | None, forwarded_for: str, trusted_proxies: Sequence[Network]
) -> Address | None:
    """Who sent a request: the peer, or where that is a trusted proxy, the last address before the trusted ones.

    Anybody can write X-Forwarded-For; only what a trusted proxy added at its end is believed.
    """
    address = _read(str(client[0])) if client else None
    hops = [each.strip() for each in forwarded_for.split(",") if each.strip()]
    while address is not None and hops and any(address in each for each in trusted_proxies):
        address = _read(hops.pop())
    return address


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # An IPv4 peer of a socket that listens on IPv6.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
