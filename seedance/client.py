"""Send the protocol's requests over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from seedance.catalogue import documented_models
from seedance.errors import (
    Ambiguous,
    BadInput,
    NotSent,
    ProviderBroken,
    SeedanceError,
    TaskMissing,
)
from seedance.exchange import HttpRequest
from seedance.inventory import ListedTask, read_tasks_page, tasks_request
from seedance.listing import ListedModel, models_request, read_models_page
from seedance.models import Route
from seedance.protocol import Submission, create_request, read_created
from seedance.providers import COMETAPI, Provider
from seedance.redaction import redact
from seedance.tasks import Task, TaskState, cancel_request, query_request, read_task

CREATE_TIMEOUT = timedelta(seconds=180)  # frames are uploaded and looked at before the id comes
QUERY_TIMEOUT = timedelta(seconds=30)
CONNECT_TIMEOUT = timedelta(seconds=20)
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes; the list of models is the largest
LONGEST_LOGGED = 1000  # characters of a body
MOST_PAGES = 50
BETWEEN_PAGES = timedelta(seconds=1)  # Ark answers one question for the list of tasks per second

# Each of these is raised before a connection, TLS included, stands; so nothing was sent.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
_TROUBLE = (aiohttp.ClientError, TimeoutError, OSError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Speak with one provider under one key, on a session that is passed in."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        key: str,
        provider: Provider = COMETAPI,
        create_timeout: timedelta = CREATE_TIMEOUT,
        query_timeout: timedelta = QUERY_TIMEOUT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.provider = provider
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._create_timeout = create_timeout
        self._query_timeout = query_timeout
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Client({self._base_url!r}, fingerprint={self.fingerprint!r})"

    @property
    def fingerprint(self) -> str:
        """Return a short keyed hash: enough to tell keys apart, too little to know one."""
        keyed = hashlib.blake2b(self._key.encode(), key=b"paperboat", digest_size=6)
        return keyed.hexdigest()

    async def create(self, submission: Submission) -> str:
        """Make a task, once, and return its id. Paid; so never sent again, whatever happens.

        Raises what `read_created` and `create_request` raise, and NotSent.
        """
        request = create_request(submission)
        secrets = (self._key, submission.prompt)
        try:
            answer = await self._send_alone(request)
        except _BEFORE_SENDING as error:
            raise NotSent(code=type(error).__name__) from error
        except _TROUBLE as error:
            raise Ambiguous(code=type(error).__name__) from error
        try:
            return read_created(
                submission.offer.route,
                answer.status,
                answer.headers,
                answer.body,
                secrets=secrets,
            )
        except SeedanceError:
            _log_answer(request, answer, secrets)
            raise

    async def query(self, route: Route, task_id: str) -> Task:
        """Ask how a task stands; raises what `read_task` raises."""
        request = query_request(route, task_id, self.provider)
        answer = await self._ask(request, self._key)
        try:
            task = read_task(route, answer.status, answer.headers, answer.body)
        except SeedanceError:
            _log_answer(request, answer, (self._key,))
            raise
        if task.state is TaskState.FAILED:
            _log_answer(request, answer, (self._key,))
        return task

    async def list_models(self) -> tuple[ListedModel, ...]:
        """Return the provider's public list, all pages of it; else what its documents name."""
        if not self.provider.publishes_models:
            return documented_models(self.provider)
        models: dict[str, ListedModel] = {}
        for number in range(MOST_PAGES):
            request = models_request(number + 1 if number else None)
            answer = await self._ask(request, None)
            try:
                page = read_models_page(answer.status, answer.headers, answer.body)
            except SeedanceError:
                _log_answer(request, answer, ())
                raise
            known = len(models)
            models |= {model.id: model for model in page.models}
            if page.last or len(models) == known:
                break
        return tuple(models.values())

    async def list_tasks(
        self, *, state: TaskState | None = None, task_ids: Sequence[str] = ()
    ) -> tuple[ListedTask, ...]:
        """Return every task of the last seven days that fits the filters, or raise.

        Never a part of the list: what moves between its pages while they are read makes it broken.
        """
        self._require(self.provider.can_list, "list")
        found: dict[str, ListedTask] = {}
        for number in range(1, MOST_PAGES + 1):
            request = tasks_request(self.provider, number, state=state, task_ids=task_ids)
            answer = await self._ask(request, self._key)
            try:
                page = read_tasks_page(answer.status, answer.headers, answer.body)
            except SeedanceError:
                _log_answer(request, answer, (self._key,))
                raise
            known = len(found)
            found |= {task.id: task for task in page.tasks}
            if len(found) >= page.total:
                return tuple(found.values())
            if len(found) == known:
                break
            await self._sleep(BETWEEN_PAGES.total_seconds())
        raise ProviderBroken(code="ListInPieces")

    async def cancel(self, route: Route, task_id: str) -> Task:
        """Cancel a task if it is still queued; return it as it stands then.

        Of a task that has ended the same call would delete the record, and with it the video; so
        it is sent only right after an answer of `queued`. How a running task's is refused is
        documented nowhere, and aiohttp sends a DELETE again when the connection breaks, so what
        counts is the task and not that answer. Raises what `query` raises.
        """
        self._require(self.provider.can_cancel, "cancel")
        task = await self.query(route, task_id)
        if task.state is not TaskState.QUEUED:
            return task
        request = cancel_request(route, task_id, self.provider)
        answer = await self._ask(request, self._key)
        done = 200 <= answer.status < 300
        if not done:
            _log_answer(request, answer, (self._key,))
        try:
            return await self.query(route, task_id)
        except TaskMissing:
            if not done:
                raise
            return Task(state=TaskState.CANCELLED)

    def _require(self, can: bool, what: str) -> None:
        if not can:
            raise BadInput(code="NotOffered", detail=f"{self.provider.name}: {what}")

    async def _send_alone(self, request: HttpRequest) -> _Answer:
        """Send on a fresh connection: a pooled one that went stale makes a false Ambiguous."""
        if request.form is None:
            headers = {"Content-Type": "application/json"}
            data = await asyncio.to_thread(request.encode)  # frames make it long
        else:
            headers = {}
            data = aiohttp.FormData(dict(request.form), default_to_multipart=True)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=self._session.trust_env,
        ) as session:
            return await _exchange(
                session.request(
                    request.method,
                    self._base_url + request.path,
                    headers={**request.headers, **headers, **_authorization(self._key)},
                    data=data,
                    allow_redirects=False,
                    auto_decompress=False,
                    timeout=_timeout(self._create_timeout),
                )
            )

    async def _ask(self, request: HttpRequest, key: str | None) -> _Answer:
        """Send a request that may be sent again, on the shared session."""
        try:
            return await _exchange(
                self._session.request(
                    request.method,
                    self._base_url + request.path,
                    headers={**request.headers, **_authorization(key)},
                    allow_redirects=False,
                    auto_decompress=False,
                    timeout=_timeout(self._query_timeout),
                )
            )
        except _TROUBLE as error:
            raise ProviderBroken(code=type(error).__name__) from error


async def _exchange(
    request: AbstractAsyncContextManager[aiohttp.ClientResponse],
) -> _Answer:
    async with request as response:
        body = bytearray()
        async for chunk in response.content.iter_chunked(65536):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                break  # cut JSON is no JSON, so it is read as a broken body
        return _Answer(status=response.status, headers=response.headers, body=bytes(body))


def _timeout(total: timedelta) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=total.total_seconds(), sock_connect=CONNECT_TIMEOUT.total_seconds()
    )


def _authorization(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _log_answer(request: HttpRequest, answer: _Answer, secrets: tuple[str, ...]) -> None:
    text = redact(answer.body.decode("utf-8", "replace"), *secrets, length=LONGEST_LOGGED)
    _log.warning("%s %s was answered %s: %s", request.method, request.path, answer.status, text)
