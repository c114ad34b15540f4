"""Chapter 8: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

UNKNOWN = """\
def unknown(schema, arguments):
    if "properties" not in schema:
        return []
    found = []
    for name, value in arguments.items():
        inner = schema["properties"].get(name)
        if inner is None:
            found.append(name)
        elif isinstance(value, dict):
            found += [f"{name}.{deeper}" for deeper in unknown(inner, value)]
    return sorted(found)
"""

STREAM = """\
def messages(pieces):
    import json

    text = b"".join(pieces).decode().replace("\\r\\n", "\\n")
    *whole, _ = text.split("\\n\\n")
    found = []
    for event in whole:
        data = [line[5:] for line in event.split("\\n") if line.startswith("data:")]
        if data:
            found.append(json.loads("\\n".join(data)))
    return found
"""

PINS = """\
def changes(yesterday, today):
    import json

    def shown(tools):
        return {t["name"]: json.dumps({k: v for k, v in t.items() if k != "_meta"}, sort_keys=True) for t in tools}

    old, new = shown(yesterday), shown(today)
    said = dict.fromkeys(old.keys() - new.keys(), "gone")
    said |= dict.fromkeys(new.keys() - old.keys(), "new")
    return said | {name: "changed" for name in old.keys() & new.keys() if old[name] != new[name]}
"""

SEAL = """\
import hmac
import json
import secrets
from hashlib import sha256


def seal(secret, user, action, now):
    said = json.dumps([user, action, now, secrets.token_hex(16)])
    return hmac.new(secret, said.encode(), sha256).hexdigest() + said


def accept(secret, sealed, user, action, now, used):
    signature, said = sealed[:64].encode(errors="replace"), sealed[64:]
    due = hmac.new(secret, said.encode(errors="replace"), sha256).hexdigest()
    if not hmac.compare_digest(signature, due.encode()):
        return False
    who, what, when, nonce = json.loads(said)
    if (who, what) != (user, action) or not 0 <= now - when <= lifetime:
        return False
    fresh = nonce not in used
    used.add(nonce)
    return fresh
"""

CLIENT = """\
def ask(send, tool, arguments, person):
    more, call = {}, {"jsonrpc": "2.0", "method": "tools/call"}
    for number in range(rounds + 1):
        params = {"name": tool, "arguments": arguments} | more
        answer = send(call | {"id": number, "params": params})
        if "error" in answer:
            raise ConnectionError(answer["error"]["message"])
        result = answer["result"]
        if result.get("resultType") != "input_required":
            text = " ".join(part["text"] for part in result["content"] if part["type"] == "text")
            if result.get("isError"):
                raise ToolFailed(text)
            return text
        if number == rounds:
            break
        more = {"inputResponses": {}}
        for key, question in result["inputRequests"].items():
            content = person(question["params"]["message"])
            said = {"action": "decline"} if content is None else {"action": "accept", "content": content}
            more["inputResponses"][key] = said
        if "requestState" in result:
            more["requestState"] = result["requestState"]
    raise TimeoutError(f"{rounds} rounds of questions, and no end")
