"""What the A2A specification 1.0 demands of a server, requirement by requirement.

The text is docs/specification.md of github.com/a2aproject/A2A at the tag v1.0.1, which is the released 1.0 (the tag
v1.0.0 is still called a release candidate in its title, and has other HTTP statuses in 5.4). Each sentence there that
says MUST, MUST NOT or SHALL is one of these:

* `DEMANDS`: a server with the JSON-RPC and the REST binding has to do it. A test says by its mark which ones it tests.
* `ELSEWHERE`: it is said to others (clients, other bindings, the specification's authors), or to what this agent does
  not have. The reason stands beside it.

`python -m tests.conformance.a2a.requirements` prints the table with the tests.
"""

from __future__ import annotations

DEMANDS: dict[str, tuple[str, str]] = {
    # number: section, what is demanded
    "send-returns": ("3.1.1", "Send Message returns at once with a task or a message."),
    "stream-begins-with-task": ("3.1.2", "A stream of a task begins with the Task, then its updates."),
    "stream-closes-when-terminal": ("3.1.2", "A stream closes when the task reaches a terminal state."),
    "stream-progress": ("3.1.2", "Progress and intermediate results are told as they come."),
    "list-omits-artifacts": ("3.1.4", "Without includeArtifacts the field artifacts is left out entirely."),
    "list-next-token": ("3.1.4", "nextPageToken is always there, and empty on the last page."),
    "list-visible": ("3.1.4, 13.1", "Only tasks that the caller may see are listed, whatever the filters."),
    "list-cursor": ("3.1.4", "Pages are told by a cursor."),
    "list-order": ("3.1.4", "Tasks are sorted by the time of their status, the latest first."),
    "subscribe-closes": ("3.1.6", "A subscription ends when the task reaches a terminal state."),
    "subscribe-begins-with-task": ("3.1.6", "Its first event is the Task as it is at that time."),
    "subscribe-terminal": ("3.1.6", "Subscribing to a task in a terminal state is an UnsupportedOperationError."),
    "push-create": ("3.1.7", "A created configuration leads to notifications, and persists until the task is over."),
    "push-get": ("3.1.8", "A configuration is shown with its URL and settings; one that is not there is an error."),
    "push-list": ("3.1.9", "All configurations of a task are listed."),
    "push-delete": ("3.1.10", "A deleted configuration is gone for good, and deleting it again is no error."),
    "blocking": ("3.2.2", "Send Message waits for a terminal or interrupted state, and returns the latest task."),
    "non-blocking": ("3.2.2", "With returnImmediately it returns once the task is made."),
    "history-length": ("3.2.4, a2a.proto", "No more messages are returned than historyLength says."),
    "unauthenticated": ("3.3.2, 7.4", "Every request with invalid or missing credentials is rejected."),
    "unauthorized": ("3.3.2", "A caller who lacks a permission gets an authorization error."),
    "hidden": ("3.3.2, 13.1", "What a caller may not see is not revealed: it is not found."),
    "validated": ("3.3.2, 13.4, 14.1.1", "All parameters are validated before processing."),
    "not-found": ("3.3.2", "A resource that does not exist is a not found error."),
    "error-payload": ("3.3.2", "Every error has a code and a message."),
    "error-details-typed": ("3.3.2, 9.5, 11.6", "Each object among an error's details has an @type."),
    "capability-push": (
        "3.3.4",
        "Without the capability, operations about push are PushNotificationNotSupportedError.",
    ),
    "capability-streaming": ("3.3.4", "Without the capability, streams are UnsupportedOperationError."),
    "capability-extended-card": (
        "3.3.4, 13.3",
        "Without the capability, the extended card is UnsupportedOperationError.",
    ),
    "context-included": ("3.4.1", "A contextId that the agent makes is in its response."),
    "context-rejected": ("3.4.1", "A contextId that cannot be accepted is rejected, and not replaced by another."),
    "task-id-unique": ("3.4.2", "Each new task has a unique id."),
    "task-id-included": ("3.4.2", "The id is in the Task that is returned."),
    "task-id-existing": ("3.4.2", "A taskId in a message that names no task is a TaskNotFoundError."),
    "context-inferred": ("3.4.3", "With a taskId alone, the contextId is the task's."),
    "context-mismatch": ("3.4.3", "A contextId other than the task's is rejected."),
    "event-order": ("3.5.2", "Events are delivered in the order in which they were generated."),
    "event-broadcast": ("3.5.2", "Every stream of a task receives the same events in the same order."),
    "stream-independent": ("3.5.2", "Closing one stream does not affect the others."),
    "version-unsupported": ("3.6.2", "A version that is not supported is a VersionNotSupportedError."),
    "version-empty": ("3.6.2", "An empty version is 0.3."),
    "push-credentials": ("4.3.3, 13.2", "Notifications carry the credentials of their configuration."),
    "push-at-least-once": ("4.3.3", "Delivery is attempted at least once for each configuration."),
    "equivalent-operations": ("5.1", "All bindings have the same operations."),
    "equivalent-results": ("5.1", "All bindings return equivalent results for the same requests."),
    "equivalent-errors": ("5.1, 5.4", "Errors are mapped consistently, to the codes of the table in 5.4."),
    "equivalent-authentication": ("5.1", "All bindings take the authentication that the card declares."),
    "card-bindings": ("5.2, 8.3", "The card declares all bindings, each with its protocol and URL."),
    "camel-case": ("5.5", "Fields of JSON are named in camelCase."),
    "enum-names": ("5.5", "Enumerations are written by their names in the Protocol Buffers."),
    "timestamps": ("5.6.1", "Timestamps are ISO 8601 in UTC, with Z."),
    "required-fields": ("5.7", "Required fields are there; required arrays have an element."),
    "card-available": ("8.1, 14.3", "An AgentCard lies at /.well-known/agent-card.json."),
    "card-canonical": ("8.4.1", "A card is signed over its canonical JSON, without `signatures`."),
    "card-presence": ("8.4.1", "Optional fields count if they were set, even to their default."),
    "card-protected-header": ("8.4.2", "The protected header of a signature has alg and kid."),
    "rpc-form": ("9.3", "Requests and answers of JSON-RPC have the form of JSON-RPC 2.0."),
    "service-parameters": (
        "9.2, 11.2",
        "A2A-Version and A2A-Extensions are read from HTTP headers, whatever their case.",
    ),
    "rest-query": ("11.5", "Parameters of GET are query parameters, named in camelCase and URL-encoded."),
    "rest-error-info": ("11.6", "Errors of A2A have a google.rpc.ErrorInfo with reason and domain."),
    "scoped": ("13.1", "Every operation checks whether the caller may."),
    "no-secret-in-errors": ("13.4", "Credentials are secrets: no error or log has one."),
    "utf8": ("14.1.1", "JSON is UTF-8."),
    "injection": ("14.1.1", "What a user writes is never executed: as SQL, for example."),
    "ssrf": ("14.1.1", "File references are not followed to where they should not lead."),
}

