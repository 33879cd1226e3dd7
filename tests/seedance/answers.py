"""Answers of the provider, as its pages and reports of others show them."""

from __future__ import annotations

import json
from typing import Any


def body(document: object) -> bytes:
    return json.dumps(document).encode()


HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head></html>"

# --- create -------------------------------------------------------------------------------------

CREATED_TASKS = {"id": "021773297205999example"}
CREATED_ARK = {"id": "cgt-20250629201507-n6k56"}
CREATED_VIDEOS = {
    "id": "task_abc123",
    "task_id": "task_abc123",
    "object": "video",
    "model": "doubao-seedance-2-0",
    "status": "queued",
    "progress": 0,
    "created_at": 1776681149,
}
CREATED_WRAPPED = {"code": "success", "message": "", "data": {"task_id": "task_abc123"}}
CREATED_NUMBER = {"id": 4711}

# --- errors -------------------------------------------------------------------------------------


def ark_error(code: str, message: str = "No. Request id: 0217") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "param": "", "type": "BadRequest"}}


def gateway_error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "comet_api_error", "param": "", "code": code}}


NO_CHANNEL = gateway_error(
    "model_not_found",
    "no available channel for group default and model seedance-9 (distributor) "
    "(request id: 20260205132859798638387SIHCnxzJ)",
)
NO_MODEL_NAME = gateway_error("", "model name is required (request id: 2026)")
INVALID_REQUEST = gateway_error("invalid_request", "...")
TOP_LEVEL = {"code": "InvalidParameter", "message": "seconds must be between 4 and 15"}
TASK_NOT_EXIST = {"code": 400, "message": "task_not_exist", "data": None}
ERROR_AS_TEXT = {"error": "upstream is busy"}
NESTED = {
    "code": "fail_to_fetch_task",
    "message": json.dumps(ark_error("InputTextSensitiveContentDetected", "The request failed")),
    "data": None,
}
RPM = {
    "error": {
        "code": "ModelAccountRpmRateLimitExceeded",
        "message": "RPM limit exceeded",
        "param": "",
        "type": "TooManyRequests",
    },
    "request_id": "0217801248873024288fe53d7c9130f34413480585e683685bc95",
}

# --- query --------------------------------------------------------------------------------------

SUCCEEDED_TASKS = {
    "id": "021773297205999example",
    "model": "doubao-seedance-1-5-pro-251215",
    "status": "succeeded",
    "content": {"video_url": "https://example.com/generated.mp4"},
    "created_at": 1773297205,
    "updated_at": 1773297260,
    "resolution": "720p",
    "duration": 5,
    "ratio": "16:9",
    "framespersecond": 24,
}
SUCCEEDED_ARK = {
    "id": "cgt-20260514183217-t8rzv",
    "model": "doubao-seedance-2-0-260128",
    "status": "succeeded",
    "content": {"video_url": "https://tos.example/a%2Fb.mp4?X-Tos-Signature=a%2Bb"},
    "usage": {"completion_tokens": 108900, "total_tokens": 108900},
    "created_at": 1778754737,
    "updated_at": 1778755025,
    "seed": 1276,
    "resolution": "720p",
    "ratio": "16:9",
    "duration": 5,
    "framespersecond": 24,
    "service_tier": "default",
    "execution_expires_after": 172800,
    "generate_audio": True,
    "draft": False,
}
FAILED_ARK = {
    "id": "cgt-20251225095015-5xmc2",
    "model": "doubao-seedance-1-0-pro-250528",
    "status": "failed",
    "error": {
        "code": "OutputVideoSensitiveContentDetected",
        "message": "The request failed because the output video may contain sensitive "
        "information. Request id: 02176662741563700000000000000000000ffffac19188dffe699",
    },
    "created_at": 1766627415,
    "updated_at": 1766627466,
    "service_tier": "default",
    "execution_expires_after": 172800,
}
COPYRIGHT = {
    "code": "OutputVideoSensitiveContentDetected.PolicyViolation",
    "message": "The request failed because the output video may be related to copyright "
    "restrictions.",
}
TASK_TYPE = {
    "code": "InvalidParameter.TaskTypeConstraint",
    "message": "The parameter(s) ratio and duration specified in the request are not valid.",
}
VIDEOS_TASK = {
    "id": "task_abc123",
    "object": "video",
    "model": "doubao-seedance-2-0",
    "status": "in_progress",
    "progress": 30,
    "created_at": 1777385418,
    "completed_at": 1777385485,
}
VIDEOS_COMPLETED = VIDEOS_TASK | {
    "status": "completed",
    "progress": 100,
    "video_url": "https://example.com/seedance-output.mp4",
}
VIDEOS_FAILED = VIDEOS_TASK | {"status": "failed", "progress": 0}


def wrapped(status: str, **fields: object) -> dict[str, Any]:
    return {"code": "success", "message": "", "data": {"status": status, **fields}}


# --- list ---------------------------------------------------------------------------------------

LISTED_IMAGE = {
    "id": "gpt-image-2",
    "provider": "OpenAI",
    "model_type": "image",
    "features": ["text-to-image"],
    "pricing": {
        "currency": "USD / M Tokens",
        "input": 4,
        "output": 24,
        "per_request": None,
        "per_second": None,
    },
    "api_doc_url": "https://apidoc.cometapi.com/api/image/openai/images",
}


def listed(model_id: str, endpoints: object = None, per_second: object = None) -> dict[str, Any]:
    return {"id": model_id, "endpoints": endpoints, "pricing": {"per_second": per_second}}


def page(
    *records: object, number: int = 0, size: int = 0, total: int | None = None
) -> dict[str, Any]:
    return {
        "success": True,
        "page": number,
        "page_size": size,
        "total": len(records) if total is None else total,
        "data": list(records),
    }
