from __future__ import annotations

import asyncio
import socket

import pytest

from seedance import UnsafeAddress
from seedance.addresses import is_public, public_addresses

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:1.1.1.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:101:101::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(address)


async def test_a_public_literal_resolves_to_itself() -> None:
    assert await public_addresses("1.1.1.1", 443) == ("1.1.1.1",)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "::1"])
async def test_loopback_is_unsafe_in_every_spelling(host: str) -> None:
    with pytest.raises(UnsafeAddress):
        await public_addresses(host, 443)


async def test_one_private_address_among_public_ones_is_unsafe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def getaddrinfo(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, 1, 6, "", (host, 443)) for host in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(UnsafeAddress):
        await public_addresses("rebound.example", 443)


async def test_what_cannot_be_a_host_name_is_unsafe() -> None:
    with pytest.raises(UnsafeAddress):
        await public_addresses("a" * 70 + ".example", 443)
