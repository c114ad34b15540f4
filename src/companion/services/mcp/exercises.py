"""What the exercises of chapter 8 are checked by: a server that keeps to a script, and what an attacker would try."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
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
    empty : bool
        Whether the person says yes, and nothing more.
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
    empty: bool = False
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    ids: set[Any] = field(default_factory=set)
    turn: int = 0

    @classmethod
    def plain(cls, text: str) -> Script:
        """Answer at once."""
        return cls({"result": {"resultType": "complete", "content": [{"type": "text", "text": text}]}})

    @classmethod
    def pictured(cls, *texts: str) -> Script:
        """Answer at once, with a picture between texts, and no type of result."""
        content: list[Message] = [{"type": "text", "text": text} for text in texts]
        content.insert(1, {"type": "image", "data": ""})
        return cls({"result": {"content": content}})

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
    def asking(
        cls, rounds: int, *, keys: int = 1, state: bool = True, declined: bool = False, empty: bool = False
    ) -> Script:
        """Ask so many times, and then be done."""
        return cls(cls.plain("done").end, rounds, keys, state, declined, empty)

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
        return None if self.declined else self._content(message)

    def _content(self, message: str) -> Message:
        return {} if self.empty else {"word": message}

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
                key: no if self.declined else yes | {"content": self._content(question["params"]["message"])}
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


def outcome(ask: Ask, script: Script, rounds: int) -> str:
    """Say what a client makes of a script: its answer, or what it raised; it may ask its person in so many rounds."""
    told = tried(ask, script.send, TOOL, dict(ARGUMENTS), script.person)
    asked, due = len(script.asked), min(script.rounds, rounds) * script.keys
    if asked != due:
        script.faults.append(f"the person was asked {asked} times, not {due}")
    return "TimeoutError" if str(told).startswith("TimeoutError: ") else str(told)


def tried(answer: Callable[..., Any], *given: Any) -> Any:
    """Give what an answer gives, or the name and the words of what it raises: then a check can say for what."""
    try:
        return answer(*given)
    except Exception as error:  # noqa: BLE001 - whatever an answer raises is its outcome
        name = type(error).__name__
        return f"{name}: {str(error).removeprefix(f'{name}: ')}"  # from a grader's sandbox it comes with its name


def some_arguments(rng: random.Random) -> tuple[Message, Message, list[str]]:
    """Give a schema, arguments, and the names that the schema does not know, in order."""
    names = rng.sample("abcdefgh", 5)
    schema: Message = {"properties": {names[0]: {"properties": {names[1]: {}}}, names[2]: {}}}
    given = {name: dict.fromkeys(rng.sample(names, 2), 1) for name in names[:4]}
    inside = [f"{names[0]}.{key}" for key in given[names[0]] if key != names[1]]
    return schema, given, sorted([names[1], names[3], *inside])


def some_stream(rng: random.Random) -> tuple[list[bytes], list[Message]]:
    """Give a stream of events, cut into pieces, and the messages in it."""
    sent: list[Message] = []
    stream, end = b"", rng.choice([b"\n", b"\r\n"])
    for number in range(rng.randrange(1, 5)):
        sent.append({"id": number, "text": rng.choice(["ü", "data:", "a\nb"]) * 3})
        lines = json.dumps(sent[-1], indent=rng.choice([None, 1])).encode().split(b"\n")
        stream += rng.choice([b"", b": ping" + 2 * end, b"event: message" + end])
        stream += b"".join(b"data:" + rng.choice([b" ", b""]) + line + end for line in lines) + end
    cuts = sorted(rng.sample(range(len(stream)), 5))
    return [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, None], strict=True)], sent


def odd_streams() -> Iterator[tuple[str, bytes, list[Message]]]:
    """Give what is easily misread: what about it, a stream, and the messages in it."""
    yield "a text inside a message is no line of the stream", b'data: {"a": "x\\ndata: y"}\n\n', [{"a": "x\ndata: y"}]
    other = 'data: {"a": "x\u2028y"}\n\n'.encode()
    yield "U+2028 may stand in JSON as it is, and ends no line of a stream", other, [{"a": "x\u2028y"}]
    yield "a line that begins with data is none without its colon", b"database: 2\ndata: {}\n\n", [{}]
    yield "a comment is no data, whatever it says", b": data: 1\ndata: {}\n\n", [{}]
    for end in (b"", b"\n"):
        cut_off = "an event that no empty line ends does not count, though its JSON is whole"
        yield cut_off, b'data: {}\n\ndata: {"id": 1}' + end, [{}]


_ODD_SCHEMAS: list[tuple[str, Message, Message]] = [
    ("a list has an order", {"enum": [1, 2]}, {"enum": [2, 1]}),
    (
        "an argument that is called _meta is shown",
        {"properties": {"_meta": {"title": "A"}}},
        {"properties": {"_meta": {"title": "B"}}},
    ),
]


def odd_changes(tool: Message) -> Iterator[tuple[str, Message, Message]]:
    """Give what is easily taken for no change: why it is one, a tool, and the same tool later."""
    for why, old, new in _ODD_SCHEMAS:
        yield why, tool | {"inputSchema": old}, tool | {"inputSchema": new}


KEY, OTHER_KEY = b"k" * 32, b"o" * 32
Seal = Callable[[bytes, str, str, int], str]
Accept = Callable[[bytes, str, str, str, int, set[Any]], bool]


def faults_of_a_seal(
    seal: Seal, accept: Accept, lifetime: int, rng: random.Random, user: str, action: str
) -> Iterator[str]:
    """Try what an attacker would, and what a user does; say what went wrong."""
    used: set[Any] = set()
    now = rng.randrange(10**9)
    text = seal(KEY, user, action, now)
    if not isinstance(text, str):
        yield "a seal is a text"
        return
    moved = user + action[:1], action[1:]
    for why, given in {
        "another secret": (OTHER_KEY, text, user, action, now),
        "another user": (KEY, text, user + "x", action, now),
        "another action": (KEY, text, user, action + "x", now),
        "moved from user to action": (KEY, text, *moved, now),
        "too late": (KEY, text, user, action, now + lifetime + 1),
        "from the future": (KEY, text, user, action, now - 1),
        "cut off": (KEY, text[: rng.randrange(len(text))], user, action, now),
        "no seal at all": (KEY, rng.choice(["", "é", "[1]", "{}"]), user, action, now),
    }.items():
        if (told := verdict(accept, *given, used)) != "refused":
            yield f"{why}: it was {told}"
    end = now + lifetime
    if (told := verdict(accept, KEY, text, user, action, end, set())) != "accepted":
        yield f"{lifetime} seconds later it holds, but was {told}"
    if (told := verdict(accept, KEY, text, user, action, end, used)) != "accepted":
        yield f"a refusal uses up nothing, but then it was {told}"
    for again in (text, text.upper(), text.lower(), f"{text} ", f"{text}="):
        told = verdict(accept, KEY, again, user, action, end, used)
        if told == "accepted":
            yield f"it was accepted twice; the second time: {again!r}"
        elif told != "refused":
            yield f"{again!r} was {told}"
    first, second = seal(KEY, user, action, now), seal(KEY, user, action, now)
    if first == second:
        yield "two questions in the same second got the same seal"
    held = [verdict(accept, KEY, each, user, action, now, used) for each in (first, second)]
    if held != ["accepted"] * 2:
        yield f"each of two seals holds once, and was {held}"


def faults_of_separators(seal: Seal, accept: Accept) -> Iterator[str]:
    """Say where a user and an action can be read out of a seal in two ways."""
    for mark in "|:;,./-_ \n\t\0":
        text = seal(KEY, "a", f"b{mark}c", 1)
        if (told := verdict(accept, KEY, text, f"a{mark}b", "c", 1, set())) != "refused":
            yield f"moved from action to user, by {mark!r}: {told}"


def verdict(accept: Accept, *given: Any) -> str:
    """Say what an answer makes of a seal."""
    try:
        told = accept(*given)
    except Exception as error:  # noqa: BLE001 - whatever an answer raises is its verdict
        return f"answered by {type(error).__name__}"
    return {"True": "accepted", "False": "refused"}.get(str(told), repr(told))


def carried_states(ask: Ask) -> list[Any]:
    """Play a server that gives a state in its first round and none in its second; give what came with each request."""
    more: Message = {"resultType": "input_required", "inputRequests": {"key": {"params": {"message": "sure?"}}}}
    results = [more | {"requestState": "first"}, more, {"content": []}]
    sent: list[Any] = []

    def send(message: Message) -> Message:
        sent.append(message["params"].get("requestState"))
        return {"result": results[len(sent) - 1]}

    told = tried(ask, send, TOOL, {}, lambda message: {})
    return sent if told == "" else [*sent, told]
