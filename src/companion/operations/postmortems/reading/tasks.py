"""Lessons and actions: rows, items, boxes, headings or paragraphs, with what stands beside them in whatever words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from companion.operations.postmortems.document import Action, Block, Lesson, Role, Section, State
from companion.operations.postmortems.reading.moments import DATE, as_date, numbers
from companion.operations.postmortems.reading.sections import plain

KEYS = {
    "owner": (
        "owner", "owners", "assignee", "assigned to", "assigned", "responsible", "dri", "who", "responsable",
        "porteur", "verantwortlich", "担当", "負責人", "负责人", "owned by", "owning team",
        "owner team", "team", "lead",
    ),
    "due": (
        "due", "due date", "deadline", "échéance", "frist", "fecha", "期限", "eta", "target date", "target", "when",
        "by when", "date", "timeline", "due by",
    ),
    "priority": ("priority", "prio", "severity", "p", "importance", "urgency"),
    "state": ("status", "state", "done", "progress"),
    "lessons": (
        "lesson", "lessons", "addresses", "addresses lesson", "lesson learned", "linked lesson", "link to lesson",
        "addresses lessons", "lessons learned",
    ),
    "number": ("id", "no", "number", "nr", "", "item no"),
    "links": (
        "ticket", "tickets", "issue", "issues", "tracking", "bug", "link", "links", "tracking bug", "jira", "pr",
        "change",
    ),
    "text": (
        "action", "action item", "actions", "task", "item", "what", "description", "todo", "follow up", "improvement",
        "measure", "remediation", "activity",
    ),
}  # fmt: skip
"""By which words a column or a label is known."""

_KEY = {word: key for key, words in KEYS.items() for word in words}
_REFERENCE = re.compile(
    r"\b(?:lesson|takeaway|learning|insight)s?\s{0,2}(?:learned\s{0,2})?(?:no\.?\s{0,2})?#?\s?L?(\d+(?:\s{0,2}(?:,|and|&|\+|/)\s{0,2}(?:#|L)?\d+)*)|\bL(\d+)\b",
    re.I,
)
_TO_ACTION = re.compile(
    r"\b(?:actions?|action items?|items?|AIs?)\s{0,2}#?\s?A?(\d+(?:\s{0,2}(?:,|and|&|\+|/)\s{0,2}#?A?\d+)*)|\bA(\d+)\b"
    r"|(?:→|->)\s?#?A?(\d+(?:\s?,\s{0,2}#?A?\d+)*)(?=\W*$)",
    re.I | re.M,
)
_NUMBERED = re.compile(r"^\(?(?:lesson|action(?: item)?)?\s*#?([AL]?\d{1,3})(?:[.):]|\s*[-–—]|(?=\s))\s*", re.I)
_PRIORITY = re.compile(
    r"(?:\bprio(?:rity)?\s?:?\s?)?[\[(]\s?(P[0-5]|high|medium|low|critical|urgent)\s?(?:priority)?\s?[\])]"
    r"|\bprio(?:rity)?\s?[:=]?\s?(P?[0-5]|high|medium|low|critical|urgent)\b"
    r"|(?:[,;·|]\s?|\.\s)(high|medium|low|critical)\s?(?=[,.;·|(]|$)"
    r"|\b(high|medium|low|critical)[ -]priority\b|^(P[0-5]|high|medium|low)\s?[:–—-]|\b(P[0-5])\b",
    re.I,
)
_DONE = re.compile(
    r"(?:^|[.·;|(]\s)\W{0,5}(?:done|completed?|closed|shipped|merged|finished|deployed)\b(?=[:.,)\]·|]|\s+(?:on|in|by)\b|\s*$)"
    r"|,\s(?:done|completed?)\W*$|^\W*(?:fixed|resolved)\b(?=\W|$)|[✅✔☑]|\((?:done|completed?)\)",
    re.I,
)
_DEEDS = (
    r"(?:(?!(?:need|feed|seed|speed|shed|embed|proceed|exceed|succeed)\b)[a-z]+ed|written|built|made|sent|taken|given|set"
    r"|put|cut|gone|moved|begun|rewritten|rebuilt|split|shut|undone|found|bought|switched|turned|rolled)"
)
_PAST = re.compile(
    rf"\W*(?:(?:we|i)(?:\s+have|\s+had|['’]ve)?\s+|(?:have|has)\s+)(?:(?:also|already|now|since|then|just)\s+)*"
    rf"(?:(?:[a-z]+ly|been)\s+)?(?!(?:planned|decided|agreed|wanted|hoped|intended|proposed|discussed|asked)\b){_DEEDS}\b"
    rf"|\W*(?:the|an?|our|all|both|this|these|two|three|each)\s+(?:(?!(?:that|which|who|if|when|where|until)\b)"
    rf"[^\s.;:]+\s+){{1,12}}?(?:has|have)\s+(?:(?:also|already|now|since|then)\s+)*been\s+(?:[a-z]+ly\s+)?"
    rf"(?!(?:planned|proposed|scheduled|assigned|requested|asked|filed|opened|raised as)\b){_DEEDS}\b"
    rf"|\W*(?:(?:also|already|then)\s+)?(?!(?:need|feed|seed|speed|shed|embed|proceed)\b)(?:[a-z]+ed|wrote|built|made)"
    rf"\s+(?:the|an?|our|all|its|their|this|these|both)\s",
    re.I,
)
"""A text that opens in the past or the perfect tells of what is done: "We have removed ...", "The job has been ..."."""
_BEHIND = re.compile(
    r"\((?:done|added|fixed|removed|disabled|enabled|deployed|merged|implemented|introduced|created|installed|completed?"
    r"|resolved|reverted|replaced|rolled out|shipped|closed)\b[^()]*(?:\([^()]*\)[^()]*)*\)[^\w\n]*(?:\n|$)", re.I,
)  # fmt: skip
_AFTERWARDS = re.compile(
    r"(?:^|\n|[.;]\s)(?:this|it|that|both|all)\s+(?:has|have|was|were|is|are)\s+(?:already\s+|now\s+|since\s+)?(?:been\s+)?"
    r"(?:done|completed|implemented|fixed|merged|deployed|shipped|rolled out)\b",
    re.I,
)
"""What is said behind an action, or below it, when it is done: "(added a second check)", "This has been done."."""
_STILL = re.compile(
    r"\b(?:will|shall|should|must|needs? to|plan(?:ned|s)? to|going to|still|not yet|next|todo|to be|remains?|partly"
    r"|partially|in progress|follow[- ]?up|until)\b", re.I,
)  # fmt: skip
_DROPPED = re.compile(
    r"^\W*(?:n/?a\b|not applicable|won'?t (?:do|fix)|will not|dropped|rejected|declined|cancelled|canceled)", re.I
)
_OWNER = re.compile(
    r"(?<![\w-])(?:(?:owners?|assignees?|responsible|dri|who|responsable|verantwortlich)[ \t]*[:=]"
    r"|owned by\b|assigned to\b|owner(?-i:(?= [A-Z@])))"
    r"[ \t*_:=]*([^,;|()\n.]+)",
    re.I,
)
_HANDLE = re.compile(r"(?<![\w.@/-])@[A-Za-z][\w-]*(?!@|\.\d)")
_DUE = re.compile(r"\b(?:due(?: by| on| date)?|deadline|by|before|until|eta|target)\b\s*[:=]?\s*", re.I)


_POINTED = re.compile(r"\W*(?:action|follow[- ]?up)(?:\s+(?:point|item))?s?\s*:\s+(?=\w)", re.I)
_LEAD = re.compile(r"((?:@?[A-Z][\w'’.-]{0,24}(?:\s?[+&,/]\s?|\sand\s|\s)?){1,6}):\s+(\S.*)", re.S)
_TOPIC = re.compile(
    r".*(?:ing|ions?|ments?|ity|ies|ness|ance|ence|s)|add|alert|api|ci|cli|code|cpu|db|dns|doc|docs|fix|frontend|backend|bug"
    r"|database|deploy|high|idea|immediate|infra|later|long|low|medium|monitor|note|now|process|redis|runbook|short|task"
    r"|test|ticket|tls|todo|tool|update|upstream|urgent|p\d", re.I,
)  # fmt: skip
"""What stands before a colon and is no first name: "Monitoring: ..."."""


@dataclass
class _Draft:
    """An action that is being put together."""

    line: int
    number: str = ""
    text: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    state: State | None = None
    own: str = ""  # without what is listed below it
    links: list[tuple[str, str]] = field(default_factory=list)

    def take(self, key: str, value: str) -> None:
        self.parts[key] = f"{self.parts.get(key, '')} {value}".strip()


def lessons_of(sections: Sequence[Section]) -> tuple[Lesson, ...]:
    """Read the lessons: the items, rows, numbered lines or paragraphs of the sections that were taken for them."""
    found: list[Lesson] = []
    for section in sections:
        if section.role is not Role.LESSONS:
            continue
        said = [block for block in section.blocks if block.kind not in ("code", "html") and not block.quoted]
        listed = any(block.kind in ("item", "row") for block in said)
        for block in said:
            number, text = _numbered(block)
            if block.kind == "row":
                cells = [cell for cell in block.cells if cell]
                if cells and re.fullmatch(r"#?L?\d+\.?", cells[0]):
                    number, cells = cells[0].strip("#."), cells[1:]
                text = " | ".join(cells)
            belongs = block.level <= 1 and (block.kind in ("item", "row") or bool(number))
            closing = section.matched.startswith("conclusion") and not number  # thanks, apologies, contacts
            if belongs or (not listed and not closing and block.kind in ("paragraph", "heading")):
                found.append(Lesson(block.line, number.lstrip("Ll"), text, _refers(_TO_ACTION, text)))
            elif found and found[-1].line > section.line:
                last = found[-1]
                text = f"{last.text}\n{block.text}"
                found[-1] = Lesson(last.line, last.number, text, _refers(_TO_ACTION, text))
    return tuple(found)


def actions_of(sections: Sequence[Section], day: dt.date | None) -> tuple[Action, ...]:
    """Read the actions.

    Parameters
    ----------
    sections
        The document's; those taken for actions are read. Where there are none, boxes among the lessons are.
    day
        The day of the incident, from which a date without a year takes its year.
    """
    drafts: list[_Draft] = []
    for section in sections:
        if section.role is Role.ACTIONS:
            drafts += _drafts(section)
    drafts += [draft for section in sections if section.role is not Role.ACTIONS for draft in _pointed(section)]
    if not drafts:
        drafts = [
            draft for section in sections if section.role is Role.LESSONS for draft in _drafts(section, boxes=True)
        ]
    return tuple(_whole(draft, day) for draft in drafts if draft.text or draft.parts)


def _drafts(section: Section, *, boxes: bool = False) -> Iterator[_Draft]:
    said = [block for block in section.blocks if block.kind not in ("code", "html") and not block.quoted]
    headed = [block for block in said if block.kind == "heading"]
    listed = any(block.kind in ("item", "row") for block in said)
    priority = re.search(r"\b(P[0-5]|high|medium|low|critical)\b", section.heading, re.I)
    owner = section.heading if section.level > 2 and not section.matched and _like_group(section.heading) else ""
    done = bool(re.search(r"\b(?:completed|done|already)\b", section.heading, re.I))
    now: _Draft | None = None
    for block in said:
        if boxes and block.checked is None:
            continue
        if block.kind == "row":
            if (draft := _of_row(block)) is not None:
                yield draft
            continue
        if listed and block.kind == "paragraph" and not block.level and block.label == block.text.strip(" :"):
            owner = block.label if _like_group(block.label) else ""  # of all that is listed below
            continue
        starts = block.kind == "heading" if headed else block.kind == "item" and block.level <= 1
        starts = starts or (not listed and not headed and block.kind == "paragraph" and _like_action(block))
        key, value = _field(block)
        if starts and not (key and now is not None):
            if now is not None:
                yield now
            now = _begun(block, priority[1] if priority else "", owner)
            now.state = State.DONE if done and now.state is None else now.state
        elif now is not None:
            _add(now, block, key, value)
    if now is not None:
        yield now


def _pointed(section: Section) -> Iterator[_Draft]:
    """Read the lines outside a list of actions that say that they are one: "Action item: ..."."""
    now: _Draft | None = None
    for block in section.blocks:
        if block.quoted or block.kind not in ("paragraph", "item"):
            continue
        if found := _POINTED.match(block.text):
            if now is not None:
                yield now
            now = _Draft(block.line, "", block.text[found.end() :], links=list(block.links))
        elif now is not None and _AFTERWARDS.search(block.text):
            _add(now, block, "", "")
        elif now is not None:
            yield now
            now = None
    if now is not None:
        yield now


def _like_action(block: Block) -> bool:
    return bool(_numbered(block)[0] or block.label or _OWNER.search(block.text) or _HANDLE.search(block.text))


def _begun(block: Block, priority: str, owner: str) -> _Draft:
    number, text = _numbered(block)
    draft = _Draft(block.line, number, text, own=text, links=list(block.links))
    if priority:
        draft.take("priority", priority)
    if owner:
        draft.take("group", owner)
    if block.checked is not None:
        draft.state = State.DONE if block.checked else State.OPEN
    if block.struck:
        draft.state = State.DONE
    if block.label and text.startswith(block.label):
        rest = text[len(block.label) :].strip(" :\n")
        if _like_name(block.label):
            draft.take("owner", block.label)
            draft.text = rest
    elif (found := _LEAD.match(text)) and _like_people(found[1]):
        draft.take("owner", found[1])
        draft.text = found[2]
    return draft


def _add(draft: _Draft, block: Block, key: str, value: str) -> None:
    """Take in what stands below an action."""
    draft.links += block.links
    lines = [(key, value)] if key else []
    for line in block.text.split("\n") if not key else []:
        for piece in re.split(r"\s?[;|·]\s+", line):
            found = re.match(r"\W*([A-Za-z ]{1,20})\s*[:=]\s*(.+)", piece)
            lines.append((_KEY.get(plain(found[1]), ""), found[2]) if found else ("", piece))
            if not lines[-1][0]:
                lines[-1] = ("", piece)
    for name, words in lines:
        if name and name != "text":
            draft.take(name, words)
        else:
            draft.text = f"{draft.text}\n{words}".strip()
            if draft.state is None and _DONE.match(words):
                draft.state = State.DONE


def _field(block: Block) -> tuple[str, str]:
    """Read a block that says one thing of an action: ``Owner: Ines Okafor``."""
    if "\n" in block.text:
        return "", ""
    found = re.match(r"\W*([A-Za-z][A-Za-z ]{0,19}?)\s*[:=]\s*(.+)", block.text)
    key = _KEY.get(plain(found[1]), "") if found else ""
    return (key, found[2]) if found and key and key != "text" and not re.search(r"[;|·]\s", found[2]) else ("", "")


def _of_row(block: Block) -> _Draft | None:
    draft = _Draft(block.line, links=list(block.links))
    heads = [_KEY.get(plain(cell), "") for cell in block.head]
    for place, cell in enumerate(block.cells):
        key = heads[place] if place < len(heads) else ""
        if key == "number" and cell and not re.fullmatch(r"[#A-Za-z]{0,3}[\s-]?\d+\.?", cell):
            key = ""
        if key == "number":
            draft.number = cell.strip("#. ")
        elif key == "text" or (not key and "text" not in heads and not draft.text and len(cell.split()) > 2):
            draft.text = f"{draft.text} {cell}".strip()
        elif key:
            draft.take(key, cell)
        elif not "".join(block.head).strip():
            _by_shape(draft, cell)
    if block.struck:
        draft.state = State.DONE
    return draft if draft.text else None


def _by_shape(draft: _Draft, cell: str) -> None:
    """Take in a cell of a table without column heads: a day, a name, a priority, a lesson, a state look like it."""
    if DATE.search(cell):
        draft.take("due", cell)
    elif _like_people(cell):
        draft.take("owner", cell)
    elif _DONE.search(cell):
        draft.take("state", cell)
    if said := re.search(r"\b(?:P[0-5]|high|medium|low|critical|urgent)\b", cell, re.I):
        draft.take("priority", said[0])
    if said := _REFERENCE.search(cell):
        draft.take("lessons", said[0])


def _whole(draft: _Draft, day: dt.date | None) -> Action:
    """Complete an action with what its own sentence says."""
    text, parts = draft.text, draft.parts
    owner = parts.get("owner", "")
    if not owner and (named := _OWNER.search(text)):
        owner = named[1].strip(" *_")
    if not owner:
        owner = " ".join(_HANDLE.findall(text)) or _name_at_the_end(text) or parts.get("group", "")
    due_text = parts.get("due", "") or _due_in(text, day)
    priority = parts.get("priority", "")
    if not priority and (said := _PRIORITY.search(text)):
        priority = next(filter(None, said.groups()))
    lessons = _refers(_REFERENCE, text)
    if said_lessons := parts.get("lessons", ""):
        lessons = tuple(re.findall(r"\d+", said_lessons)) or lessons
    return Action(
        line=draft.line, number=draft.number.lstrip("#Aa"), text=text, owner=_blank(owner), due=_date(due_text, day),
        due_text=_blank(due_text), priority=_blank(priority), state=_state(draft, text, parts.get("state", "")),
        lessons=lessons, links=tuple(draft.links),
    )  # fmt: skip


def _blank(text: str) -> str:
    """Take what stands for nothing (``TBD``, a dash) as nothing."""
    plain_text = text.strip(" *_`")
    return (
        ""
        if re.fullmatch(r"\W*(?:tb[ad]|none|n/?a|unassigned|nobody|todo|unknown|pending)?\W*", plain_text, re.I)
        else plain_text
    )


def _state(draft: _Draft, text: str, status: str) -> State:
    if status:
        if _DONE.search(status) or re.fullmatch(r"\W*(?:yes|x|✓)\W*", status, re.I):
            return State.DONE
        return State.DROPPED if _DROPPED.search(status) else State.OPEN
    if _DROPPED.search(text):
        return State.DROPPED
    if re.search(r"\b(?:done|completed|closed|merged|fixed)\b", draft.parts.get("links", ""), re.I):
        return State.DONE  # "#12 DONE"
    return draft.state or (State.DONE if _DONE.search(text) or _is_told(text, draft.own) else State.OPEN)


def _is_told(text: str, own: str) -> bool:
    """Tell what is told as done from what is still to do: by its opening's tense, or by what stands behind it."""
    if _AFTERWARDS.search(text) or _BEHIND.search(own or text.split("\n\n")[0]):
        return True
    return bool(_PAST.match(text)) and not _STILL.search(text)


