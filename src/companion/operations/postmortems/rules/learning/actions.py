"""Whether what is to be done has an owner, a date and an end, follows from a lesson, and is a deed and no wish."""

from __future__ import annotations

import datetime as dt
import re

from companion.operations.postmortems.document import Action, Document, Role, State
from companion.operations.postmortems.rules.evidence import (
    absent,
    all_or_each,
    announced,
    bare,
    content,
    deed,
    empty_section,
    filled,
    listed_lessons,
    named,
    number,
    open_actions,
    phrases,
    quote,
)
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, Severity, cannot_tell, not_met

SOON = dt.timedelta(days=45)
"""The time in which most actions should be done."""
LATE = dt.timedelta(days=183)
"""From when on a date belongs to a plan of its own."""
ENOUGH = 3
"""Words that a link shares with an action whose change it leads to."""
MANY = 12
"""More open actions than a team finishes beside its work."""

_NO_LIST = "no list of actions was recognised"
_REPORT = "the list reports what was done and goes on; what is still open may be kept elsewhere"
_TEAM_HANDLE = re.compile(r"@[\w-]+/[\w-]+")
_SEVERAL = re.compile(r"[(),;/&+]|\s(?:and|with|-|–|—)\s")
_IN_FRONT = re.compile(r"\W*((?:[A-Z][\w.-]*(?:\s*[+&,/]\s*|\s+and\s+|\s+)?){1,4}):\s")
_CHANGE = re.compile(
    r"https?://|(?<!\w)#\d+|![0-9]+"
    r"|\b(?:PR|MR|pull request|merge request|commit|change|CL|issue|ticket|release|version)\s?#?\s?v?\d"
    r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|\b[A-Z][A-Z0-9]+-\d+\b|\bv?\d+\.\d+\.\d+\b",
    re.I,
)
_DAYS = re.compile(r"\b(\d+|a|one|two|three|four|five|six)[\s-](day|week|month)s?\b", re.I)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_LENGTHS = {"day": 1, "week": 7, "month": 30}


def actions_missing(document: Document) -> Outcome:
    """Ask for actions; that none is needed counts as an answer if it says why."""
    if any(not bare(action.text) for action in document.actions):
        return MET
    sections = filled(document, Role.ACTIONS)
    for section in sections:
        if phrases("learning", "none_because").search(section.text):
            return MET
        links = [link for block in section.blocks for link in block.links]
        what = "only links to where they may be" if links else "text in which none was recognised"
        return cannot_tell(f"the section on actions, line {section.line}, holds {what}")
    if empty := empty_section(document, Role.ACTIONS):
        return not_met(Mark(empty.line, f"The section {quote(empty.heading)} holds no action, and no reason why not."))
    mark = Mark(None, "Nothing is to be done, and nothing says why not.")
    return absent(document, phrases("learning", "plan"), mark, "a list of actions", of_prose=False)


