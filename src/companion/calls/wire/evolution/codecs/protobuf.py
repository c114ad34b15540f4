"""Protocol Buffers (proto3), by descriptors that are built at run time: a tag and a wire type before each value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from companion.calls.wire.evolution.changes import Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused


@cache
def _message(schema: Schema) -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="customer.proto", syntax="proto3")
    customer = file.message_type.add(name="Customer")
    for field in schema:
        kind = getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{field.kind.upper()}")
        customer.field.add(name=field.name, number=field.tag, type=kind, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Customer"))


def exchange(writer: Schema, reader: Schema, records: Sequence[Record]) -> list[Received]:
    """Encode by one schema, decode by the other."""
    received: list[Received] = []
    for record in records:
        try:
            got = _message(reader).FromString(_message(writer)(**record).SerializeToString())
            received.append({field.name: getattr(got, field.name) for field in reader})
        except message.DecodeError as error:
            received.append(Refused(str(error)))
    return received
