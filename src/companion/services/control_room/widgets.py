"""The control room in JupyterLab.

    from companion.services.control_room.widgets import control_room
    control_room("http://127.0.0.1:8009")

Boxes of ipywidgets around the calls of `client`. What comes from a server goes into fields of text, and never into a
widget that reads HTML.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Callable
from typing import Any

from companion.errors import CompanionError
from companion.services.a2a.errors import CallFailed
from companion.services.control_room.client import Room, Session
from companion.services.mcp.conversation import Answer
from companion.services.tenancy.tokens import LONGEST_SECONDS, SECONDS

WIDE = {"width": "34em"}
NAMES = ("you", "another tenant")
BUDGET = "Nothing counts costs yet, so there is nothing to show. Chapter 12, on budgets, fills this."


class WidgetsMissing(CompanionError, ImportError):
    """ipywidgets is not installed."""


def control_room(url: str) -> Any:
    """Show a control room.

    Parameters
    ----------
    url : str
        Where ``companion serve a2a --control-room`` runs.

    Returns
    -------
    ipywidgets.Widget

    Raises
    ------
    WidgetsMissing
        If ipywidgets is not installed; the message says what to install.
    CallFailed
        If there is no control room.
    """
    return Panel(Room(url)).box


def _ipywidgets() -> Any:
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        raise WidgetsMissing(
            'the control room in a notebook needs ipywidgets: pip install "companion[notebook]"'
        ) from None


class Panel:
    """The whole of it.

    Attributes
    ----------
    panes : tuple of Pane
        You, and another tenant.
    box : ipywidgets.Widget
        What a notebook shows.
    """

    def __init__(self, room: Room) -> None:
        w = self.widgets = _ipywidgets()
        self.panes = tuple(Pane(w, room, name, number) for number, name in enumerate(NAMES))
        self.beside = w.Checkbox(description="see what another tenant sees", indent=False)
        self.tool = w.Dropdown(description="tool", layout=WIDE)
        self.about = w.Textarea(disabled=True, rows=2, layout=WIDE)
        self.arguments: dict[str, Any] = {}
        self.form = w.VBox()
        self.said = w.Text(disabled=True, layout=WIDE)
        self.call = w.Button(description="Call", button_style="primary")
        self.message = w.Text(value="For how long are files kept?", description="message", layout=WIDE)
        self.start = w.Button(description="Start a task", button_style="primary")
        self.reply = w.Button(description="Send it as the answer", layout={"width": "auto"})
        self.tools: list[dict[str, Any]] = []
        self.box = w.VBox([self.beside, self._tabs()])
        self._wire()

    def _tabs(self) -> Any:
        w = self.widgets
        show = [
            w.VBox([self.tool, self.about, self.form, self.call, self.said]),
            w.VBox([self.message, w.HBox([self.start, self.reply])]),
        ]
        parts = ("sign_in", "question", "answer", "task")
        rows = [w.HBox([getattr(pane, part) for pane in self.panes]) for part in parts]
        budget = w.Textarea(value=BUDGET, disabled=True, layout=WIDE)
        tabs = w.Tab([rows[0], w.VBox([show[0], rows[1], rows[2]]), w.VBox([show[1], rows[3]]), budget])
        tabs.titles = ("Sign in", "Tools", "Tasks", "Budget")
        return tabs

    def _wire(self) -> None:
        self.beside.observe(lambda _: self._show(), names="value")
        self.panes[0].signed_in = self._list
        self.tool.observe(lambda _: self._choose(), names="value")
        self.call.on_click(lambda _: self._call())
        self.start.on_click(lambda _: self._begin())
        self.reply.on_click(lambda _: self._reply())
        self._show()

    def shown(self) -> tuple[Pane, ...]:
        """Give the panes that are open."""
        return self.panes if self.beside.value else self.panes[:1]

    def _begin(self) -> None:
        for pane in self.shown():
            pane.begin(self.message.value)

    def _reply(self) -> None:
        for pane in self.shown():
            pane.reply(self.message.value)

    def _show(self) -> None:
        for pane in self.panes:
            for part in (pane.sign_in, pane.question, pane.answer, pane.task):
                part.layout.display = "" if pane in self.shown() else "none"

    def _list(self, session: Session) -> None:
        self.tools = session.tools()
        self.tool.options = [(tool["name"], at) for at, tool in enumerate(self.tools)]
        self._choose()

    def _choose(self) -> None:
        if self.tool.value is None:
            return
        tool = self.tools[self.tool.value]
        self.about.value = tool.get("description", "")
        self.arguments = _controls(self.widgets, tool["inputSchema"])
        self.form.children = tuple(self.arguments.values())

    def _call(self) -> None:
        if self.tool.value is None:
            self.said.value = "Sign in first."
            return
        tool = self.tools[self.tool.value]
        try:
            given = _values(tool["inputSchema"], self.arguments)
        except ValueError as error:
            self.said.value = str(error)
            return
        self.said.value = ""
        for pane in self.shown():
            pane.call(tool["name"], given)


class Pane:
    """One who is signed in, or not: a form to sign in by, a tool's question and answer, and a task with its events."""

    def __init__(self, w: Any, room: Room, name: str, number: int) -> None:
        self.widgets = w
        self.room = room
        self.session: Session | None = None
        self.signed_in: Callable[[Session], None] = lambda session: None
        self.watching: threading.Thread | None = None
        self.id = ""
        tenants = room.tenants()
        options = [(tenant.name, at) for at, tenant in enumerate(tenants)]
        self.tenants = tenants
        self.tenant = w.Dropdown(options=options, value=min(number, len(tenants) - 1) if tenants else None,
                                 description="tenant")  # fmt: skip
        self.user = w.Text(value=("ada", "bob")[number], description="user")
        self.seconds = w.BoundedIntText(value=SECONDS, min=1, max=LONGEST_SECONDS, description="seconds")
        self.enter = w.Button(description=f"Sign in as {name}", button_style="primary")
        self.said = w.Text(disabled=True, layout=WIDE)
        self.claims = w.Textarea(disabled=True, rows=9, layout=WIDE)
        self.sign_in = w.VBox([self.tenant, self.user, self.seconds, self.enter, self.said, self.claims])
        self.question = w.VBox()
        self.answer = w.Textarea(disabled=True, rows=18, layout=WIDE, placeholder=f"the answer to {name}")
        self.cancel = w.Button(description="Cancel the task")
        self.resume = w.Button(description="Go on behind")
        self.after = w.IntText(value=0, layout={"width": "6em"})
        self.events = w.Textarea(disabled=True, rows=14, layout=WIDE, placeholder=f"the events of {name}")
        self.task = w.VBox([w.HBox([self.cancel, self.resume, self.after]), self.events])
        self.enter.on_click(lambda _: self._told(self.said, self._sign_in))
        self.cancel.on_click(lambda _: self._told(self.events, self._cancel))
        self.resume.on_click(lambda _: self._told(self.events, self.watch))

    def _told(self, place: Any, act: Callable[[], None]) -> None:
        try:
            act()
        except (CallFailed, ValueError) as error:
            place.value = str(error)

    def _sign_in(self) -> None:
        if self.tenant.value is None:
            raise CallFailed("the database has no tenant")
        self.session = self.room.sign_in(self.tenants[self.tenant.value], self.user.value, seconds=self.seconds.value)
        self.said.value = f"signed in as {self.session.who}"
        self.claims.value = json.dumps(self.session.claims, indent=1)
        self.answer.value = self.events.value = self.id = ""
        self.question.children = ()
        self.signed_in(self.session)

    def _who(self) -> Session:
        if self.session is None:
            raise CallFailed("sign in first")
        return self.session

    def call(self, tool: str, arguments: dict[str, Any]) -> None:
        """Call a tool, and show its answer; a tool that asks something first is called again with what is said."""
        self.question.children = ()

        def show(answer: Answer) -> None:
            self.answer.value = json.dumps(answer.messages[-1], indent=1, ensure_ascii=False)
            self.question.children = self._form(answer, again)

        def again(asked: Answer, told: dict[str, Any]) -> None:
            show(self._who().answer(tool, arguments, asked, told))

        self._told(self.answer, lambda: show(self._who().call(tool, **arguments)))

    def _form(self, asked: Answer, again: Callable[[Answer, dict[str, Any]], None]) -> list[Any]:
        """Make the fields of what a tool asks, if it does, and two buttons."""
        if asked.result.get("resultType") != "input_required":
            return []
        w, shown, forms = self.widgets, [], {}
        for name, one in asked.result.get("inputRequests", {}).items():
            if one["method"] != "elicitation/create":
                raise CallFailed(f"the tool wants {one['method']}, which a notebook cannot do")
            schema = one["params"]["requestedSchema"]
            forms[name] = schema, _controls(w, schema)
            shown += [w.Textarea(value=one["params"]["message"], disabled=True, layout=WIDE), *forms[name][1].values()]

        def accept() -> None:
            again(asked, {name: {"action": "accept", "content": _values(*form)} for name, form in forms.items()})

        def decline() -> None:
            again(asked, {name: {"action": "decline"} for name in forms})

        buttons = [w.Button(description="Answer", button_style="primary"), w.Button(description="Decline")]
        buttons[0].on_click(lambda _: self._told(self.answer, accept))
        buttons[1].on_click(lambda _: self._told(self.answer, decline))
        return [*shown, w.HBox(buttons)]

    def begin(self, text: str) -> None:
        """Start a task, and show its events as they come."""

        def act() -> None:
            self.id = self._who().agent.send(text)["id"]
            self.after.value, self.events.value = 0, ""
            self.watch()

        self._told(self.events, act)

    def reply(self, text: str) -> None:
        """Say something to the task, which may have asked, and show what comes of it."""

        def act() -> None:
            session = self._who()
            if not self.id:
                raise CallFailed("start a task first")
            session.agent.send(text, task=self.id)
            if self.watching is None or not self.watching.is_alive():
                self.watch()

        self._told(self.events, act)

    def watch(self) -> None:
        """Show the events behind the one that is set, from a thread of its own: the notebook goes on meanwhile."""
        session, task, after = self._who(), self.id, self.after.value
        if not task:
            raise CallFailed("start a task first")

        def follow() -> None:
            try:
                for number, event in session.agent.follow(task, after):
                    if task != self.id:
                        return  # another one is shown by now
                    self.events.value += f"{number} {json.dumps(event, ensure_ascii=False)}\n"
                    self.after.value = number
            except CallFailed as error:
                self.events.value += f"{error}\n"

        self.watching = threading.Thread(target=follow, name=f"events of {task}", daemon=True)
        self.watching.start()

    def _cancel(self) -> None:
        session = self._who()
        if not self.id:
            raise CallFailed("start a task first")
        session.agent.cancel(self.id)


def _controls(w: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Make the fields of a form."""
    return {name: _control(w, name, one) for name, one in schema.get("properties", {}).items()}


def _values(schema: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Read the fields of a form; what is empty is not said."""
    return {
        name: _read(name, schema["properties"][name], field.value)
        for name, field in fields.items()
        if field.value != ""
    }


def _control(w: Any, name: str, schema: dict[str, Any]) -> Any:
    """Make the field of an argument: what is no text is written as JSON."""
    given = schema.get("default")
    if schema.get("type") == "boolean":
        return w.Checkbox(value=given is True, description=name)
    shown = "" if given is None else given if isinstance(given, str) else json.dumps(given)
    return w.Text(value=shown, placeholder=schema.get("description", ""), description=name, layout=WIDE)


def _read(name: str, schema: dict[str, Any], value: Any) -> Any:
    kinds = {schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ()))}
    if isinstance(value, bool) or "string" in kinds:
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError(f"{name} is no JSON: {value}") from None
