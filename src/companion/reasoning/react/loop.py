"""An agent: a model thinks and names an action, a tool is called, the model is told, until there is an answer.

    from companion.models import chat_model
    from companion.reasoning.react.loop import Limits, run
    from companion.reasoning.react.tools import finance_tools

    told = run("What is 17 % of 94.9?", chat_model("ollama/llama3.2"), finance_tools(), Limits(steps=6))
    print(told.answer, told.ended)

The loop ends in one of eight ways, and says in which; only ``answered`` has an answer. Its limits hold: a call of the
model is paid for before it is made, at the longest answer that it may have; a tool that is late is left behind at the
deadline; and whatever a tool raises is told to the model, which may do better.

It believes nothing that it can check. An observation is a tool's or it is refused. What a tool says is set in from the
margin, so that no line of it begins like the format. An answer is compared with what was observed: `Run.unfounded` are
its numbers that no tool and no question has named.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from companion.models.errors import ModelError
from companion.models.wires.deadline import pulled
from companion.reasoning.react.parsing import STOP, Action, Answer, FormatError, parse
from companion.reasoning.react.tool import Tool, ToolError

PROMPT = """\
You answer a question with the help of tools. They are:

{tools}

Reply with one step at a time. To use a tool, write three lines and stop:

Thought: why you need it
Action: one of {names}
Action Input: what the tool is given: a JSON object, or plain text where it takes one text

The next message tells you what the tool said. When you know the answer, write two lines:

Thought: why you know it
Final Answer: the answer

Take figures from observations alone. If no tool can tell you, say so in the answer."""

Ended = Literal["answered", "steps", "calls", "seconds", "cost", "repeats", "format", "model"]

REPEATS, UNREAD = 3, 3
"""How often the same call may be asked for, and how many texts in a row may be no step."""

KEPT = 600
"""Characters of a text that was no step which the model is shown again."""


@dataclass(frozen=True)
class Limits:
    """What a run may take.

    Attributes
    ----------
    steps, calls : int
        Calls of the model, and of tools.
    seconds : float
        By the clock, for all of it.
    cost : float
        In dollars, by `Price`.
    answer : int
        Pieces of words that one answer of the model may have, for which each call is paid in advance. The model has to
        be given the same limit, by its own settings: a longer answer ends the run.
    shown : int
        Characters of an observation that the model is shown.
    """

    steps: int = 8
    calls: int = 8
    seconds: float = 60.0
    cost: float = float("inf")
    answer: int = 512
    shown: int = 2_000


@dataclass(frozen=True)
class Price:
    """What a model costs, in dollars for a million pieces of words that it reads, and that it writes."""

    read: float = 0.0
    written: float = 0.0

    def of(self, read: int, written: int) -> float:
        """Give the price of a call in dollars."""
        return (read * self.read + written * self.written) / 1_000_000


@dataclass(frozen=True)
class Step:
    """One turn of the loop.

    Attributes
    ----------
    said : str
        What the model wrote.
    tool, input : str
        What it called, or "" where its text was no step.
    observation : str
        What it was told; "" where it answered.
    fault : str
        ``format``, ``tool`` or ``repeated`` where something was wrong, else "".
    """

    said: str
    tool: str
    input: str
    observation: str
    fault: str = ""


@dataclass(frozen=True)
class Run:
    """How it went.

    Attributes
    ----------
    question : str
        What was asked.
    steps : tuple of Step
        The trace.
    answer : str or None
        None unless `ended` is ``answered``.
    ended : str
        Why it ended: by an answer, by a limit (``steps``, ``calls``, ``seconds``, ``cost``), since the model asked for
        the same again and again (``repeats``) or did not keep to the format, or since it gave no answer (``model``).
    cost : float
        In dollars.
    """

    question: str
    steps: tuple[Step, ...]
    answer: str | None
    ended: Ended
    cost: float

    @property
    def unfounded(self) -> tuple[str, ...]:
        """Numbers of the answer that neither the question nor an observation has, rounded or not."""
        seen = [number for text in (self.question, *(step.observation for step in self.steps))
                for number in numbers(text)]  # fmt: skip
        return tuple(number for number in numbers(self.answer or "") if not any(_is(number, each) for each in seen))


_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3}){1,12}(?![\d,])|\d{1,40})(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3}\b)?")
_EXACTLY = Context(prec=200)


def numbers(text: str) -> list[str]:
    """List the numbers that a text names, without their signs and thousands' commas."""
    return [number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text)]


def _is(said: str, seen: str) -> bool:
    """Say whether a number is another one, or that one rounded to as many places as it has."""
    one, two = Decimal(said), Decimal(seen)
    exponent = one.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return one == two or (places >= 0 and one == two.quantize(Decimal(1).scaleb(-places), context=_EXACTLY))


def prompt(tools: Sequence[Tool]) -> str:
    """Describe tools and format to a model."""
    described = "\n".join(f"- {tool.name}: {tool.description} It takes {_takes(tool)}." for tool in tools)
    return PROMPT.format(tools=described, names=", ".join(tool.name for tool in tools))


def _takes(tool: Tool) -> str:
    required = tool.parameters.get("required", ())
    said = [f"{name}{'' if name in required else ' (may be left out)'}: {_kind(form)}"
            for name, form in tool.parameters.get("properties", {}).items()]  # fmt: skip
    return "; ".join(said) or "nothing"


