from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.discord import Discord, Exchange
from sandbox.discord.spec import Spec

# As much of Discord's file as a check needs, for when the whole is not at hand.
FRAGMENT: dict[str, Any] = {
    "paths": {
        "/channels/{channel_id}/messages": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Create"}}
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Message"}}
                        }
                    }
                },
            }
        },
        "/applications/{application_id}/commands": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Command"}}
                    }
                },
                "responses": {},
            }
        },
        "/users/{user_id}": {"get": {"responses": {"200": {"description": "A user"}}}},
        "/users/@me": {"get": {"responses": {}}, "patch": {"responses": {}}},
    },
    "components": {
        "schemas": {
            "SnowflakeType": {"type": "string"},
            "ChannelTypes": {"type": "integer", "oneOf": [{"title": "GUILD_TEXT", "const": 0}]},
            "Create": {
                "type": "object",
                "properties": {
                    "content": {"type": ["string", "null"], "maxLength": 4000},
                    "nonce": {"type": ["string", "integer", "null"]},
                    "message_reference": {
                        "type": "object",
                        "properties": {
                            "message_id": {"$ref": "#/components/schemas/SnowflakeType"}
                        },
                    },
                },
            },
            "Command": {
                "properties": {
                    "options": {
                        "items": {
                            "properties": {
                                "channel_types": {
                                    "items": {"$ref": "#/components/schemas/ChannelTypes"}
                                }
                            }
                        }
                    }
                }
            },
            "Message": {"type": "object", "required": ["id", "content"]},
        }
    },
}
POST = "/channels/1/messages"


@pytest.fixture(params=["fragment", "file"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give the whole file where DISCORD_SPEC names it, and the fragment in any case."""
    named = os.environ.get("DISCORD_SPEC")
    if request.param == "file" and named:
        return Path(named)
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(FRAGMENT))
    return path


def _exchange(
    *,
    method: str = "POST",
    path: str = POST,
    status: int = 200,
    body: object = None,
    answer: object = None,
) -> Exchange:
    return Exchange(method=method, path=path, status=status, body=body, answer=answer)


def test_a_good_request_is_not_complained_about(spec: Path) -> None:
    body = {"content": "x", "nonce": "1", "message_reference": {"message_id": 5}}
    assert Spec(spec).complaints(_exchange(body=body)) == []


def test_a_bad_request_is_complained_about_by_its_place(spec: Path) -> None:
    (complaint,) = Spec(spec).complaints(_exchange(body={"content": 5}))
    assert complaint.startswith("POST /channels/1/messages asks: $.content")


def test_media_channels_are_channels_although_the_file_does_not_know_them(spec: Path) -> None:
    option = {"type": 7, "name": "where", "description": "Where"}
    command = {"type": 1, "name": "show", "description": "Show"}
    complaints = [
        Spec(spec).complaints(
            _exchange(
                path="/applications/1/commands",
                body=command | {"options": [option | {"channel_types": [kind]}]},
            )
        )
        for kind in (16, 99)
    ]
    assert [len(each) for each in complaints] == [0, 1]


def test_a_request_that_was_refused_anyway_is_let_alone(spec: Path) -> None:
    assert Spec(spec).complaints(_exchange(body={"content": 5}, status=400)) == []


def test_a_bad_answer_of_ours_is_complained_about(spec: Path) -> None:
    (complaint,) = Spec(spec).complaints(_exchange(answer={"id": "1"}))
    assert "answers 200" in complaint


def test_an_address_that_does_not_exist_is_complained_about(spec: Path) -> None:
    (complaint,) = Spec(spec).complaints(_exchange(path="/moon"))
    assert complaint == "POST /moon: not in the specification"


def test_a_literal_part_of_an_address_wins_over_a_parameter(spec: Path) -> None:
    me = _exchange(method="PATCH", path="/users/@me", body=None)
    assert Spec(spec).complaints(me) == []


def test_events_are_checked_where_a_schema_lies_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(FRAGMENT))
    schema = {
        "$ref": "#/definitions/Ready",
        "definitions": {
            "Ready": {"required": ["v"], "properties": {"flags": {"$ref": "#/definitions/Flags"}}},
            "Flags": {"enum": [1, 2]},
        },
    }
    (tmp_path / "Ready.schema.json").write_text(json.dumps(schema))
    checker = Spec(path)
    assert checker.complaints_about_event("READY", {"v": 10, "flags": 3}) == []
    assert len(checker.complaints_about_event("READY", {})) == 1
    assert checker.complaints_about_event("GUILD_CREATE", {}) == []
    assert checker.complaints_about_event("TYPING_START", {}) == []


async def test_violations_are_found_after_the_answer_was_sent(spec: Path) -> None:
    async with Discord.serve(spec=spec) as stand_in:
        channel = stand_in.add_server("Paper Harbor").add_channel("clips")
        url = f"{stand_in.api_url}/channels/{channel.id}/messages"
        headers = {"Authorization": f"Bot {stand_in.token}"}
        async with ClientSession(headers=headers) as session:
            good = await session.post(url, json={"content": "x"})
            bad = await session.post(url, json={"content": "x", "nonce": [1]})
        assert (good.status, bad.status) == (200, 200)
        (violation,) = stand_in.violations
        assert "$.nonce" in violation
        assert stand_in.violations == [violation]
