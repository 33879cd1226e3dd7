"""What is known of each provider: where it answers, what it can do, what it calls the models.

Data only. Sources: CometAPI's page of its tasks route
(https://apidoc.cometapi.com/api/video/bytedance/bytedance-video); Ark's pages for fields and rules
(https://www.volcengine.com/docs/82379/1520757), list (.../1521675) and cancelling (.../1521720),
which BytePlus ModelArk has word for word (https://docs.byteplus.com/en/docs/ModelArk/1520757); the
addresses are those in the two vendors' own Python packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from seedance.models import CATALOGUE, Carriage, Model, Option, Route, Service

Services = Mapping[str, Mapping[Route, Service]]  # model's name → route → how it is served there


class Travel(StrEnum):
    """How the settings travel on the tasks route."""

    SUFFIX = "suffix"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Describe a provider; `name` is what a host types and what a record keeps."""

    name: str
    base_url: str
    paths: Mapping[Route, str] = field(hash=False)
    services: Services = field(hash=False)
    settings_travel: Travel
    # There is a public list of models, which says what is served at this moment.
    publishes_models: bool
    # The catalogue's rates by the second are this provider's own.
    bills_by_second: bool
    can_list: bool
    # Only a task that is still queued can be cancelled.
    can_cancel: bool
    # A create may name the end user by a hash, which a listed task then shows.
    takes_safety_identifier: bool
    # Fields of every create that no member chooses.
    fixed: Mapping[str, bool | int] = field(hash=False)


_DIRECT_PATHS = {Route.TASKS: "/contents/generations/tasks"}
_FIXED = {
    # Seconds, the least there is: what was forgotten must not be rendered, and billed, a day later.
    "execution_expires_after": 3600,
    # Members continue a clip from its last frame.
    "return_last_frame": True,
}
_BODY = {
    Option.DURATION: "duration",
    Option.RATIO: "ratio",
    Option.RESOLUTION: "resolution",
    Option.SEED: "seed",
    Option.AUDIO: "generate_audio",
    Option.FIRST_FRAME: "content[].role",
    Option.LAST_FRAME: "content[].role",
}
_SILENT = frozenset({"doubao-seedance-1-0-pro"})
# Seedance 1.5 pro has been shut down at both (2026-11-11). The prices are BytePlus's, in USD;
# Ark's own, in CNY, come to less as long as a dollar is worth 6.7 yuan or more.
_ARK_IDS = {
    "seedance-2-5": "doubao-seedance-2-5-260628",
    "doubao-seedance-2-0": "doubao-seedance-2-0-260128",
    "doubao-seedance-2-0-fast": "doubao-seedance-2-0-fast-260128",
    "doubao-seedance-2-0-mini": "doubao-seedance-2-0-mini-260615",
    "doubao-seedance-1-0-pro": "doubao-seedance-1-0-pro-250528",
}
_BYTEPLUS_IDS = {
    "seedance-2-5": "dreamina-seedance-2-5-260628",
    "doubao-seedance-2-0": "dreamina-seedance-2-0-260128",
    "doubao-seedance-2-0-fast": "dreamina-seedance-2-0-fast-260128",
    "doubao-seedance-2-0-mini": "dreamina-seedance-2-0-mini-260615",
    "doubao-seedance-1-0-pro": "seedance-1-0-pro-250528",
}


def _direct(ids: Mapping[str, str]) -> Services:
    return {
        model.name: {Route.TASKS: _in_the_body(model, ids[model.name])}
        for model in CATALOGUE
        if model.name in ids
    }


def _in_the_body(model: Model, remote_id: str) -> Service:
    """Serve the model as behind CometAPI's tasks route, every option in a field of its own."""
    service = model.services[Route.TASKS]
    carried = [*service.options, *([] if model.name in _SILENT else [Option.AUDIO])]
    return replace(
        service,
        remote_ids=(remote_id,),
        documented=True,
        options={option: Carriage(field=_BODY[option], documented=True) for option in carried},
    )


COMETAPI = Provider(
    name="cometapi",
    base_url="https://api.cometapi.com",
    paths={Route.TASKS: "/volc/v3/contents/generations/tasks", Route.VIDEOS: "/v1/videos"},
    services={model.name: model.services for model in CATALOGUE},
    settings_travel=Travel.SUFFIX,
    publishes_models=True,
    bills_by_second=True,
    can_list=False,
    can_cancel=False,
    takes_safety_identifier=False,
    fixed={},
)
ARK = Provider(
    name="ark",
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    paths=_DIRECT_PATHS,
    services=_direct(_ARK_IDS),
    settings_travel=Travel.BODY,
    publishes_models=False,
    bills_by_second=False,
    can_list=True,
    can_cancel=True,
    takes_safety_identifier=True,
    fixed=_FIXED,
)
BYTEPLUS = replace(
    ARK,
    name="byteplus",
    base_url="https://ark.ap-southeast.bytepluses.com/api/v3",
    services=_direct(_BYTEPLUS_IDS),
)

PROVIDERS: Mapping[str, Provider] = {each.name: each for each in (COMETAPI, ARK, BYTEPLUS)}
