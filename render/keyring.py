"""Ask after each task with the key, and at the address, that it was submitted with."""

from __future__ import annotations

from render.admission import Origin
from seedance import Client
from storage.records import Render


class Keyring:
    """Hold the client of today's key, and that of the key before it where there was one.

    Creates never come here: a new task is always made with today's key.
    """

    def __init__(self, client: Client, origin: Origin, previous: Client | None = None) -> None:
        self._clients = {
            (origin.base_url, one.fingerprint): one for one in (previous, client) if one
        }

    def client_of(self, render: Render) -> Client | None:
        """Return who may ask after a render's task; None when its key is not here any more."""
        return self._clients.get((render.base_url, render.key_fingerprint))
