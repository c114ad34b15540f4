"""A server that keeps to a script, for the exercise on clients: it asks its questions and checks what it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Ask = Callable[[Callable[[Message], Message], str, Message, Callable[[str], Message | None]], str]

TOOL, ARGUMENTS = "delete", {"title": "Draft"}


@dataclass
class Script:
    """What the server does.

    Attributes
    ----------
    rounds : int
        How often it asks before it answers.
    keys : int
        How many questions it has each time.
    state : bool
        Whether it gives the client something to carry.
    declined : bool
        Whether the person says no.
    end : dict
        Its last answer, without the id.
    faults : list of str
        What was wrong with what it was sent.
    """

    end: Message
    rounds: int = 0
    keys: int = 1
    state: bool = True
    declined: bool = False
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    ids: set[Any] = field(default_factory=set)
    turn: int = 0

    @classmethod
    def plain(cls, text: str) -> Script:
        """Answer at once."""
        return cls({"result": {"resultType": "complete", "content": [{"type": "text", "text": text}]}})

    @classmethod
    def failing(cls, text: str) -> Script:
        """Fail, as a tool does."""
        made = cls.plain(text)
        made.end["result"]["isError"] = True
        return made

    @classmethod
    def broken(cls, text: str) -> Script:
        """Answer with a JSON-RPC error."""
        return cls({"error": {"code": -32602, "message": text}})

    @classmethod
    def asking(cls, rounds: int, *, keys: int = 1, state: bool = True, declined: bool = False) -> Script:
        """Ask so many times, and then be done."""
        return cls(cls.plain("done").end, rounds, keys, state, declined)

    def send(self, message: Message) -> Message:
        """Take a request, and answer it."""
        self._look(message)
        answered = {"jsonrpc": "2.0", "id": message.get("id")}
        if self.turn == self.rounds:
            return answered | self.end
        self.turn += 1
        result: Message = {"resultType": "input_required", "inputRequests": self._questions(self.turn)}
        if self.state:
            result["requestState"] = f"state {self.turn}"
        return answered | {"result": result}

    def person(self, message: str) -> Message | None:
        """Answer a question, with its own words in it, so that no answer can stand for another."""
        self.asked.append(message)
        return None if self.declined else {"word": message}

    def _questions(self, turn: int) -> Message:
        return {
            f"key {turn}.{number}": {
                "method": "elicitation/create",
                "params": {"mode": "form", "message": f"question {turn}.{number}"},
            }
            for number in range(self.keys)
        }

    def _look(self, message: Message) -> None:
        params = message.get("params", {})
        want: Message = {"name": TOOL, "arguments": ARGUMENTS}
        if self.turn:
            no, yes = {"action": "decline"}, {"action": "accept"}
            want["inputResponses"] = {
                key: no if self.declined else yes | {"content": {"word": question["params"]["message"]}}
                for key, question in self._questions(self.turn).items()
            }
            if self.state:
                want["requestState"] = f"state {self.turn}"
        if message.get("jsonrpc") != "2.0" or message.get("method") != "tools/call":
            self.faults.append(f"{message} is no call of a tool in JSON-RPC 2.0")
        if params != want:
            self.faults.append(f"in turn {self.turn} the params are {params}, and should be {want}")
        if message.get("id") is None or message["id"] in self.ids:
            self.faults.append(f"the id {message.get('id')!r} is none, or was used before")
        self.ids.add(message.get("id"))


def outcome(ask: Ask, script: Script) -> str:
    """Say what a client makes of a script: its answer, or what it raised."""
    try:
        return ask(script.send, TOOL, dict(ARGUMENTS), script.person)
    except TimeoutError:
        return "TimeoutError"
    except Exception as error:  # noqa: BLE001 - whatever an answer raises is its outcome
        return f"{type(error).__name__}: {error}"
