"""Files: kept by the stand-in's own CDN and handed out under signed links that expire.

https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.clock import Clock
    from sandbox.discord.wire import Json

LINK_LIFETIME_SECONDS = 24 * 3600
MIB = 1 << 20
# By boost tier of the server.
FILE_LIMIT_BYTES = (10 * MIB, 10 * MIB, 50 * MIB, 100 * MIB)
NITRO_FILE_LIMIT_BYTES = 500 * MIB


class Attachment:
    """A file in a message, or one that a person gave to a command (ephemeral)."""

    def __init__(
        self,
        cdn: Cdn,
        *,
        attachment_id: int,
        place_id: int,
        filename: str,
        data: bytes,
        description: str | None = None,
        content_type: str | None = None,
        ephemeral: bool = False,
    ) -> None:
        self._cdn = cdn
        self.id = attachment_id
        self.filename = plain_filename(filename)
        self.data = data
        self.description = description
        self.content_type = content_type or mimetypes.guess_type(filename)[0]
        self.ephemeral = ephemeral
        folder = "ephemeral-attachments" if ephemeral else "attachments"
        self.path = f"/{folder}/{place_id}/{attachment_id}/{self.filename}"

    @property
    def size(self) -> int:
        """Give the number of bytes."""
        return len(self.data)

    @property
    def url(self) -> str:
        """Give a link, signed anew, that works for a day."""
        return self._cdn.link(self.path)

    def payload(self) -> Json:
        """Give the API's attachment object."""
        url = self.url
        optional = {
            "description": self.description,
            "content_type": self.content_type,
            "ephemeral": self.ephemeral or None,
        }
        return {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": url,
            "proxy_url": url,
        } | {key: value for key, value in optional.items() if value is not None}


class Cdn:
    """Keep files and sign the links to them."""

    def __init__(self, clock: Clock, secret: bytes) -> None:
        self.origin = ""
        self._clock = clock
        self._secret = secret
        self._files: dict[str, Attachment] = {}

    def keep(self, attachment: Attachment) -> Attachment:
        """Store a file."""
        self._files[attachment.path] = attachment
        return attachment

    def link(self, path: str) -> str:
        """Sign a link: `ex`pires, `is`sued, `hm`ac, the first two in hexadecimal seconds."""
        issued = int(self._clock.now())
        expires = issued + LINK_LIFETIME_SECONDS
        signed = {"ex": f"{expires:x}", "is": f"{issued:x}"}
        query = urlencode(signed | {"hm": self._sign(path, **signed)})
        return f"{self.origin}{path}?{query}&"

    def read(self, path: str, query: Mapping[str, str]) -> Attachment | None:
        """Give the file behind a link, if the link is signed by us and not expired."""
        signed = {key: query.get(key, "") for key in ("ex", "is")}
        genuine = hmac.compare_digest(self._sign(path, **signed), query.get("hm", ""))
        if not genuine or int(signed["ex"], 16) < self._clock.now():
            return None
        return self._files.get(path)

    def _sign(self, path: str, **signed: str) -> str:
        message = "\n".join((path, *signed.values())).encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def plain_filename(filename: str) -> str:
    """Rename a file as Discord does: blanks become underscores, what is not ASCII goes."""
    return re.sub(r"[^\w.-]", "", filename.replace(" ", "_"), flags=re.ASCII) or "unknown"
