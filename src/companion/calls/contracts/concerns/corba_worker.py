"""A process with an ORB and its interceptors: a server, or a client that sends a token in a service context.

python -m companion.calls.contracts.concerns.corba_worker serve|call [REFERENCE]

Interceptors belong to the whole process and are registered before the ORB starts, so server and client have one each.
"""

from __future__ import annotations

import sys
from typing import Any

from companion.calls.coordination.naming.children import questions, say

IDL = "module Bank { interface Accounts { long balance(in string user); }; };"
CONTEXT = 0x434D5001
"""The number of the service context that carries the token; one chosen for this page."""
TOKEN = "t-ada"


def main(role: str, reference: str = "") -> None:
    """Serve or call, until standard input ends."""
    import omniORB  # type: ignore[import-untyped]
    from omniORB import CORBA, interceptors

    noted: list[str] = []
    token = [TOKEN]

    def on_send(operation: str, contexts: list[tuple[int, bytes]]) -> None:
        noted.append("client")
        if token[0]:
            contexts.append((CONTEXT, omniORB.cdrMarshal(CORBA.TC_string, token[0])))

    def on_receive(operation: str, contexts: tuple[tuple[int, bytes], ...]) -> None:
        noted.append("server")
        held = [omniORB.cdrUnmarshal(CORBA.TC_string, data) for number, data in contexts if number == CONTEXT]
        if held != [TOKEN]:
            raise CORBA.NO_PERMISSION(0, CORBA.COMPLETED_NO)

    interceptors.addClientSendRequest(on_send)
    interceptors.addServerReceiveRequest(on_receive)
    omniORB.importIDLString(IDL)
    orb = CORBA.ORB_init(["worker", "-ORBendPoint", "giop:tcp:127.0.0.1:"], CORBA.ORB_ID)
    omniORB.setClientCallTimeout(30_000)
    target = _serve(orb) if role == "serve" else orb.string_to_object(reference)
    say(reference=orb.object_to_string(target))
    for question in questions():
        answer = ""
        if question["call"]:
            token[0] = question["token"]
            try:
                answer = str(target.balance("ada"))
            except CORBA.SystemException as error:
                answer = f"{type(error).__name__}, {error.completed}"
        told = list(noted)
        noted.clear()  # before we answer: after that the next call may come
        say(answer=answer, noted=told)
    orb.destroy()


def _serve(orb: Any) -> Any:
    import Bank__POA  # type: ignore[import-not-found]

    class Accounts(Bank__POA.Accounts):  # type: ignore[misc]
        def balance(self, user: str) -> int:
            return 100 if user == "ada" else 0

    poa = orb.resolve_initial_references("RootPOA")
    accounts = Accounts()
    poa.activate_object(accounts)
    poa._get_the_POAManager().activate()
    return accounts._this()


if __name__ == "__main__":
    main(*sys.argv[1:])
