"""What a model wrote, read as the next step of an agent: an action, an answer, or an error that it can be told.

    Thought: the growth is wanted in percent
    Action: calculator
    Action Input: (94.9 - 88.1) / 88.1 * 100

Only a label at the beginning of a line is a label; the same words inside a thought or an input are words. The first
action is taken, and what the model goes on to imagine is dropped. What has two meanings has none: an action and an
answer, two answers, an observation that no tool has made, a tool that does not exist, an input of several lines that is
no JSON. Stars, back-ticks, quotes and capitals are forgiven, since they leave no doubt.

`article_parse` beside it is the parser of the article, which searches for the labels anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from companion.errors import CompanionError


class FormatError(CompanionError, ValueError):
    """A text that is no step; the message says to the model that wrote it what to write instead."""


@dataclass(frozen=True)
class Action:
    """A tool is to be called.

    Attributes
    ----------
    thought : str
        Why, as the model says.
    tool, input : str
        Which, and with what: one line, or a JSON object.
    """

    thought: str
    tool: str
    input: str


@dataclass(frozen=True)
class Answer:
    """The model is done."""

    thought: str
    text: str


_LABEL = re.compile(
    r"[\s>#~-]*(?:\*\s+|\d+[.)]\s*)?(?P<open>[*_`]*)"
    r"(?P<label>question|thought|action[ _-]?input|action|observation|final[ _-]?answer)"
    r"\s*(?P<close>[*_`]*)\s*[:：](?P<after>[*_`]*)\s*(?P<value>.*)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*```\w*[ \t]*\n(.*?)\n?\s*```\s*", re.DOTALL)
_WRITE = "write the lines Action: and Action Input:, or the line Final Answer:"


def parse(text: str, tools: Collection[str]) -> Action | Answer:
    """Read a model's text as a step.

    Parameters
    ----------
    text : str
        All that the model wrote after "Thought:".
    tools : collection of str
        The names that an action may have.

    Raises
    ------
    FormatError
        If it is no step, or could be two.
    """
    parts = _parts(_unfenced(text))
    labels = [label for label, _ in parts]
    if labels == ["thought"]:
        raise FormatError(f"there is neither an action nor an answer: {_WRITE}, each at the beginning of a line")
    if "observation" in labels:
        raise FormatError("an observation is what a tool says, and is not yours to write: stop after Action Input")
    if "finalanswer" in labels:
        return _answer(parts, labels)
    if "action" not in labels:
        raise FormatError(f"there is no action: {_WRITE}")
    first = labels.index("action")
    if labels[first + 1 : first + 2] != ["actioninput"]:
        raise FormatError("after the line Action: comes the line Action Input:, with {} if there is nothing to say")
    return Action(_thought(parts[:first]), _tool(parts[first][1], tools), _input(parts[first + 1][1]))


def _parts(text: str) -> list[tuple[str, str]]:
    """Cut a text where a line begins with a label; what comes before the first is a thought."""
    parts: list[tuple[str, list[str]]] = [("thought", [])]
    for line in text.splitlines():
        if (found := _LABEL.match(line)) is None:
            parts[-1][1].append(line)
            continue
        label = re.sub(r"[ _-]", "", found["label"].lower())
        value = found["value"]
        if found["open"] and not found["close"] + found["after"]:  # **Action: calculator**
            value = value.rstrip().removesuffix(found["open"][::-1])
        parts.append((label, [value]))
    joined = [(label, "\n".join(lines).strip()) for label, lines in parts]
    return joined[1:] if len(joined) > 1 and not joined[0][1] else joined


def _thought(parts: list[tuple[str, str]]) -> str:
    return "\n".join(text for label, text in parts if label == "thought")


def _answer(parts: list[tuple[str, str]], labels: list[str]) -> Answer:
    if labels.count("finalanswer") > 1:
        raise FormatError("there are two answers: write one line Final Answer:")
    if {"action", "actioninput"} & {*labels}:
        raise FormatError("there is an action and an answer: write the one or the other, and wait for the observation")
    if labels[-1] != "finalanswer":
        raise FormatError("something follows the answer: let Final Answer: be the last")
    if not parts[-1][1]:
        raise FormatError("the answer is empty: write it behind Final Answer:")
    return Answer(_thought(parts), parts[-1][1])


def _tool(said: str, tools: Collection[str]) -> str:
    name = said.strip(" \t*_`\"'“”.")
    known = {tool.casefold(): tool for tool in tools}
    if name.casefold() not in known:
        raise FormatError(f"there is no tool {name[:60]!r}: behind Action: stands one of {', '.join(tools)}")
    return known[name.casefold()]


def _input(said: str) -> str:
    text = _unfenced(said).strip()
    for quote in ("`", '"'):
        if len(text) > 1 and text[0] == text[-1] == quote and quote not in text[1:-1]:
            text = text[1:-1].strip()
    if not text:
        raise FormatError("the input is empty: write it behind Action Input:, or {} if there is nothing to say")
    if text[0] in "{[" or "\n" in text:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            raise FormatError("the input has several lines or a bracket, and is no JSON: write one line, or a JSON "
                              "object") from None  # fmt: skip
    return text


def _unfenced(text: str) -> str:
    """Take away a fence around all of a text."""
    return found[1] if (found := _FENCE.fullmatch(text)) and "```" not in found[1] else text


def article_parse(response: str) -> tuple[str, str, str, bool]:
    """Read a step as the article's listing does: thought, action, input, and whether this is the answer."""
    response = response.strip()
    if "Final Answer:" in response:
        before, after = response.split("Final Answer:")[:2]
        return before.strip(), "final_answer", after.strip(), True

    def part(label: str, until: str, without: str) -> str:
        found = re.search(rf"{label}:\s*(.+?)(?={until}|$)", response, re.DOTALL)
        return found.group(1).strip() if found else without

    thought = part("Thought", "Action:", "Thinking...")
    return thought, part("Action", "Action Input:", "unknown"), part("Action Input", "Observation:", ""), False


