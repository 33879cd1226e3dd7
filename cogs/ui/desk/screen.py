"""Lay out what is pressed by its id alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from discord import ui


def finished(items: Iterable[ui.Item[Any]]) -> ui.LayoutView:
    """Begin a layout that the library does not keep in memory: each press says all by its id."""
    view = ui.LayoutView(timeout=None)
    view.stop()
    for item in items:
        view.add_item(item)
    return view