def _date(text: str, day: dt.date | None) -> dt.date | None:
    found = DATE.search(text)
    parts = numbers(found) if found else None
    if parts is None:
        return None
    due = as_date(parts, day.year if day else None)
    if due and day and parts[0] is None and due < day:
        due = as_date((day.year + 1, parts[1], parts[2]), None)
    return due


def _due_in(text: str, day: dt.date | None) -> str:
    """Find a date that a sentence gives as a deadline: after "by", "due", or alone in brackets or at its end.

    A date of the incident, or before it, is none unless it says so.
    """
    for found in DATE.finditer(text):
        before, after = text[max(0, found.start() - 16) : found.start()], text[found.end() : found.end() + 16]
        if re.match(r"(?:,|\s?and|\s?&)\s?\d{1,2}\b(?!:)", after):
            continue  # "October 21, 28" lists the days of something
        if _DUE.search(before):
            return found[0]
        alone = re.search(r"[(\[,;|–—-]\s*$", before) or not after.strip(" ).]\n")
        parts = numbers(found)
        early = day and parts and (given := as_date(parts, day.year)) and given <= day
        if alone and not early:
            return found[0]
    return ""


def _like_group(words: str) -> bool:
    """Tell a name, or a team's, that stands above actions from another word in bold."""
    return _like_name(words) or bool(
        re.search(r"\b(?:team|squad|group|sre|ops|operations|engineering)\b|-line\b", words, re.I)
    )


