"""Chapter 9: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

ILLEGAL = (
    "def first_illegal(states, moves):\n    for at in range(FIRST, len(states)):\n"
    "        if states[at] not in moves[states[at - 1]]:\n            return at\n    return None"
)
LAST = """
def first_illegal(states, moves):
    wrong = None
    for at, state in enumerate(states):
        legal = moves[states[at - 1]] if at else {"submitted"}
        wrong = wrong if state in legal else at
    return wrong
"""
DISTINCT = """
def first_illegal(states, moves):
    for at, state in enumerate(states):
        before = {states[at - 1]} if at else set()
        if state not in before and state not in (moves[states[at - 1]] if at else {"submitted"}):
            return at
    return None
"""
STORE = """
class Store:
    def __init__(self, tasks, seconds):
        self.tasks, self.seconds = tasks, seconds
        self.fence = dict.fromkeys(tasks, 0)
        self.until = dict.fromkeys(tasks, float("-inf"))
        self.completed = set()

    def claim(self, server, now):
        for task in self.tasks:
            if FREE:
                self.fence[task] += 1
                self.until[task] = now + self.seconds
                return task, self.fence[task]
        return None

    def complete(self, task, fence):
        if WRONG:
            return False
        self.completed.add(task)
        return True
"""
FREE = "task not in self.completed and self.until[task] <= now"
OLD = "task in self.completed or fence != self.fence[task] or fence == 0"
FOLLOW = """
def follow(connect):
    last, events = "", []
    WHILE (lines := connect(last)) is not None:
        number, data = last, []
        for line in lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                AT_ID
            elif name == "data":
                AT_DATA
            elif not line and data:
                AT_END
                data = []
        AT_BREAK
    return events
"""
RIGHT_END = 'last = number\n                events.append((last, "\\n".join(data)))'


def follow(
    at_id: str = "number = value", at_data: str = "data.append(value)", at_end: str = RIGHT_END,
    at_break: str = "pass", again: str = "while",
) -> str:  # fmt: skip
    given = {"AT_ID": at_id, "AT_DATA": at_data, "AT_END": at_end, "AT_BREAK": at_break, "WHILE": again}
    answer = FOLLOW
    for name, line in given.items():
        answer = answer.replace(name, line)
    return answer


ATTEMPT = """
def attempt(desk):
    fence = desk.claim()
    if fence is None:
        return
    WORK
