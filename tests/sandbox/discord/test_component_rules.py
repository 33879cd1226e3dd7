from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.component_rules import check_modal
from sandbox.discord.refusals import Form, Refusal

FIELD = {"type": 4, "custom_id": "why", "style": 1}


def _label(**changes: object) -> dict[str, Any]:
    return {"type": 18, "label": "Why", "component": FIELD | changes}


def _modal(*components: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Deny", "custom_id": "deny", "components": list(components)}


@pytest.mark.parametrize(
    "modal",
    [
        _modal(_label()),
        _modal({"type": 10, "content": "x"}, _label(value="x", max_length=1)),
        _modal({"type": 1, "components": [FIELD | {"label": "Why"}]}),
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
        _modal(_label(value="xx", max_length=1)),
        _modal(_label(), _label()),
        _modal({"type": 1, "components": [FIELD]}),
        _modal({"type": 17, "components": []}),
    ],
)
def test_a_bad_form_is_refused(modal: dict[str, Any]) -> None:
    form = Form()
    check_modal(form, modal)
    with pytest.raises(Refusal):
        form.finish()
