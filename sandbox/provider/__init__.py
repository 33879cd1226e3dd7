"""A stand-in for CometAPI that is as strict as its documentation, and breaks on demand."""

from __future__ import annotations

from sandbox.provider.asked import Asked
from sandbox.provider.faults import Fault, Where
from sandbox.provider.models import Model, Route, default_models
from sandbox.provider.server import Provider
from sandbox.provider.status import Status
from sandbox.provider.task import Task
from sandbox.provider.videos_route import Vocabulary

__all__ = [
    "Asked",
    "Fault",
    "Model",
    "Provider",
    "Route",
    "Status",
    "Task",
    "Vocabulary",
    "Where",
    "default_models",
]
