"""The operations of the protocol, on the task store.

The SDK's `RequestHandler` is the list of what a server must be able to do, and its routes translate JSON-RPC and REST
into calls of these methods; so whatever speaks to the SDK's routes can be answered from here. What the SDK's own
handler keeps in memory (the running agent, a queue for each subscriber) has no place in this one: a request reads and
writes rows, and another server could have served it.

Nothing that goes wrong in here is told to the caller in its own words. An exception may quote a password or a query; it
goes to the log under a number, and the number goes to the caller.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import anyio.to_thread
import psycopg
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event as ProtocolEvent
from a2a.server.request_handlers.request_handler import RequestHandler, validate_request_params
from a2a.types import a2a_pb2 as pb
from a2a.utils.errors import (
    A2AError,
    ContentTypeNotSupportedError,
    InternalError,
    InvalidParamsError,
    PushNotificationNotSupportedError,
    TaskNotCancelableError,
    TaskNotFoundError,
    UnsupportedOperationError,
)
from a2a.utils.input_mode_validator import validate_input_modes
from a2a.utils.proto_utils import validate_proto_required_fields
from google.protobuf.json_format import MessageToDict, SerializeToJsonError
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.errors import IllegalMove, MessageRefused, TargetRefused, UnknownTask
from companion.services.a2a.server import listing, pushes
from companion.services.a2a.server.tails import Tails
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.states import FINAL, WAITING, State
from companion.services.a2a.tasks.view import SEQ, response_of, task_of
from companion.services.database import Pool, as_tenant
from companion.services.tenancy.tokens import Claims

LOOK_SECONDS = 1.0
"""How often who waits for a task looks at it, when no bell rings."""
BATCH = 100
"""Events that a stream reads at once, at most."""
LONGEST_NAME = 200
"""Characters of a number that a caller gives."""

Result = TypeVar("Result")
Stream = AsyncGenerator[tuple[int, dict[str, Any]]]
"""Events, each with its number, as a StreamResponse in the protocol's JSON."""

log = logging.getLogger(__name__)


def as_told(error: Exception) -> A2AError:
    """Give the error that the caller is told of."""
    if isinstance(error, A2AError):
        return error
    if isinstance(error, UnknownTask):
        return TaskNotFoundError()
    if isinstance(error, IllegalMove):
        return TaskNotCancelableError(str(error))
    if isinstance(error, MessageRefused):
        return UnsupportedOperationError(str(error))
    if isinstance(error, TargetRefused):
        return InvalidParamsError(str(error))
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return UnsupportedOperationError("the token's tenant is not known here")
    if isinstance(error, psycopg.DataError | SerializeToJsonError):
        return InvalidParamsError("there is a character that no text has, or a number that JSON has not")
    incident = uuid.uuid4().hex[:8]
    log.error("incident %s", incident, exc_info=error)
    return InternalError(f"Internal error. Incident {incident}.")


