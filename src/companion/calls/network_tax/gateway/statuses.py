"""gRPC's codes as HTTP statuses: the mapping that google/rpc/code.proto gives, with its note on 412."""

from __future__ import annotations

from grpc import StatusCode

HTTP = {
    StatusCode.OK: 200,
    StatusCode.CANCELLED: 499,
    StatusCode.UNKNOWN: 500,
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.DEADLINE_EXCEEDED: 504,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.ABORTED: 409,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.UNIMPLEMENTED: 501,
    StatusCode.INTERNAL: 500,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DATA_LOSS: 500,
    StatusCode.UNAUTHENTICATED: 401,
}
OURS = {
    StatusCode.UNKNOWN: "the service could not carry this out",
    StatusCode.INTERNAL: "the service could not carry this out",
    StatusCode.DATA_LOSS: "the service could not carry this out",
    StatusCode.UNAVAILABLE: "the service is not there, or not ready",
    StatusCode.DEADLINE_EXCEEDED: "the deadline came before the answer",
}
"""What we say ourselves where the details may hold what is nobody's business: a traceback, an address."""
MOST_LETTERS = 300


def status_of(code: StatusCode, conditional: bool) -> int:
    """Give the status for a code.

    FAILED_PRECONDITION is 400 there, as 412 is about the conditions in the request's own headers (RFC 9110, 15.5.13);
    to a request that had such a condition it is 412.
    """
    if code is StatusCode.FAILED_PRECONDITION and conditional:
        return 412
    return HTTP[code]


def one_line(text: str) -> str:
    """Make one line, not too long, of what somebody else wrote."""
    return " ".join(text.split())[:MOST_LETTERS]


def detail_of(code: StatusCode, details: str | None) -> str:
    """Give the sentence for the caller."""
    return OURS.get(code) or one_line(details or code.name)
