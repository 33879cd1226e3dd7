"""Tell public internet addresses from all others."""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from seedance.errors import UnsafeAddress

_NAT64 = IPv6Network("64:ff9b::/96")  # how an IPv6-only network writes IPv4 addresses


async def public_addresses(host: str, port: int) -> tuple[str, ...]:
    """Resolve the host; raise UnsafeAddress unless every address is public.

    Raises OSError when the name does not resolve.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port)
    except UnicodeError as error:
        raise UnsafeAddress(code="NoHostName") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_public(address) for address in addresses):
        raise UnsafeAddress(code="NotPublic")
    return addresses


def is_public(text: str) -> bool:
    """Say whether an address is one of the public internet's, IPv4 in disguise looked through."""
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address.is_site_local:
            return False
        if address in _NAT64:
            address = IPv4Address(int(address) & 0xFFFFFFFF)
    return address.is_global and not address.is_multicast
