"""Offers out of the real catalogue, as a provider's list makes them."""

from __future__ import annotations

import seedance
from seedance import ListedModel, Offer

TASKS = "/volc/v3/contents/generations/tasks"
VIDEOS = "/v1/videos"

# In the order of the catalogue; the first takes frames and a seed, the last neither.
V1_5, V2_5, V2_0, V1_0 = (
    "doubao-seedance-1-5-pro-251215",
    "seedance-2-5",
    "doubao-seedance-2-0",
    "doubao-seedance-1-0-pro",
)


def offer(name: str, path: str = TASKS) -> Offer:
    """Return the offer of a model on the route that the provider's list names for it."""
    offers = seedance.offers([name], [ListedModel(id=name, paths=(path,))])
    assert len(offers) == 1
    return offers[0]
