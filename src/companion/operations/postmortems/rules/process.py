"""Who was told, who read it before it was published, what is shown in pictures, and which team it belongs to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.operations.postmortems.document import Document, Role, Section
from companion.operations.postmortems.reading.moments import ZONE, dates
from companion.operations.postmortems.rules.evidence import (
    SPOKEN,
    absent,
    bare,
    empty_section,
    filled,
    phrases,
    published,
    quote,
    said,
    sentences,
)
from companion.operations.postmortems.rules.learning.actions import is_team
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met

DRAFT, WHOLE = dt.timedelta(days=1), dt.timedelta(days=14)
"""When a draft should be there and how long it should stay one; when the document should be finished."""
TOO_MANY = 20
"""Graphs, of which nobody reads so many."""
FEW_WORDS = 6
"""Words of a caption, below which it is a name and says nothing that could be judged."""


def communication(document: Document) -> Outcome:
    """Ask what customers were told, or that they were told nothing, and why."""
    told, quiet = phrases("process", "told"), phrases("process", "quiet")
    if own := filled(document, Role.COMMUNICATION):
        return _told_there(own)
    if empty := empty_section(document, Role.COMMUNICATION):
        return not_met(Mark(empty.line, f"The section {quote(empty.heading)} does not say what customers were told."))
    spoken = sentences(document, without=(Role.ACTIONS, Role.GLOSSARY))
    moments = [(entry.line, entry.text) for entry in document.timeline]
    passages = [*((sentence.line, sentence.text) for sentence in spoken), *moments]
    if any(told.search(text) and told.search(quiet.sub("", text)) for _, text in passages):
        return MET
    for line, text in passages:
        if quiet.search(text):
            return _spoken_or_silent(line, text)
    for sentence in spoken:
        if phrases("process", "internal").search(sentence.text):
            return MET  # no customer was affected, so there is nobody to tell
        if phrases("process", "apology").search(sentence.text):
            return cannot_tell(
                f"line {sentence.line} speaks to customers: the document may itself be what they were told"
            )
    about_them = " ".join([document.title, document.text(Role.SUMMARY, Role.IMPACT)])
    if phrases("process", "customer").search(about_them):
        mark = Mark(None, "Customers were affected, and nothing says what they were told, or why they were not.")
        return absent(document, phrases("process", "perhaps_told"), mark, "what customers were told")
    return cannot_tell("nothing says whether customers were affected")


def _told_there(own: list[Section]) -> Outcome:
    """Judge a section on communication: it may speak of colleagues only."""
    text = "\n".join(section.text for section in own)
    outside = not phrases("process", "colleagues").search(text) or phrases("process", "customer").search(text)
    if (phrases("process", "told").search(text) and outside) or phrases("process", "quiet").search(text):
        return _spoken_or_silent(own[0].line, text)
    if phrases("process", "customer").search(text):
        return MET
    if phrases("process", "sent").search(text) and not phrases("process", "colleagues").search(text):
        return MET
    return not_met(Mark(own[0].line, f"{quote(own[0].text)} does not say what customers were told."))


def _spoken_or_silent(line: int, text: str) -> Outcome:
    """Accept any message, and silence with a reason."""
    said_otherwise, silences = phrases("process", "quiet").subn("", text)
    explained = phrases("process", "told").search(said_otherwise) or phrases("process", "reason").search(said_otherwise)
    if silences and not explained:
        return not_met(Mark(line, f"{quote(text)} gives no reason.", "Say why customers were not told."))
    return MET


@dataclass(frozen=True)
class History:
    """The days of a document, as far as it tells them, and the line that tells one of them."""

    incident: dt.date | None
    drafted: dt.date | None
    published: dt.date | None
    line: int | None


def review(document: Document) -> Outcome:
    """Ask for a reader from outside, a draft within a day and for a day, and an end within 14 days."""
    history = history_of(document)
    marks = [mark for mark in (_reviewer(document), *_days(history)) if mark]
    status = _meta(document, "status", "state")
    if status and phrases("process", "unfinished").search(status[0]):
        marks.append(Mark(status[1], f"Its status is {quote(status[0])}."))
    for sentence in sentences(document, Role.SUMMARY, Role.OTHER, Role.REVIEW):
        if phrases("process", "unreviewed").search(sentence.text):
            return not_met(Mark(sentence.line, f"It says so itself: {quote(sentence.text)}."))
    if not history.drafted and not history.published:
        if marks and marks[0].line is None:
            mark = Mark(
                None, "Nothing says who from outside the team has read it, nor when it was drafted and finished."
            )
            code = (Role.TIMELINE, Role.CAUSES, Role.LESSONS, Role.ACTIONS)  # where reviews are those of a change
            return absent(document, phrases("process", "review"), mark, "a review", without=code)
        if not marks:
            return cannot_tell("reviewers are named, and no day of the draft or of its end")
    return not_met(*marks)


def history_of(document: Document) -> History:
    """Read when it was drafted and finished, from the lines at its top and from its sections on the review."""
    year = document.date.year if document.date else None
    found: dict[str, tuple[dt.date, int]] = {}
    lines = [(f"{key}: {value}", line) for key, (value, line) in document.meta.items()]
    lines += [(sentence.text, sentence.line) for sentence in sentences(document, Role.REVIEW)]
    for text, line in lines:
        told = {name: word for name in ("drafted", "published") if (word := phrases("process", name).search(text))}
        for name, word in told.items():
            days = dates(text[word.end() :], year) or (dates(text, year) if len(told) == 1 else [])
            if days:
                found.setdefault(name, (days[0], line))
    drafted, published = found.get("drafted"), found.get("published")
    at = published or drafted
    return History(document.date, drafted and drafted[0], published and published[0], at and at[1])


def _days(history: History) -> Iterator[Mark]:
    incident, drafted, published = history.incident, history.drafted, history.published
    if incident and drafted and drafted - incident > DRAFT:
        yield Mark(history.line, f"The draft is of {drafted}, {(drafted - incident).days} days after the incident.")
    if drafted and published and published - drafted < DRAFT:
        yield Mark(history.line, f"It was a draft for less than a day: drafted {drafted}, finished {published}.")
    if incident and published and published - incident > WHOLE:
        yield Mark(
            history.line, f"It was finished on {published}, {(published - incident).days} days after the incident."
        )


def _reviewer(document: Document) -> Mark | None:
    """Look for a reviewer, and whether all of them are of the team that wrote it."""
    found = _meta(document, *(key for key in document.meta if phrases("process", "reviewer").search(key)))
    text, line = found or ("", None)
    for sentence in sentences(document, Role.REVIEW):
        told = phrases("process", "review")
        if not text and (told.search(sentence.text) or told.search(sentence.section.heading)):
            text, line = sentence.text, sentence.line
    if bare(text):
        return Mark(line, "Nothing says who from outside the team has read it.", "Name a reviewer of another team.")
    if phrases("process", "outside").search(text):
        return None
    authors = _names(" , ".join(value for key, (value, _) in document.meta.items() if key.startswith("author")))
    names = _names(text)
    if names and authors and names <= authors:
        return Mark(line, f"Its reviewers, {quote(text)}, are its authors.", "Name a reviewer of another team.")
    return None


def _names(text: str) -> set[str]:
    parts = re.split(r"[,;&/\n]|\band\b", re.sub(r"\(.*?\)", "", text))
    return {part.strip(" @.*").casefold() for part in parts if part.strip(" @.*")}


def _meta(document: Document, *keys: str) -> tuple[str, int] | None:
    return next((document.meta[key] for key in keys if key in document.meta), None)


@dataclass(frozen=True)
class Picture:
    """An image, the words that go with it, and whether they speak of a graph."""

    line: int
    words: str
    graph: bool


def graphs(document: Document) -> Outcome:
    """Judge graphs by their words: embedded, with their time range, units, marks of events and what is normal."""
    shown = [picture for picture in _pictures(document) if picture.graph]
    if not shown:
        return _without_graphs(document)
    if len(shown) > TOO_MANY:
        return not_met(
            Mark(shown[0].line, f"There are {len(shown)} graphs.", "Keep those that show what the text says.")
        )
    silent = [picture for picture in shown if bare(picture.words)]
    if silent:
        where = ", ".join(str(picture.line) for picture in silent)
        message = (
            f"{'An image has' if len(silent) == 1 else f'{len(silent)} images (lines {where}) have'} no words at all."
        )
        return not_met(Mark(silent[0].line, message, "Say beneath it what it shows, and why that matters."))
    zones = {found[0].upper() for picture in shown if (found := ZONE.search(picture.words))}
    if len(zones) > 1:
        return not_met(Mark(shown[0].line, f"The graphs have several time zones: {', '.join(sorted(zones))}."))
    told = [picture for picture in shown if len(picture.words.split()) >= FEW_WORDS]
    if not told:
        return cannot_tell("the graphs have names only; what they show stands in the images")
    all_words = " ".join(picture.words for picture in told)
    traits = {"a time range": "range", "units": "units", "marks of the events": "marks", "what is normal": "normal"}
    missing = [name for name, words in traits.items() if not phrases("process", words).search(all_words)]
    if not missing:
        return MET
    listed = ", ".join(missing[:-1]) + f" and {missing[-1]}" if len(missing) > 1 else missing[0]
    return not_met(
        Mark(told[0].line, f"The words of the graphs, {quote(told[0].words)}, name no {_without_article(listed)}.")
    )


def _without_article(listed: str) -> str:
    return listed.removeprefix("a ")


def _pictures(document: Document) -> Iterator[Picture]:
    """Give each image with its alternative text, and the paragraph that it stands in or that follows as its caption."""
    words = phrases("process", "graph")
    for section in document.sections:
        for at, block in enumerate(section.blocks):
            if not block.images or block.quoted:
                continue
            following = section.blocks[at + 1] if at + 1 < len(section.blocks) else None
            caption = following.text if following and following.kind in SPOKEN and not following.images else ""
            caption = caption if phrases("process", "caption").match(caption) else ""
            for alt, target in block.images:
                said_of_it = " ".join(f"{alt} {block.text.replace(alt, '') if alt else block.text} {caption}".split())
                graph = section.role == Role.METRICS or bool(words.search(f"{said_of_it} {target}"))
                yield Picture(block.line, said_of_it, graph)


def _without_graphs(document: Document) -> Outcome:
    linked = phrases("process", "linked_graph")
    for section in document.sections:
        for block in section.blocks:
            for words, target in block.links if not block.quoted else ():
                if linked.fullmatch(words.strip()) or phrases("process", "graph_host").search(target):
                    message = f"A graph is linked, {quote(words or target)}, and not shown: the link will break."
                    return not_met(Mark(block.line, message, "Embed a picture of it."))
    if images := [block for section in document.sections for block in section.blocks if block.images]:
        return cannot_tell(f"line {images[0].line} shows an image that may be a graph; no word says so")
    measured = document.of(Role.METRICS)
    if any(block.kind in ("row", "code") for section in measured for block in section.blocks):
        return cannot_tell("the measurements stand in a table or a block of text, which may do")
    return not_met(Mark(measured[0].line if measured else None, "No graph is embedded."))


def owner_team(document: Document) -> Outcome:
    """Ask which team the document belongs to; the owners of actions are others."""
    in_actions = {block.line for section in document.of(Role.ACTIONS) for block in section.blocks}
    for key, (value, line) in document.meta.items():
        if line in in_actions:
            continue
        if phrases("process", "owner_key").fullmatch(key.strip()) and not bare(value):
            if is_team(value.split(". ")[0]) or "team" in key:
                return MET
            return cannot_tell(f"line {line} gives {quote(value)} as the owner; whether that is a team is not said")
    for section in document.sections:
        for block in section.blocks:
            if section.role != Role.ACTIONS and phrases("process", "owner_key").fullmatch(block.label.strip()):
                value = block.text.strip()[len(block.label) :].strip(" :*")
                if is_team(value) or "team" in block.label.lower():
                    return MET if not bare(value) else not_met(Mark(block.line, "The line for the owner is empty."))
        if any(phrases("process", "owned").search(sentence.text) for sentence in said(section)):
            return MET
    if published(document):
        return cannot_tell("it is a signed article of a site; which team owns it may be known there")
    if top := _byline(document):
        return cannot_tell(f"line {top} lists things about the document without saying what each is")
    mark = Mark(None, "Nothing says which team owns this document and its follow-up.")
    return absent(document, phrases("process", "perhaps_owned"), mark, "the owning team")


def _byline(document: Document) -> int | None:
    """Find a line at the top that is made of short pieces: ``2026-10-12 | SEV-2 | Payments``."""
    for block in document.sections[0].blocks[:3] if document.sections else ():
        pieces = re.split(r"\s[|·•]\s", block.text) if block.kind == "paragraph" and not block.quoted else []
        if len(pieces) > 2 and all(len(piece.split()) <= 6 for piece in pieces):
            return block.line
    return None


CHECKS: dict[str, Check] = {
    "communication": communication,
    "review": review,
    "graphs": graphs,
    "owner-team": owner_team,
}
