"""A host who hears every alert, or none."""

from __future__ import annotations

from render.alerts import Alert, Kind


class Herald:
    """Play the way to the host."""

    def __init__(self) -> None:
        self.told: list[Alert] = []
        self.open = True
        self.breaks: Exception | None = None

    @property
    def kinds(self) -> list[Kind]:
        return [alert.kind for alert in self.told]

    async def tell(self, alert: Alert) -> bool:
        if self.breaks:
            raise self.breaks
        if self.open:
            self.told.append(alert)
        return self.open
