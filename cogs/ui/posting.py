"""Sort what goes wrong while something is posted by what the engine does about it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from render.messenger import FileTooLarge, MessageDeleted, PlaceClosed, PostingBroken

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
UNKNOWN_MESSAGE: Final = 10008
_TOO_LARGE: Final = frozenset({40005, 50045})


@contextmanager
def sorted_out() -> Generator[None]:
    """Raise what Discord and the network raise as the errors of render.messenger."""
    try:
        yield
    except (discord.RateLimited, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise PostingBroken(repr(error)) from error
    except discord.HTTPException as error:
        raise _sorted(error) from error
    except discord.ClientException as error:
        raise PlaceClosed(repr(error)) from error


def _sorted(error: discord.HTTPException) -> Exception:
    if error.status == 413 or error.code in _TOO_LARGE:
        return FileTooLarge(str(error.code))
    # 401: the token died. 429: banned for a while. Neither says anything about the place.
    if error.status >= 500 or error.status in {401, 429}:
        return PostingBroken(f"{error.status}")
    # A repeated nonce too: https://github.com/discord/discord-api-docs/pull/6647
    if error.code == UNKNOWN_MESSAGE:
        return MessageDeleted(f"{error.status} {error.code}")
    # 403, 404, and 400 for a locked thread, or for words that the server's filter holds back.
    return PlaceClosed(f"{error.status} {error.code}")