"""


def attempt(*lines: str) -> str:
    return ATTEMPT.replace("WORK", "\n    ".join(lines))


KEEP = 'text = desk.remember(fence, "text", desk.draft())'
LEAVE = "if text is None: return"

WRONG: dict[str, list[tuple[str, str]]] = {
    "illegal": [
        (ILLEGAL.replace("FIRST", "1"), "and it is 0"),
        (ILLEGAL.replace("FIRST", "0"), "you said"),
        (ILLEGAL.replace("FIRST, ", "").replace("at - 1", "max(at - 1, 0)"), "you said"),
        (ILLEGAL.replace("FIRST", "1").replace("return None", "return -1"), "you said -1"),
        ("def first_illegal(states, moves): return None", "and it is"),
        (LAST, "you said 4, and it is 3"),
        (DISTINCT, "you said None, and it is 1"),
    ],
    "lease": [
        ("def limits(lease, every, looks): return lease, lease + looks", "costs the task"),
        ("def limits(lease, every, looks): return lease - every, lease", "a task waited"),
        ("def limits(lease, every, looks): return lease - 2 * every, lease + looks", "a longer pause"),
        ("def limits(lease, every, looks): return lease - every, lease + every + looks", "no task ever waits longer"),
        ("def limits(lease, every, looks): return lease - every", "is no pair"),
        ("def limits(lease, every, looks): return max(lease - every, every), lease + looks", "costs the task"),
        ("def limits(lease, every, looks): return lease - every, float('nan')", "a task waited"),
        ("def limits(lease, every, looks): return max(lease - every, looks), lease + looks", "costs the task"),
        ("def limits(lease, every, looks): return lease - every, max(lease, every + looks)", "a task waited"),
    ],
    "fence": [
        (STORE.replace("FREE", FREE).replace("WRONG", "task in self.completed"), "nobody has been given"),
        (STORE.replace("FREE", FREE).replace("WRONG", OLD.replace("!=", "<")), "nobody has been given"),
        (STORE.replace("FREE", FREE.replace("<=", "<")).replace("WRONG", OLD), "claims at"),
        (STORE.replace("FREE", "self.until[task] <= now").replace("WRONG", OLD), "claims at"),
        (STORE.replace("FREE", FREE).replace("WRONG", OLD.replace("task in self.completed or ", "")),
         "completes at"),
        (STORE.replace("FREE", FREE).replace("WRONG", OLD).replace("+= 1", "= 1"), "s at"),
        (STORE.replace("FREE", FREE).replace("WRONG", OLD).replace("in self.tasks:", "in sorted(self.tasks):"),
         "claims at"),
        (STORE.replace("FREE", FREE).replace("WRONG", OLD).replace("+= 1", "= max(self.fence.values()) + 1"),
         "claims at"),
    ],
    "resume": [
        (follow(at_id="last = value", at_end='events.append((last, "\\n".join(data)))'), "were sent, you gave"),
        (follow(at_data="data = [value]"), "were sent, you gave"),
        (follow(again="if"), "were sent, you gave"),
        (follow(at_end='events.append((number, "\\n".join(data)))'), "you connect again and again"),
        (follow(at_end=RIGHT_END.replace("= number", "= str(int(number) - 1)")), "no event has that id"),
        (follow(at_break='events += [(number, "\\n".join(data))] if data else []'), "were sent, you gave"),
        (follow(at_end=RIGHT_END.replace('"\\n".join(data)', '"".join(data)')), "were sent, you gave"),
        ("def follow(connect): return iter([])", "is no list"),
        (follow(at_id="number = str(len(events) + 1)"), "no event has that id"),
        (follow().replace('last, events = "", []', 'last, events = "0", []'), "no event has that id"),
        (follow(at_end=f"if number > last:\n                    {RIGHT_END}".replace("\n                e", "; e")),
         "you connect again and again"),
        (follow(at_end=RIGHT_END.replace("events.", 'if "\\n".join(data) not in dict(events).values(): events.')),
         "were sent, you gave"),
        (follow(at_data="data.append(value.strip())"), "were sent, you gave"),
    ],
    "once": [
        (attempt(KEEP, LEAVE, 'desk.send(f"mail {fence}", text)', "desk.complete(fence, text)"), "the receiver has"),
        (attempt("text = desk.draft()", 'desk.send("mail", text)', "desk.complete(fence, text)"), "servers have sent"),
        (attempt(KEEP, LEAVE, "if desk.complete(fence, text): desk.send('mail', text)"), "no mail was sent"),
        (attempt(KEEP, "desk.send('mail', text)", "desk.complete(fence, text)"), "servers have sent"),
        (attempt("text = desk.draft()", "desk.send('mail', text)", "desk.remember(fence, 'text', text)",
                 "desk.complete(fence, text)"), "servers have sent"),
        (attempt(KEEP, LEAVE, "desk.send('mail', text)"), "is not completed"),
        (attempt(KEEP.replace('"text"', 'f"text {fence}"'), LEAVE, "desk.send('mail', text)",
                 "desk.complete(fence, text)"), "servers have sent"),
        (attempt(f"{KEEP} or desk.draft()", "desk.send('mail', text)", "desk.complete(fence, text)"),
         "servers have sent"),
        (attempt(KEEP, LEAVE, 'first = desk.remember(fence, "sender", str(fence)) == str(fence)',
                 "if first: desk.send('mail', text)", "desk.complete(fence, text)"), "no mail was sent"),
        (attempt('desk.send("mail", "Dear customer")', 'desk.complete(fence, "Dear customer")'), "no draft says that"),
    ],
}  # fmt: skip