def _kind(form: Mapping[str, object]) -> str:
    """Say what an argument is: its description, or else its type."""
    inner = form.get("items")
    choices = form.get("enum") or (inner.get("enum") if isinstance(inner, Mapping) else None)
    listed = f" of {', '.join(map(str, choices))}" if isinstance(choices, list) else ""
    return str(form.get("description") or form.get("type") or "a value").rstrip(".") + listed


def run(
    question: str,
    model: BaseChatModel,
    tools: Sequence[Tool],
    limits: Limits = Limits(),
    price: Price = Price(),
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Have a model answer a question with tools.

    Parameters
    ----------
    question : str
        What is asked.
    model : BaseChatModel
        Who is asked; see `companion.models.chat_model`.
    tools : sequence of Tool
        What it may call.
    limits, price : Limits and Price
        What it may take, and what a piece of a word costs.
    clock : callable
        Tells the seconds; another one for tests.
    """
    return _Loop(question, model, tools, limits, price, clock).run()


class _Loop:
    def __init__(
        self, question: str, model: BaseChatModel, tools: Sequence[Tool], limits: Limits, price: Price,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.question, self.model, self.limits, self.price, self.clock = question, model, limits, price, clock
        self.tools = {tool.name: tool for tool in tools}
        self.messages: list[BaseMessage] = [SystemMessage(prompt(tools)), HumanMessage(f"Question: {question}")]
        self.steps: list[Step] = []
        self.answers: dict[tuple[str, str], list[str]] = {}
        self.cost = 0.0
        self.until = clock() + limits.seconds

    def run(self) -> Run:
        while True:
            if (limit := self._limit()) is not None:
                return self._end(limit)
            try:
                said = self._ask()
            except TimeoutError:
                return self._end("seconds")
            except ModelError:
                return self._end("model")
            if self.cost > self.limits.cost:
                return self._end("cost")
            try:
                step = parse(said, self.tools)
            except FormatError as error:
                self._note(Step(said, "", "", f"That was no step: {error}.", "format"))
                continue
            if isinstance(step, Answer):
                self.steps.append(Step(said, "", "", ""))
                return self._end("answered", step.text)
            if sum(len(answers) for answers in self.answers.values()) >= self.limits.calls:
                return self._end("calls")
            if len(self.answers.get((step.tool, step.input), ())) >= REPEATS - 1:
                return self._end("repeats")
            try:
                self._note(self._call(said, step))
            except TimeoutError:
                return self._end("seconds")

    def _limit(self) -> Ended | None:
        """Say which limit forbids another call of the model."""
        if len(self.steps) >= UNREAD and all(step.fault == "format" for step in self.steps[-UNREAD:]):
            return "format"
        if len(self.steps) >= self.limits.steps:
            return "steps"
        if self.clock() >= self.until:
            return "seconds"
        ahead = self.price.of(_pieces(self.messages), self.limits.answer)
        return "cost" if self.cost + ahead > self.limits.cost else None

    def _ask(self) -> str:
        (reply,) = pulled(lambda: [self.model.invoke(self.messages, stop=[STOP])], self.until - self.clock())
        used = getattr(reply, "usage_metadata", None) or {}
        read, written = used.get("input_tokens"), used.get("output_tokens")
        self.cost += self.price.of(
            _pieces(self.messages) if read is None else read, _pieces([reply]) if written is None else written
        )
        return str(reply.text)

    def _call(self, said: str, action: Action) -> Step:
        earlier = self.answers.setdefault((action.tool, action.input), [])
        fault, seconds = "repeated" if earlier else "", self.until - self.clock()
        try:
            (told,) = pulled(lambda: [_called(self.tools[action.tool], action.input)], seconds)
        except ToolError as error:
            fault, told = "tool", f"There is no answer: {error}."
        except TimeoutError:
            if self.clock() >= self.until:
                raise
            fault, told = "tool", f"There is no answer: {action.tool} was too late."
        except Exception as error:  # noqa: BLE001 - a tool's own fault is its model's to work around
            fault, told = "tool", f"There is no answer: {action.tool} failed with {type(error).__name__}."
        if earlier:
            told = f"You have asked for this before. {told}"
        earlier.append(told)
        return Step(said, action.tool, action.input, _shortened(told, self.limits.shown), fault)

    def _note(self, step: Step) -> None:
        """Add a step to the trace and to what the model is told; what it says of it is no label of the format."""
        self.steps.append(step)
        written = step.said[:KEPT] if step.fault == "format" else step.said
        self.messages += [AIMessage(written), HumanMessage(f"Observation: {set_in(step.observation)}")]

    def _end(self, ended: Ended, answer: str | None = None) -> Run:
        return Run(self.question, tuple(self.steps), answer, ended, self.cost)


def _called(tool: Tool, said: str) -> str:
    """Call a tool; one that ends its process, as a command's own code may, has no answer."""
    try:
        return tool.call(said)
    except SystemExit:
        raise ToolError(f"{tool.name} ended itself") from None


def set_in(text: str) -> str:
    """Set all lines but the first in from the margin, behind a bar: none of them can pass for a step."""
    return "\n  | ".join(text.splitlines())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} more characters)"


def _pieces(messages: Sequence[BaseMessage]) -> int:
    """Estimate how many pieces of words messages have, where a model does not say: four characters make one."""
    return sum(len(str(message.text)) // 4 + 4 for message in messages)
