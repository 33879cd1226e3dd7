from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.form_rules import check_modal
from sandbox.discord.refusals import Form, Refusal

TEXT = {"type": 4, "custom_id": "why", "style": 1}
CHANNELS = {"type": 8, "custom_id": "where"}
ROLES = {"type": 6, "custom_id": "who"}
ROLE = {"type": "role", "id": "5"}


def _label(field: dict[str, Any] = TEXT, /, **changes: object) -> dict[str, Any]:
    return {"type": 18, "label": "Why", "component": field | changes}


def _modal(*components: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Deny", "custom_id": "deny", "components": list(components)}


@pytest.mark.parametrize(
    "modal",
    [
        _modal(_label()),
        _modal({"type": 10, "content": "x"}, _label(value="x", max_length=1)),
        _modal({"type": 1, "components": [TEXT | {"label": "Why"}]}),
        _modal(_label(CHANNELS, channel_types=[0, 4]) | {"description": "Where it may be"}),
        _modal(_label(CHANNELS, min_values=0, required=False), _label(ROLES, disabled=False)),
        _modal(_label(ROLES, max_values=2, default_values=[ROLE, ROLE | {"id": "6"}])),
        _modal(*(_label(custom_id=str(number)) for number in range(5))),
        _modal(_label() | {"label": "x" * 45}) | {"title": "x" * 45, "custom_id": "x" * 100},
    ],
)
def test_a_good_form_passes(modal: dict[str, Any]) -> None:
    form = Form()
    check_modal(form, modal)
    form.finish()


@pytest.mark.parametrize(
    "modal",
    [
        _modal(),
        _modal(*(_label(custom_id=str(number)) for number in range(6))),
        _modal(_label()) | {"title": "x" * 46},
        _modal(_label()) | {"custom_id": ""},
        _modal(_label()) | {"custom_id": "x" * 101},
        _modal(_label() | {"label": "x" * 46}),
        _modal(_label() | {"label": ""}),
        _modal(_label() | {"description": "x" * 101}),
        _modal(_label(value="xx", max_length=1)),
        _modal(_label(min_length=3, max_length=2)),
        _modal(_label(placeholder="x" * 101)),
        _modal(_label(style=3)),
        _modal(_label(custom_id="x" * 101)),
        _modal(_label(), _label()),
        _modal({"type": 1, "components": [TEXT]}),
        _modal({"type": 1, "components": [ROLES]}),
        _modal({"type": 17, "components": []}),
        _modal({"type": 18, "label": "Why", "component": {"type": 2, "custom_id": "x"}}),
        _modal(TEXT),
        _modal(_label(CHANNELS, min_values=0)),
        _modal(_label(CHANNELS, min_values=3, max_values=2)),
        _modal(_label(CHANNELS, max_values=26)),
        _modal(_label(CHANNELS, max_values=0, min_values=0, required=False)),
        _modal(_label(CHANNELS, disabled=True)),
        _modal(_label(CHANNELS, placeholder="x" * 151)),
        _modal(_label(CHANNELS, custom_id="")),
        _modal(_label(CHANNELS, default_values=[ROLE])),
        _modal(_label(ROLES, default_values=[ROLE, ROLE | {"id": "6"}])),
        _modal(_label({"type": 3, "custom_id": "pace", "options": []})),
    ],
)
def test_a_bad_form_is_refused(modal: dict[str, Any]) -> None:
    form = Form()
    check_modal(form, modal)
    with pytest.raises(Refusal):
        form.finish()
