"""A stand-in for CometAPI, Ark or BytePlus: as strict as their pages, and it breaks on demand."""

from __future__ import annotations

from sandbox.provider.asked import Asked
from sandbox.provider.faults import Fault, Where
from sandbox.provider.models import Model, Route, default_models
from sandbox.provider.server import Provider
from sandbox.provider.status import Status
from sandbox.provider.task import Task
from sandbox.provider.vendors import ARK, BYTEPLUS, COMETAPI, Vendor
from sandbox.provider.videos_route import Vocabulary

__all__ = [
    "ARK",
    "BYTEPLUS",
    "COMETAPI",
    "Asked",
    "Fault",
    "Model",
    "Provider",
    "Route",
    "Status",
    "Task",
    "Vendor",
    "Vocabulary",
    "Where",
    "default_models",
]