ELSEWHERE: dict[str, str] = {
    "1.4, A, A.3": "said to the authors of the specification and of SDKs",
    "3.1.2 (1)": "this agent answers with tasks, never with a message alone",
    "3.1.11, 3.6.1, 3.7, 8.3.2, 8.4.3, 4.3.3 (clients), 13.2 (clients)": "said to clients",
    "3.2.6, 4, 5.4, 5.8, 12, 13.4 (custom bindings)": "said to bindings of one's own",
    "3.3.4, 13.3 (extended card)": "this agent's card declares no extended card, so there is none to protect",
    "3.3.4, 4.6.3 (required extensions)": "this agent requires no extension",
    "3.6.3": "said to SDKs",
    "7.1, 13.4 (TLS)": "said to deployments: TLS ends in front of this server",
    "7.6.1": "this agent asks for no authorization in the middle of a task",
    "10": "there is no gRPC binding here",
    "13.4, 14.1.1 (data protection law)": "nothing that a test can decide",
}
"""Where the specification says MUST and nothing is tested, and why."""


def main() -> None:
    """Print the table, with the tests of each requirement."""
    from tests.conformance.a2a import test_requirements
    from tests.conformance.a2a.marks import tests_of

    for number, (section, text) in DEMANDS.items():
        print(f"{section:18} {text}")
        for name in tests_of(test_requirements, number):
            print(f"{'':18}   {name}")
    for section, reason in ELSEWHERE.items():
        print(f"{section}: not tested, {reason}")


if __name__ == "__main__":
    main()
