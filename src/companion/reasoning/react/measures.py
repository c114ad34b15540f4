"""What chapter 15 records: how often a small model keeps to a format, and what other calculators let through."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from companion.models import chat_model
from companion.reasoning.react.filtered_eval import SECRET
from companion.reasoning.react.hostile import hostile
from companion.reasoning.react.loop import prompt
from companion.reasoning.react.parsing import STOP, Action, FormatError, parse
from companion.reasoning.react.tools import finance_tools

QUESTIONS = (
    ("What is 17 * 23?", "calculator"),
    ("What is (94.9 - 88.1) / 88.1 * 100?", "calculator"),
    ("What is the price of AAPL?", "stock_data"),
    ("What was the RSI of IBM on 2012-09-19?", "stock_data"),
    ("Which filing speaks of a restated quarter?", "search_filings"),
    ("What does the latest 10-Q of Haldimyr say about a strike?", "search_filings"),
    (
        "What is a call at 100 worth, if the share is at 100, for a year at 5 % and a volatility of 20 %?",
        "option_price",
    ),
    ("Price a put with a strike of 95 dollars for six months.", "option_price"),
)
"""Each with the tool that it needs."""

WORDS = 120
"""Pieces of words that the model may write."""

GRAMMAR = """\
root ::= "Thought: " line "\\n" "Action: " tool "\\n" "Action Input: " line "\\n"
tool ::= "calculator" | "stock_data" | "option_price" | "search_filings"
line ::= [^\\n]{1,120}
"""
"""The format, as llama.cpp takes it: no other text can be written."""

LIBRARIES = ("simpleeval", "asteval", "numexpr")

READS = "open('secret.txt').read()"


def format_smollm2() -> Mapping[str, float]:
    """Ask SmolLM2 for a first step, eight questions four times: as it is, with a stop sequence, a grammar, a schema.

    Returns
    -------
    dict
        For each way how many texts were a step, and how many of them named the right tool.
    """
    names = [tool.name for tool in finance_tools()]
    schema = {
        "type": "object",
        "properties": {"thought": {"type": "string", "maxLength": 120}, "action": {"enum": names},
                       "input": {"type": "string", "maxLength": 120}},
        "required": ["thought", "action", "input"],
    }  # fmt: skip
    form = {"type": "json_schema", "json_schema": {"name": "step", "schema": schema}}
    ways: dict[str, dict[str, Any]] = {
        "plain": {}, "stop": {"stop": [STOP]}, "grammar": {"grammar": GRAMMAR}, "schema": {"response_format": form}
    }  # fmt: skip
    model = chat_model("smollm2", timeout=600)
    figures: dict[str, float] = {"questions": len(QUESTIONS)}
    for way, settings in ways.items():
        tools = [_tool(_said(model, question, settings), way, names) for question, _ in QUESTIONS]
        figures[f"{way} steps"] = sum(tool is not None for tool in tools)
        figures[f"{way} right tool"] = sum(tool == right for tool, (_, right) in zip(tools, QUESTIONS, strict=True))
    return figures


def _said(model: Any, question: str, settings: dict[str, Any]) -> str:
    messages = [SystemMessage(prompt(finance_tools())), HumanMessage(f"Question: {question}")]
    return str(model.invoke(messages, max_tokens=WORDS, **settings).text)


def _tool(said: str, way: str, names: list[str]) -> str | None:
    """Give the tool that a text names as a step, an empty text for an answer, None for what is no step."""
    try:
        if way == "schema":
            return str(json.loads(said)["action"])
        step = parse(said, names)
    except (FormatError, ValueError):
        return None
    return step.tool if isinstance(step, Action) else ""


_TRY = """
import json, os, resource, signal, sys, warnings
os.environ["NUMEXPR_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
library, expressions = json.load(sys.stdin)
if library == "simpleeval":
    from simpleeval import simple_eval
    table = {"abs": abs, "round": round, "min": min, "max": max, "sum": sum, "pow": pow, "len": len}
    def compute(text):
        return simple_eval(text, functions=table)
elif library == "asteval":
    from asteval import Interpreter
    def compute(text):
        made = Interpreter(minimal=True, writer=open(os.devnull, "w"), err_writer=open(os.devnull, "w"))
        return made(text, raise_errors=True)
else:
    import numexpr
    compute = numexpr.evaluate

def child(text, out):
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    os.dup2(0, 2)
    try:
        value = compute(text)
        os.write(out, b"computed " + str(value).encode()[:40])
    except BaseException as error:
        os.write(out, b"refused " + type(error).__name__.encode())
    os._exit(0)

for text in expressions:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(text, write)
    os.close(write)
    said = os.read(read, 100).decode() or "killed"
    os.close(read)
    os.waitpid(pid, 0)
    print(json.dumps(said), flush=True)
"""


def libraries() -> Mapping[str, float]:
    """Give the hostile expressions to three libraries that compute, each in a process with a second and two gigabytes.

    simpleeval is given the functions of the article's table, asteval is asked for its minimal set.

    Returns
    -------
    dict
        For each library how many expressions cost it its process, and whether it reads a file when it is asked to.
    """
    expressions = [READS, *(text for texts in hostile().values() for text in texts)]
    figures: dict[str, float] = {"expressions": len(expressions) - 1}
    for library in LIBRARIES:
        said = _tried(library, expressions)
        figures[f"{library} killed"] = said.count("killed")
        figures[f"{library} reads"] = float(SECRET in said[0])
    return figures


def _tried(library: str, expressions: list[str]) -> list[str]:
    if find_spec(library) is None:
        raise ImportError(f"to try other calculators: pip install {' '.join(LIBRARIES)}")
    with tempfile.TemporaryDirectory(prefix="companion-eval-") as folder:
        (Path(folder) / "secret.txt").write_text(SECRET, "ascii")
        ended = subprocess.run(
            [sys.executable, "-c", _TRY], input=json.dumps([library, expressions]), capture_output=True, text=True,
            cwd=folder, timeout=1200, check=True,
        )  # fmt: skip
    return [json.loads(line) for line in ended.stdout.splitlines()]