@contextlib.contextmanager
def masked() -> Iterator[None]:
    """Turn what goes wrong into errors of the protocol, and what nobody foresaw into one that tells nothing."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the log has it, and the caller a number
        raise as_told(error) from None


def caller(context: ServerCallContext) -> Claims:
    """Say who calls; the guard has put it there.

    Raises
    ------
    InvalidParamsError
        If the request names a tenant: whose rows are seen is the token's to say, and the card's interfaces name none.
    """
    if context.tenant:
        raise InvalidParamsError("tenant: the interfaces of this agent's card name none")
    claims = context.state["claims"]
    assert isinstance(claims, Claims)
    return claims


@dataclass(frozen=True)
class Operations(RequestHandler):
    """The protocol's operations.

    Attributes
    ----------
    pool : Pool
        Of the service's role.
    tails : Tails
        Of the tasks that somebody follows.
    card : AgentCard
        What the agent says of itself.
    targets : Targets
        Where notifications may be sent.
    """

    pool: Pool
    tails: Tails
    card: pb.AgentCard
    targets: pushes.Targets

    # What a caller asks for

    @validate_request_params
    async def on_message_send(self, params: pb.SendMessageRequest, context: ServerCallContext) -> pb.Task:
        """Make or continue a task, and wait until it is over or waits for its caller, unless told not to."""
        history = _history(params.configuration)
        task = await self._accept(params, context)
        if not params.configuration.return_immediately:
            await self._settled(caller(context), task)
        return await self._task(caller(context), task, history)

    async def on_message_send_stream(
        self, params: pb.SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[ProtocolEvent]:
        """Refuse: `streams` answers before the SDK is asked, but where the path names a tenant."""
        raise UnsupportedOperationError("there is no stream under this path")
        yield

    async def on_subscribe_to_task(
        self, params: pb.SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[ProtocolEvent]:
        """Refuse, likewise."""
        raise UnsupportedOperationError("there is no stream under this path")
        yield

    @validate_request_params
    async def on_get_task(self, params: pb.GetTaskRequest, context: ServerCallContext) -> pb.Task:
        """Show a task."""
        return await self._task(caller(context), _number(params.id), _history(params))

    @validate_request_params
    async def on_list_tasks(self, params: pb.ListTasksRequest, context: ServerCallContext) -> pb.ListTasksResponse:
        """List the caller's tasks, the latest first."""
        claims = caller(context)
        history = _history(params)
        return await self._do(claims, lambda connection: listing.list_tasks(connection, claims.user, params, history))

    @validate_request_params
    async def on_cancel_task(self, params: pb.CancelTaskRequest, context: ServerCallContext) -> pb.Task:
        """Cancel a task, whichever server works on it."""
        claims, task = caller(context), _number(params.id)
        await self._do(claims, lambda connection: store.cancel(connection, claims.user, task))
        return await self._task(claims, task)

    @validate_request_params
    async def on_create_task_push_notification_config(
        self, params: pb.TaskPushNotificationConfig, context: ServerCallContext
    ) -> pb.TaskPushNotificationConfig:
        """Have somebody told of a task's events."""
        await self._check_push(params)
        return await self._about(
            context, params.task_id, lambda connection, task: pushes.save(connection, task, params)
        )

    @validate_request_params
    async def on_get_task_push_notification_config(
        self, params: pb.GetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> pb.TaskPushNotificationConfig:
        """Show who is told of a task's events, one of them."""
        found = await self._about(context, params.task_id, pushes.saved)
        for config in found:
            if config.id == params.id:
                return config
        raise TaskNotFoundError("there is no such configuration")

    @validate_request_params
    async def on_list_task_push_notification_configs(
        self, params: pb.ListTaskPushNotificationConfigsRequest, context: ServerCallContext
    ) -> pb.ListTaskPushNotificationConfigsResponse:
        """Show who is told of a task's events."""
        found = await self._about(context, params.task_id, pushes.saved)
        return pb.ListTaskPushNotificationConfigsResponse(configs=found)

    @validate_request_params
    async def on_delete_task_push_notification_config(
        self, params: pb.DeleteTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> None:
        """Have somebody told no more."""
        await self._about(context, params.task_id, lambda connection, task: pushes.forget(connection, task, params.id))

    async def on_get_extended_agent_card(
        self, params: pb.GetExtendedAgentCardRequest, context: ServerCallContext
    ) -> pb.AgentCard:
        """Refuse: the card has nothing that is not public."""
        raise UnsupportedOperationError("this agent has no extended card")

    # What the streams of this server need besides

    async def stream(
        self, params: pb.SendMessageRequest | pb.SubscribeToTaskRequest, context: ServerCallContext, last: int | None
    ) -> Stream | None:
        """Begin a stream: of a task that a message makes or continues, or of one that there is.

        Parameters
        ----------
        params : SendMessageRequest or SubscribeToTaskRequest
            What is asked for.
        context : ServerCallContext
            Who asks.
        last : int, optional
            The number of the last event that a subscriber has.

        Returns
        -------
        async generator, optional
            As `follow` gives; None if a subscriber has heard all that there will be.
        """
        if not self.card.capabilities.streaming:
            raise UnsupportedOperationError("this agent does not stream")
        validate_proto_required_fields(params)
        claims = caller(context)
        if isinstance(params, pb.SendMessageRequest):
            return self.follow(claims, await self._accept(params, context))
        task = _number(params.id)
        row = await self._row(claims, task)
        if last is None and row.state in FINAL:
            raise UnsupportedOperationError(f"the task is {row.state}: nothing more will happen to it")
        return None if last is not None and row.state in FINAL and row.seq <= last else self.follow(claims, task, last)

    async def _accept(self, params: pb.SendMessageRequest, context: ServerCallContext) -> UUID:
        """Write down a message; say which task it has made, or goes to."""
        claims, config = caller(context), params.configuration.task_push_notification_config
        _check(params.message)
        validate_input_modes(params.message, self.card)
        if params.configuration.HasField("task_push_notification_config"):
            await self._check_push(config)
        return await self._do(claims, lambda connection: _accept(connection, claims.user, params.message, config))

    async def _check_push(self, config: pb.TaskPushNotificationConfig) -> None:
        if not self.card.capabilities.push_notifications:
            raise PushNotificationNotSupportedError
        with masked():
            pushes.check_words(config)
            await anyio.to_thread.run_sync(self.targets.check, config.url)

    async def follow(self, claims: Claims, task: UUID, after: int | None = None) -> Stream:
        """Tell what happens to a task, each event with its number, until it is over or it is the caller's turn.

        Parameters
        ----------
        claims : Claims
            Who asks.
        task : UUID
            Which task.
        after : int, optional
            The number of the last event that the caller has. Without it, the first thing told is the task as it is.

        Yields
        ------
        tuple of int and dict
            The event's number, and a StreamResponse as the protocol's JSON has it. They are read from the log as fast
            as the caller takes them; nothing waits in memory for a caller who is slow.
        """
        with self.tails.watching(task) as tail:
            if after is None:
                shown = await self._task(claims, task)
                after = int(str(shown.metadata[SEQ]))
                yield after, {"task": MessageToDict(shown)}
            ended = False
            while True:
                since, news = tail.rings, functools.partial(self._do, claims, _news(claims.user, task, after))
                row, events = await tail.read((claims.tenant, claims.user, after), news)
                for event in events:
                    after = event.seq
                    ended = event.data.get("status", {}).get("state") == State.INPUT_REQUIRED
                    if (response := response_of(row, event)) is not None:
                        yield after, response
                if after >= row.seq and (ended or row.state in FINAL):
                    return
                if not events:
                    await tail.grown(since, LOOK_SECONDS)

    async def _task(self, claims: Claims, task: UUID, history: int | None = None) -> pb.Task:
        def read(connection: Connection[TupleRow]) -> pb.Task:
            row = store.get(connection, claims.user, task)
            return task_of(row, store.events_after(connection, task, 0), history)

        return await self._do(claims, read)

    async def _row(self, claims: Claims, task: UUID) -> store.Row:
        return await self._do(claims, lambda connection: store.get(connection, claims.user, task))

    async def _settled(self, claims: Claims, task: UUID) -> None:
        with self.tails.watching(task) as tail:
            while True:
                since = tail.rings
                if (await self._row(claims, task)).state in FINAL | WAITING:
                    return
                await tail.grown(since, LOOK_SECONDS)

    async def _about(
        self, context: ServerCallContext, number: str, act: Callable[[Connection[TupleRow], UUID], Result]
    ) -> Result:
        """Do something about who is told of a task that the caller has."""
        if not self.card.capabilities.push_notifications:
            raise PushNotificationNotSupportedError
        claims, task = caller(context), _number(number)

        def checked(connection: Connection[TupleRow]) -> Result:
            store.get(connection, claims.user, task)
            return act(connection, task)

        return await self._do(claims, checked)

    async def _do(self, claims: Claims, act: Callable[[Connection[TupleRow]], Result]) -> Result:
        """Do something on a connection of the caller's tenant, in a thread, and mask what goes wrong."""

        def on_connection() -> Result:
            with self.pool.connection() as connection, as_tenant(connection, claims.tenant):
                return act(connection)

        with masked():
            return await anyio.to_thread.run_sync(on_connection)


def _accept(
    connection: Connection[TupleRow], user: str, message: pb.Message, config: pb.TaskPushNotificationConfig
) -> UUID:
    said = MessageToDict(message)
    if message.task_id:
        task = _number(message.task_id)
        row = store.get(connection, user, task)
        if message.context_id and message.context_id != row.context:
            raise InvalidParamsError("message.contextId: the task has another")
        store.answer(connection, user, task, said | {"contextId": row.context})
    else:
        task, new = store.create(connection, user, said, message.context_id or str(uuid.uuid4()))
        if not new:
            return task
    if config.url:
        pushes.save(connection, task, config)
    return task


def _news(user: str, task: UUID, after: int) -> Callable[[Connection[TupleRow]], tuple[store.Row, list[store.Event]]]:
    def read(connection: Connection[TupleRow]) -> tuple[store.Row, list[store.Event]]:
        return store.get(connection, user, task), store.events_after(connection, task, after, BATCH)

    return read


def _check(message: pb.Message) -> None:
    if message.role != pb.Role.ROLE_USER:
        raise InvalidParamsError("message.role: a caller's is ROLE_USER")
    if max(len(message.message_id), len(message.context_id)) > LONGEST_NAME:
        raise InvalidParamsError(f"message: its numbers have at most {LONGEST_NAME} characters")
    for part in message.parts:
        if part.WhichOneof("content") not in ("text", "data"):
            raise ContentTypeNotSupportedError("message.parts: this agent takes text and data")


def _number(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise TaskNotFoundError from None


def _history(params: pb.SendMessageConfiguration | pb.GetTaskRequest | pb.ListTasksRequest) -> int | None:
    if not params.HasField("history_length"):
        return None
    if params.history_length < 0:
        raise InvalidParamsError("historyLength: not below 0")
    return params.history_length