def action_owner(document: Document) -> Outcome:
    """Ask for one person for each open action: nobody is an error, a team a warning."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    if announced(document):
        return cannot_tell(_REPORT)
    nobody, teams = [], []
    said_to_be = _teams_of(document)
    looked_at = open_actions(document)
    for action in looked_at:
        owner = action.owner.strip() or _in_front(action.text)
        if bare(owner) or phrases("learning", "nobody").fullmatch(owner):
            nobody.append(Mark(action.line, f"{named(action)} names nobody who sees to it."))
        elif is_team(owner) or owner.casefold() in said_to_be:
            message = f"{named(action)} belongs to {quote(owner)}, which is a team or several people."
            teams.append(Mark(action.line, message, "Name one person of that team.", Severity.WARNING))
    none = all_or_each(document, nobody, len(looked_at), "{} open actions name nobody who sees to it.")
    every = "{} open actions belong to teams, and not to a person."
    return not_met(*none.marks, *all_or_each(document, teams, len(looked_at), every).marks)


def _in_front(text: str) -> str:
    """Find a name before a colon, as in ``Carla: ask the other teams``; the name of a subject is none."""
    found = _IN_FRONT.match(text)
    return "" if found is None or phrases("learning", "general").search(found[1]) else found[1]


def _teams_of(document: Document) -> set[str]:
    """List what the document itself calls a team: ``the Research Tools team``."""
    named_so = re.findall(r"((?:[A-Z][\w'’&-]* ){1,3})(?:team|squad|group|guild)\b", document.source)
    return {name.strip().casefold() for name in named_so}


def is_team(owner: str) -> bool:
    """Tell a team from a person, by its words: a single name that no list knows is taken for a person."""
    owner = owner.strip()
    if _TEAM_HANDLE.search(owner):
        return True
    if owner.startswith("@"):
        return False
    parts = [part.strip() for part in _SEVERAL.split(owner) if part.strip()]
    return bool(parts) and all(_is_one_team(part) for part in parts)


def _is_one_team(name: str) -> bool:
    if phrases("learning", "team_alone").fullmatch(name):
        return True
    return not phrases("learning", "one_person").search(name) and bool(phrases("learning", "team").search(name))


def action_due(document: Document) -> Outcome:
    """Ask for a date for each open action, and for one within 45 days of the incident."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    if announced(document):
        return cannot_tell(_REPORT)
    undated, other = [], []
    looked_at = open_actions(document)
    for action in looked_at:
        when = action.due_text.strip()
        if action.due is not None:
            other += _too_late(action, document.date)
        elif bare(when) or phrases("learning", "no_time").fullmatch(when):
            undated.append(
                Mark(action.line, f"{named(action)} has no date" + (f", only {quote(when)}." if when else "."))
            )
        elif (stretch := _within(when)) is None or stretch > SOON:
            message = f"{named(action)} is due {quote(when)}, which is no date to remind anyone on."
            other.append(Mark(action.line, message, severity=Severity.WARNING))
    none = all_or_each(document, undated, len(looked_at), "{} open actions have no date.")
    return not_met(*none.marks, *other)


def _too_late(action: Action, incident: dt.date | None) -> list[Mark]:
    if action.due is None or incident is None:
        return []
    days = (action.due - incident).days
    if days < 0:
        message = f"{named(action)} is due on {action.due}, before the incident of {incident}."
    elif days > SOON.days:
        message = f"{named(action)} is due on {action.due}, {days} days after the incident."
    else:
        return []
    fix = "Correct the date." if days < 0 else "Take a first step that is done within 45 days, and plan the rest apart."
    return [Mark(action.line, message, fix, Severity.WARNING)]


def _within(text: str) -> dt.timedelta | None:
    """Read a stretch such as "within two weeks"; None if there is none."""
    found = _DAYS.search(text)
    if found is None:
        return None
    count = _COUNTS.get(found[1].lower()) or int(found[1])
    return dt.timedelta(days=min(count, 10_000) * _LENGTHS[found[2].lower()])


def action_priority(document: Document) -> Outcome:
    """Ask for the priority of each open action, whatever words it is said in."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    if announced(document):
        return cannot_tell(_REPORT)
    looked_at = open_actions(document)
    marks = [Mark(action.line, f"{named(action)} has no priority.") for action in looked_at if bare(action.priority)]
    return all_or_each(document, marks, len(looked_at), "{} open actions have no priority.")


def action_linked(document: Document) -> Outcome:
    """Ask for the lesson that each open action follows from, by its number or its words, and that it exists."""
    lessons = {number(lesson.number) for lesson in document.lessons} - {""}
    if not document.actions:
        return cannot_tell(_NO_LIST)
    if not listed_lessons(document):
        return cannot_tell("no list of lessons was recognised that actions could refer to")
    named_by_lessons = {number(reference) for lesson in document.lessons for reference in lesson.actions} - {""}
    looked_at = open_actions(document)
    unlinked, dangling = [], []
    for action in looked_at:
        references = {number(reference) for reference in action.lessons} - {""}
        if not references and number(action.number) not in named_by_lessons:
            unlinked.append(Mark(action.line, f"{named(action)} says of no lesson that it follows from it."))
        for reference in sorted(references - lessons) if lessons else ():
            dangling.append(Mark(action.line, f"{named(action)} refers to lesson {reference}, and there is none."))
    every = "{} open actions say of no lesson that they follow from it."
    return not_met(*all_or_each(document, unlinked, len(looked_at), every).marks, *dangling)


def action_investigate(document: Document) -> Outcome:
    """Find open actions whose first verb is to look into something."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    return not_met(
        *(
            Mark(action.line, f"{named(action)} is a question still to be answered: {quote(found[0].strip())}.")
            for action in open_actions(document)
            if (found := phrases("learning", "look_into").match(_verb_first(deed(action))))
        )
    )


