"""Chapter 10: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

PADS = (
    "def pads(key):\n    from hashlib import sha256\n    SHORT\n    padded = PADDED\n"
    "    inner, outer = (bytes(byte ^ mask for byte in padded) for mask in (MASKS))\n    return inner, outer"
)
SHORT = "key = sha256(key).digest() if len(key) > 64 else key"
PADDED, MASKS = "key.ljust(64, bytes(1))", "0x36, 0x5c"


def padding(short: str = SHORT, padded: str = PADDED, masks: str = MASKS) -> str:
    return PADS.replace("SHORT", short).replace("PADDED", padded).replace("MASKS", masks)


VISIBLE = (
    "def visible(policies, rows):\n    asked = ASKED\n    lets = lambda one, row: row[one.column] == one.value\n"
    "    return [row for row in rows if WANTED]"
)
ASKED = "[one for one in policies if one.command in ('select', 'all')]"
ANY = "any(lets(one, row) for one in asked if one.permissive)"
ALL = "all(lets(one, row) for one in asked if not one.permissive)"
ALL_OF_SELECT = ALL.replace("not one.permissive", "one.command == 'select' and not one.permissive")


def showing(asked: str, wanted: str) -> str:
    return VISIBLE.replace("ASKED", asked).replace("WANTED", wanted)


KEY = (
    "def cache_key(request):\n    r = request\n    scopes = SCOPES\n"
    "    question = r['question'].strip().lower()\n    return "
)
SCOPES = "sorted(set(r['scopes']))"


def keyed(told: str, scopes: str = SCOPES) -> str:
    return KEY.replace("SCOPES", scopes) + told


FEED = (
    "def catch_up(feed, now):\n    while True:\n        try:\n            STEPS\n        except ConnectionError:\n"
    "            continue\n        return {n: until for n, until in known.items() if until > now}"
)

WRONG: dict[str, list[tuple[str, str]]] = {
    "thief": [
        ("def thief_seconds(life, heard): return min(life, heard)", "on average"),
        ("def thief_seconds(life, heard): return min(life / 2, heard)", "on average"),
        ("def thief_seconds(life, heard): return heard - heard**2 / (2 * life)", "refused after 86400 s"),
        ("def thief_seconds(life, heard): return heard * (1 - heard / life)", "on average"),
        ("def thief_seconds(life, heard): return life / 2 if heard >= life else heard", "on average"),
        ("def thief_seconds(life, heard):\n    useful = min(life, heard)\n    return useful - useful**2 // (2 * life)",
         "after 300 s"),
        ("def thief_seconds(life, heard): return f'{heard} s'", "is no number of seconds"),
    ],
    "pads": [
        (padding(masks="0x5c, 0x36"), "your pads give"),
        (padding(short="key = sha256(key).hexdigest().encode() if len(key) > 64 else key"), "a key of 65 bytes"),
        (padding(short="key = sha256(key).digest() if len(key) >= 64 else key"), "a key of 64 bytes"),
        (padding(short="key = key[:64]"), "a key of 65 bytes"),
        (padding(short="pass"), "a key of 65 bytes"),
        (padding(padded="key.rjust(64, bytes(1))"), "your pads give"),
        (padding(padded="key.ljust(64, b'0')"), "your pads give"),
        (padding(padded="key"), "your pads give"),
        (padding().replace("return inner, outer", "return inner.hex(), outer.hex()"), "both pads are bytes"),
        (padding().replace("return inner, outer", "return inner"), ": not two"),
        ("def pads(key):\n    import hmac\n    return hmac.digest(key, b'', 'sha256'), b''", "your pads give"),
    ],
    "policies": [
        (showing(ASKED, ANY), "is not shown by PostgreSQL"),
        (showing("policies", f"{ANY} and {ALL}"), "by PostgreSQL"),
        (showing(ASKED, ALL), "is not shown by PostgreSQL"),
        (showing(ASKED, "all(lets(one, row) for one in asked)"), "by PostgreSQL"),
        (showing(ASKED, f"({ANY} or not asked) and {ALL}"), "[no policy]"),
        (showing("[one for one in policies if one.command == 'select']", f"{ANY} and {ALL}"), "is shown by PostgreSQL"),
        (showing(ASKED, f"{ANY} and {ALL}") + "[::-1]", "in their order"),
        (showing(ASKED, f"{ANY} and {ALL_OF_SELECT}"), "is not shown by PostgreSQL"),
        (showing("[one for one in policies if one.command != 'insert']", f"{ANY} and {ALL}"), "by PostgreSQL"),
        ("def visible(policies, rows): return None", "no list of rows"),
    ],
    "key": [
        (keyed("question"), "another tenant"),
        (keyed("f\"{r['tenant']}:{question}\""), "another user"),
        (keyed("':'.join([r['tenant'], r['user'], str(scopes), str(r['version']), question])"), "are not the same"),
        (keyed("repr((r['tenant'], r['user'], scopes, r['version'], question))", "r['scopes']"),
         "the same scopes in another order"),
        (keyed("repr((r['tenant'], r['user'], scopes, r['version'], r['question']))"), "capitals and blanks"),
        (keyed("repr((r['tenant'], r['user'], ','.join(scopes), r['version'], question))"), "one scope with a comma"),
        (keyed("repr((r['tenant'], r['user'], scopes, question))"), "another version"),
        (keyed("repr(sorted(r.items(), key=str))"), "the answer is the same"),
        (keyed("repr((r['tenant'], r['user'].lower(), scopes, r['version'], question))"), "Ada, and ada"),
        (keyed("repr((r['tenant'], r['user'].strip(), scopes, r['version'], question))"), "a user with a blank"),
        (keyed("repr((r['tenant'], r['user'], scopes, r['version'], question.split()))"), "two blanks within"),
        (keyed("str(hash((r['tenant'], r['user'], len(scopes), r['version'], question)))"), "one key"),
        (keyed("(r['tenant'], question)"), "is no text"),
    ],
    "feed": [
        (FEED.replace("STEPS", "known = feed.load()\n            feed.listen()\n            known.update(feed.heard)"),
         "were they revoked before you listened"),
        (FEED.replace("STEPS", "feed.listen()\n            known = feed.load()"), "while the answer was on its way"),
        (FEED.replace("STEPS", "feed.listen()\n            known = dict(feed.heard)"), "are not in your list"),
        ("def catch_up(feed, now):\n    feed.listen()\n    known = feed.load()\n    known.update(feed.heard)\n"
         "    return {n: u for n, u in known.items() if u > now}", "the connection broke off, and so did you"),
        (FEED.replace("STEPS", "feed.listen()\n            known = feed.load()\n            known.update(feed.heard)")
         .replace(" if until > now", ""), "have expired by"),
        (FEED.replace("STEPS", "feed.listen()\n            feed.load()\n            known = feed.load()\n"
         "            known.update(feed.heard)"), " calls, "),
        (FEED.replace("STEPS", "feed.listen()\n            known = feed.load()\n            known.update(feed.heard)")
         .replace("until > now", "until >= now"), "have expired by"),
        ("def catch_up(feed, now):\n    listening = False\n    while True:\n        try:\n"
         "            if not listening:\n                feed.listen()\n                listening = True\n"
         "            known = feed.load()\n        except ConnectionError:\n            continue\n"
         "        known.update(feed.heard)\n        return {n: until for n, until in known.items() if until > now}",
         "are not in your list"),
        (FEED.replace("STEPS", "feed.listen()\n            heard = list(feed.heard)\n            known = feed.load()\n"
         "            known.update(heard)"), "while the answer was on its way"),
        ("def catch_up(feed, now): return {}", "0 calls"),
        ("def catch_up(feed, now): return {n: until for n, until in feed._all.items() if until > now}", "0 calls"),
        ("def catch_up(feed, now): return set()", "is no dict"),
    ],
}  # fmt: skip