"""
STATE = '        if "requestState" in result:\n            more["requestState"] = result["requestState"]\n'
FAILED = '            if result.get("isError"):\n                raise ToolFailed(text)\n'
BROKEN = '        if "error" in answer:\n            raise ConnectionError(answer["error"]["message"])\n'


def changed(answer: str, *edits: tuple[str, str]) -> str:
    """Give a right answer with something wrong in it."""
    for right, wrong in edits:
        assert answer.count(right) == 1, right
        answer = answer.replace(right, wrong)
    return answer


WRONG: dict[str, list[tuple[str, str]]] = {
    "unknown": [
        ("def unknown(schema, arguments): return sorted(arguments.keys() - schema['properties'].keys())",
         "one is nowhere, one is inside place"),
        (changed(UNKNOWN, ("sorted(found)", "found")), "are unknown, and you give ['tenant', 'place.planet']"),
        (changed(UNKNOWN, ('f"{name}.{deeper}"', "deeper")), "are unknown, and you give ['planet', 'tenant']"),
        (changed(UNKNOWN, ("elif isinstance(value, dict):", "if isinstance(value, dict):"),
                 ("unknown(inner, value)", "unknown(inner or {'properties': {}}, value)")), "sorted, and named once"),
        (changed(UNKNOWN, ('    if "properties" not in schema:\n        return []\n', ""),
                 ('schema["properties"].get', 'schema.get("properties", {}).get')),
         "options says nothing of properties"),
        (changed(UNKNOWN, ("elif isinstance(value, dict):", "else:")), "only names are in question"),
        (changed(UNKNOWN, ("for deeper in unknown(inner, value)",
                           "for deeper in value if deeper not in inner.get('properties', value)")),
         "an object in an object in one"),
        (changed(UNKNOWN, ("if inner is None", "if not inner")), "any may be anything"),
        (changed(UNKNOWN, ("sorted(found)", "set(found)")), "and you give {"),
    ],
    "stream": [
        (changed(STREAM, ('b"".join(pieces).decode()', '"".join(piece.decode() for piece in pieces)')),
         "byte by byte: UnicodeDecodeError"),
        (changed(STREAM, ('event.split("\\n")', "event.splitlines()")), "U+2028 may stand in JSON"),
        (changed(STREAM, ('found.append(json.loads("\\n".join(data)))', "found += map(json.loads, data)")),
         "in one piece: JSONDecodeError"),
        (changed(STREAM, ("*whole, _ =", "whole =")), "in one piece: JSONDecodeError"),
        (changed(STREAM, ("        if data:\n            found", "        found")), "in one piece: JSONDecodeError"),
        (changed(STREAM, ('.replace("\\r\\n", "\\n")', "")), "\\r\\n"),
        (changed(STREAM, ('b"".join(pieces).decode().replace("\\r\\n", "\\n")',
                          'b"".join(piece.replace(b"\\r\\n", b"\\n") for piece in pieces).decode()')), "\\r"),
        (changed(STREAM, ('line.startswith("data:")', 'line.startswith("data")')),
         "a line that begins with data is none without its colon"),
        (changed(STREAM, ("[line[5:] for", '[line.partition("data:")[2] for'),
                 ('line.startswith("data:")', '"data:" in line')), "a comment is no data"),
        (changed(STREAM, ("return found", "return found[-1:]")), "in one piece"),
        (changed(STREAM, ("*whole, _ =", "whole ="), ("    import json\n", "    import contextlib, json\n"),
                 ("            found.append", "            with contextlib.suppress(ValueError): found.append")),
         "an event that no empty line ends does not count"),
        (changed(STREAM, ("*whole, _ =", "whole ="),
                 ("    found = []", "    whole[-1] = whole[-1].rpartition('\\n')[0]\n    found = []")),
         "an event that no empty line ends does not count"),
    ],
    "pins": [
        (changed(PINS, ('json.dumps({k: v for k, v in t.items() if k != "_meta"}, sort_keys=True)',
                        't.get("description")')), "an argument says it"),
        (changed(PINS, (", sort_keys=True", "")), "only the order of tools and keys has changed"),
        (changed(PINS, ("json.dumps({k: v for k, v in t.items() if k != \"_meta\"}, sort_keys=True)",
                        "json.dumps(sorted((k, v) for k, v in t.items() if k != '_meta'))")),
         "only the order of keys inside a schema"),
        (changed(PINS, ('{k: v for k, v in t.items() if k != "_meta"}', "t")), "no model sees _meta"),
        (changed(PINS, ('json.dumps({k: v for k, v in t.items() if k != "_meta"}, sort_keys=True)',
                        'sorted(json.dumps({k: v for k, v in t.items() if k != "_meta"}, sort_keys=True))')),
         "a list has an order: {"),
        (changed(PINS, ("    old, new =", "    def bare(x):\n"
                        "        if isinstance(x, list): return [bare(y) for y in x]\n"
                        "        if not isinstance(x, dict): return x\n"
                        "        return {k: bare(v) for k, v in x.items() if k != '_meta'}\n\n    old, new ="),
                 ("for t in tools}", "for t in bare(tools)}")),
         "an argument that is called _meta is shown: {"),
        (changed(PINS, ('dict.fromkeys(old.keys() - new.keys(), "gone")', "{}")), "a tool is not there any more"),
        (changed(PINS, ('    said |= dict.fromkeys(new.keys() - old.keys(), "new")\n', "")), "a tool has come"),
        ("def changes(yesterday, today): return {n['name']: 'changed' for o, n in zip(yesterday, today) if o != n}",
         "only the order of tools and keys has changed"),
    ],
    "seal": [
        (changed(SEAL, ("secrets.token_hex(16)", "0")), "two questions in the same second got the same seal"),
        (changed(SEAL, (" or not 0 <= now - when <= lifetime", "")), "too late: it was accepted"),
        (changed(SEAL, ("not 0 <= now - when <= lifetime", "now - when > lifetime")),
         "from the future: it was accepted"),
        (changed(SEAL, ("<= lifetime", "< lifetime")), "600 seconds later it holds"),
        (changed(SEAL, ("    used.add(nonce)\n", "")), "it was accepted twice"),
        (changed(SEAL, ("    if (who, what)", "    used.add(nonce)\n    if (who, what)"),
                 ("    fresh = nonce not in used\n    used.add(nonce)\n    return fresh", "    return True")),
         "it was accepted twice"),
        (changed(SEAL, ("    if (who, what)", "    fresh = nonce not in used\n    used.add(nonce)\n    if (who, what)"),
                 ("    fresh = nonce not in used\n    used.add(nonce)\n    return", "    return")),
         "a refusal uses up nothing"),
        (changed(SEAL, ("hmac.new(secret, said.encode(), sha256)", "sha256(said.encode())"),
                 ('hmac.new(secret, said.encode(errors="replace"), sha256)', 'sha256(said.encode(errors="replace"))')),
         "another secret: it was accepted"),
        (changed(SEAL, ("(who, what) != (user, action) or", "what != action or")), "another user: it was accepted"),
        (changed(SEAL, ("(who, what) != (user, action) or", "who + what != user + action or")),
         "moved from user to action: it was accepted"),
        (changed(SEAL, ("json.dumps([user, action, now,", "json.dumps([user + '|' + action, now,"),
                 ("who, what, when, nonce =", "what, when, nonce ="), ("(who, what) != (user, action)",
                  "what != user + '|' + action")), "moved from action to user, by '|': accepted"),
        (changed(SEAL, ("sealed[:64].encode", "sealed[:64].lower().encode"), ("sealed[64:]", "sealed[64:].strip()"),
                 ("nonce not in used", "sealed not in used"), ("used.add(nonce)", "used.add(sealed)")),
         "it was accepted twice; the second time"),
        (changed(SEAL, ("    if not hmac.compare_digest(signature, due.encode()):\n        return False\n", ""),),
         "another secret: it was accepted"),
        (changed(SEAL, ('.encode(errors="replace"), sealed', ", sealed"), ("due.encode()", "due")),
         "no seal at all: it was answered by TypeError"),
        ("def seal(secret, user, action, now): return None\ndef accept(*given): return False", "a seal is a text"),
    ],
    "client": [
        (changed(CLIENT, ('{"id": number,', '{"id": 1,')), "the id 1 is none, or was used before"),
        (changed(CLIENT, (STATE, "")), "one question: in turn 1 the params are"),
        (changed(CLIENT, ('more = {"inputResponses": {}}', 'more["inputResponses"] = {}')),
         "a state of the first round alone"),
        (changed(CLIENT, ('more = {"inputResponses": {}}', 'more.setdefault("inputResponses", {})')),
         "two rounds of two questions: in turn 2 the params are"),
        (changed(CLIENT, ('{"action": "decline"} if content is None else ', "")), "a person who says no: in turn 1"),
        (changed(CLIENT, ("if content is None else", "if not content else")),
         "a yes, and nothing with it: in turn 1 the params are"),
        (changed(CLIENT, ("range(rounds + 1)", "range(rounds)")), "3 rounds are allowed"),
        (changed(CLIENT, ("        if number == rounds:\n            break\n", "")), "the person was asked 4 times"),
        (changed(CLIENT, (FAILED, "")),
         "a failure: ToolFailed: no page, and you give no page"),
        (changed(CLIENT, (BROKEN, "")), "an error: ConnectionError: no, and you give KeyError"),
        (changed(CLIENT, (' if part["type"] == "text")', ")")), "texts and a picture"),
        (changed(CLIENT, ('result.get("resultType") != "input_required"', 'result["resultType"] == "complete"')),
         "texts and a picture"),
        (changed(CLIENT, (STATE, '        more["requestState"] = result.get("requestState")\n')),
         "a question without a state"),
        ("def ask(send, tool, arguments, person): return 'done'", "a tool without questions: sunny, and you give done"),
    ],
}  # fmt: skip