def _like_name(words: str) -> bool:
    """Tell a person's name from a title: two or three capitalised words, or a handle."""
    return bool(re.fullmatch(r"@[\w-]+|(?:[A-Z][\w'’.-]+\s){1,2}[A-Z][\w'’.-]*", words.strip(" :"))) and not _KEY.get(
        plain(words)
    )


def _like_people(words: str) -> bool:
    """Tell "Carla: ask the others" and "Ines + Platform: ..." from "Monitoring: watch the pool" and "Done: ..."."""
    if _DONE.search(f"{words}:") or _DROPPED.search(words):
        return False
    return all(
        _like_name(name) or (re.fullmatch(r"@?[A-Z][\w'’.-]*", name) and not _TOPIC.fullmatch(name))
        for name in re.split(r"\s*(?:[+&,/]|\band\b)\s*", words)
    )


def _name_at_the_end(text: str) -> str:
    """Find a name behind a dash or in brackets: ``... (Ines Okafor, 18 March)``."""
    found = re.search(
        r"(?:^|[(\[–—,;.])\s?((?:[A-Z][\w'’.-]{1,30} ){1,2}[A-Z][\w'’-]{0,30})\s?(?:[,;)\].]|$)", text, re.M
    )
    return found[1].strip() if found and not DATE.search(found[1]) else ""


def _numbered(block: Block) -> tuple[str, str]:
    if block.kind == "row":
        return "", block.text
    if found := _NUMBERED.match(block.text):
        return found[1], block.text[found.end() :]
    return (block.marker if block.marker.isdigit() else ""), block.text


def _refers(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """List the numbers that a text refers to."""
    found = [number for match in pattern.finditer(text) for part in match.groups() if part
             for number in re.findall(r"\d+", part)]  # fmt: skip
    return tuple(dict.fromkeys(found))
