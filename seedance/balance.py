"""Ask CometAPI what is left on the account (https://apidoc.cometapi.com/pricing/balance-query).

The key travels in the address. So nothing here logs, and no error carries what aiohttp says,
because that may quote the address.
"""

from __future__ import annotations

import re
from decimal import Decimal

import aiohttp

from seedance.errors import BadKey, ProviderBroken
from seedance.exchange import PLAIN, layers, read_object

ADDRESS = "https://query.cometapi.com/user/quota"
LARGEST_ANSWER = 1024 * 1024  # bytes; each day of use is a line
LARGEST_BALANCE = 10**9  # USD; what is more is no balance


async def balance(session: aiohttp.ClientSession, key: str) -> Decimal:
    """Return the USD that are left; raise BadKey or ProviderBroken."""
    try:
        async with session.get(
            ADDRESS,
            params={"key": key},
            headers=PLAIN,
            allow_redirects=False,
            auto_decompress=False,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(65536):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    break  # cut JSON is no JSON
    except (aiohttp.ClientError, OSError) as error:
        broken = ProviderBroken(code=type(error).__name__)
    else:
        return read_balance(response.status, bytes(body))
    # Outside of the handler, so that not even the context quotes the address.
    raise broken


def read_balance(status: int, body: bytes) -> Decimal:
    """Return the USD that are left; raise BadKey or ProviderBroken."""
    if status in {401, 403}:
        raise BadKey(status=status)
    document = read_object(body) if status == 200 else None
    for layer in layers(document) if document else ():
        left = layer.get("total_quota")
        if isinstance(left, str) and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,12})?", left):
            left = Decimal(left)
        if isinstance(left, int | Decimal) and abs(left) < LARGEST_BALANCE:
            return Decimal(left)
    raise ProviderBroken(status=status)
