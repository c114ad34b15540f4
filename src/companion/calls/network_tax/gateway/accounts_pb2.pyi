# What the generated accounts_pb2.py offers, for type checkers. By hand: what protoc writes fails a strict check.
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

DESCRIPTOR: FileDescriptor
CURRENT: int
SAVINGS: int

class Account(Message):
    id: int
    owner: str
    balance: int
    frozen: bool
    kind: int
    note: str
    def __init__(
        self,
        *,
        id: int = ...,
        owner: str = ...,
        balance: int = ...,
        frozen: bool = ...,
        kind: int = ...,
        note: str | None = ...,
    ) -> None: ...

class GetAccountRequest(Message):
    id: int
    def __init__(self, *, id: int = ...) -> None: ...

class ListEntriesRequest(Message):
    id: int
    def __init__(self, *, id: int = ...) -> None: ...

class Entry(Message):
    number: int
    amount: int
    def __init__(self, *, number: int = ..., amount: int = ...) -> None: ...

class Problem(Message):
    field: str
    reason: str
    def __init__(self, *, field: str = ..., reason: str = ...) -> None: ...