def _verb_first(text: str) -> str:
    """Leave out what stands before the verb: a tag, a number, "we will"."""
    text = re.sub(
        r"^(?:\W*(?:\[[^\]]*\]|\([^)]*\)|(?:A|AI|P|Action )?#?\d+[.:)]?|todo|action)(?=[\s:]))*\W*",
        "",
        text,
        flags=re.I,
    )
    return re.sub(rf"^(?:{phrases('learning', 'before_verb').pattern}\s+)+", "", text, flags=re.I)


def action_vague(document: Document) -> Outcome:
    """Find open actions that wish for something better, and name neither the thing nor how one sees that it is done."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    return not_met(
        *(
            Mark(action.line, f"{named(action)} does not say what will be different when it is done.")
            for action in open_actions(document)
            if not action.links and is_vague(deed(action))
        )
    )


def is_vague(text: str) -> bool:
    """Tell a wish (``improve monitoring``) from a deed, which has a number, a thing of its own, or says how."""
    opening = _verb_first(text)
    if any(phrases("learning", "wish_always").search(words) for words in (opening, text)):
        return True
    if re.search(r"\d|`|\b[A-Za-z]+[_/][A-Za-z]+", opening) or phrases("learning", "concrete").search(opening):
        return False
    general = phrases("learning", "general")
    if not general.search(opening):
        return False
    own = content(phrases("learning", "filler").sub(" ", general.sub(" ", opening)))
    if found := phrases("learning", "wish").match(opening):
        return len(own - content(found[0])) <= 2
    if found := phrases("learning", "make").match(opening):
        return len(own - content(found[0])) == 0
    return len(own) == 0


def closed_action(document: Document) -> Outcome:
    """Ask for a link from each action that is done to what was changed."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    done = [action for action in document.actions if action.state == State.DONE]
    marks = [
        Mark(action.line, f"{named(action)} is done, and nothing leads to the change.")
        for action in done
        if not action.links and not _CHANGE.search(action.text) and not _linked_elsewhere(document, action)
    ]
    return all_or_each(document, marks, len(done), "{} actions that are done lead to no change.")


def _linked_elsewhere(document: Document, action: Action) -> bool:
    """Tell whether another place tells of the same deed, in words that are a link."""
    doing = content(action.text)
    return any(
        len(content(words) & doing) >= max(ENOUGH, 0.7 * len(content(words)))
        for section in document.sections
        for block in section.blocks
        for words, _ in block.links
    )


def scope(document: Document) -> Outcome:
    """Find wishes for another architecture, dates beyond half a year, and lists longer than a team can finish."""
    if not document.actions:
        return cannot_tell(_NO_LIST)
    marks = []
    looked_at = open_actions(document)
    if len(looked_at) > MANY:
        message = f"{len(looked_at)} actions are open, more than are finished beside other work."
        marks.append(
            Mark(looked_at[0].line, message, "Keep those that address the causes; move the rest to the backlog.")
        )
    for action in looked_at:
        if found := phrases("learning", "rebuild").search(action.text):
            marks.append(Mark(action.line, f"{named(action)} is a plan for another system: {quote(found[0])}."))
        elif action.due and document.date and action.due - document.date > LATE:
            marks.append(Mark(action.line, f"{named(action)} is due more than half a year after the incident."))
    return not_met(*marks)


CHECKS: dict[str, Check] = {
    "actions-missing": actions_missing,
    "action-owner": action_owner,
    "action-due": action_due,
    "action-priority": action_priority,
    "action-linked": action_linked,
    "action-investigate": action_investigate,
    "action-vague": action_vague,
    "closed-action": closed_action,
    "scope": scope,
}
