"""Where a message comes from, behind proxies that are believed and others that are not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from services.ingest.networks import NetworkError, read_networks, sender_address

PROXIES = read_networks(["10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("103.255.238.139", "", "103.255.238.139"),
        ("103.255.238.139", "1.2.3.4", "103.255.238.139"),  # not a proxy of ours: its word counts for nothing
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "103.255.238.139", "103.255.238.139"),
        ("10.0.0.1", "9.9.9.9, 103.255.238.139, 10.0.0.2", "103.255.238.139"),
        ("::1", "103.255.238.139", "103.255.238.139"),
        ("::ffff:10.0.0.1", "103.255.238.139", "103.255.238.139"),
    ],
)
def test_the_sender_is_the_last_address_before_trusted_proxies(peer: str, forwarded: str, address: str):
    assert sender_address((peer, 1), forwarded, PROXIES) == ip_address(address)


@pytest.mark.parametrize(("client", "forwarded"), [(None, ""), (("10.0.0.1", 1), "unknown"), (("nobody", 1), "")])
def test_a_sender_that_cannot_be_told_is_nobody(client: tuple[str, int] | None, forwarded: str):
    assert sender_address(client, forwarded, PROXIES) is None


@pytest.mark.parametrize("text", ["", "x", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(text: str):
    with pytest.raises(NetworkError):
        read_networks([text])