# What models write


@dataclass(frozen=True)
class Output:
    """A text that a model could write, and what it means.

    Attributes
    ----------
    kind : str
        What is wrong with it; ``well formed`` if nothing is.
    text : str
        As it was written.
    means : tuple of str or None
        A tool and its input; or ``final_answer`` and the answer; None where nobody can say.
    stopped : tuple of str or None
        What is left of it means when the model is stopped at `STOP`, where that is something else.
    """

    kind: str
    text: str
    means: tuple[str, str] | None
    stopped: tuple[str, str] | None = None


Verdict = Literal["right", "refused", "wrong"]

STOP = "\nObservation:"


def outputs(name: str = "outputs") -> list[Output]:
    """Give the written outputs: ``outputs``, by which the parser was written, or ``held_back``, which came after it."""
    read: list[dict[str, Any]] = json.loads((files(__package__) / f"{name}.json").read_text("utf-8"))
    pairs = [[tuple(one[key]) if one.get(key) else None for key in ("means", "stopped")] for one in read]
    return [Output(one["kind"], one["text"], *pair) for one, pair in zip(read, pairs, strict=True)]


def stop(output: Output) -> Output:
    """Give what is left of an output when the model is stopped where it begins an observation."""
    if STOP not in output.text:
        return output
    return Output(output.kind, output.text.partition(STOP)[0], output.stopped)


def judge(output: Output, tools: Collection[str]) -> Verdict:
    """Say what `parse` makes of an output: what it means, an error, or something else without a word."""
    try:
        step = parse(output.text, tools)
    except FormatError:
        return "right" if output.means is None else "refused"
    said = ("final_answer", step.text) if isinstance(step, Answer) else (step.tool, step.input)
    return "right" if said == output.means else "wrong"


def judge_article(output: Output, tools: Collection[str]) -> Verdict:
    """Say what the article's parser makes of an output; an unknown tool is an error once it is called."""
    _, action, said, done = article_parse(output.text)
    if not done and action not in tools:
        return "right" if output.means is None else "refused"
    return "right" if (action, said) == output.means else "wrong"
