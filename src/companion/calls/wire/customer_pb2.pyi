# What the generated customer_pb2.py offers, for type checkers. By hand: what protoc writes fails a strict check.
from collections.abc import Iterable, MutableSequence

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

DESCRIPTOR: FileDescriptor

class Customer(Message):
    id: int
    name: str
    balance: float
    def __init__(self, *, id: int = ..., name: str = ..., balance: float = ...) -> None: ...

class AddCustomerRequest(Message):
    customer: Customer
    def __init__(self, *, customer: Customer | None = ...) -> None: ...

class AddCustomerResponse(Message): ...

class GetCustomerRequest(Message):
    id: int
    def __init__(self, *, id: int = ...) -> None: ...

class GetCustomerResponse(Message):
    customer: Customer
    def __init__(self, *, customer: Customer | None = ...) -> None: ...

class ListCustomersRequest(Message): ...

class ListCustomersResponse(Message):
    @property
    def customers(self) -> MutableSequence[Customer]: ...
    def __init__(self, *, customers: Iterable[Customer] = ...) -> None: ...
