"""`companion rag`: what each command prints where, how it ends, and what it leaves on the disk."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.models.errors import ModelError
from companion.reasoning.rag import answering

RAIN = "# Rain\n\nThe rain fell for forty days.\n\n## Hills\n\nThe hills were 812 m high.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where there is a folder of documents."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rain.md").write_text(RAIN)
    (documents / "wind.txt").write_text("Title: Wind\nStatus: Final\n\nThe wind blows from the west in summer.\n")
    (documents / "snow.txt").write_text("Title: Snow\nStatus: Draft\n\nThe snow stays until March.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rag(*words: str) -> Result:
    return CliRunner().invoke(app, ["rag", *words])


def indexed(*more: str) -> Result:
    return rag("index", "documents", "--out", "index", "--embedding", "words", *more)


def schema(name: str) -> Any:
    return json.loads((files("companion.reasoning.rag.cli") / name).read_text("utf-8"))


# index


def test_index_prints_what_there_is_and_what_has_changed(folder: Path) -> None:
    first = indexed()
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith(
        "index: 3 documents, 4 passages of at most 512 characters, by words; 3 added, 0 changed, 0 removed, 4 passages"
        " embedded in "
    )
    (folder / "documents" / "snow.txt").unlink()
    assert "; 0 added, 0 changed, 1 removed, no passages embedded" in indexed().stdout


def test_what_cannot_be_read_is_named_on_stderr_and_the_rest_is_indexed(folder: Path) -> None:
    (folder / "documents" / "bad.ipynb").write_text("{")
    (folder / "documents" / "no\x1b[31m\nname.txt").write_text("")
    ran = indexed()
    assert ran.exit_code == 0 and "3 documents" in ran.stdout
    assert ran.stderr.splitlines() == [
        "companion rag index: bad.ipynb: no notebook: JSONDecodeError Expecting property name enclosed in double"
        " quotes: line 1 column 2 (char 1)",
        "companion rag index: no?[31m name.txt: empty",
    ]


def test_of_many_files_that_cannot_be_read_some_are_named(folder: Path) -> None:
    for n in range(25):
        (folder / "documents" / f"{n}.txt").write_text("")
    *named, last = indexed().stderr.splitlines()
    assert len(named) == 20
    assert last == "companion rag index: and 5 more, which `companion rag eval` lists"


def test_other_settings_make_the_index_anew_and_say_so(folder: Path) -> None:
    indexed()
    ran = indexed("--size", "100")
    assert ran.stderr.startswith("companion rag index: made anew: it was made by words of chunks of 512 characters")


def test_patterns_choose_files(folder: Path) -> None:
    assert "2 documents" in indexed("--include", "*.txt").stdout
    assert "1 document," in indexed("--include", "*.txt", "--exclude", "wind*").stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["gone", "--out", "index"], "gone: no such folder"),
        (["documents", "--out", "documents"], "documents: neither an index nor an empty folder; choose another"),
        (["documents", "--out", "index", "--embedding", "none"], "no embeddings 'none'"),
        (["documents", "--out", "index", "--include", "*.pdf"], "documents: no document that can be read"),
        (["documents", "--out", "documents/rain.md/index"], "documents/rain.md/index: not a directory"),
    ],
)
def test_what_cannot_be_indexed_is_refused_in_one_line(folder: Path, words: list[str], why: str) -> None:
    ran = rag("index", *words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"companion rag index: {why}") and ran.stderr.count("\n") == 1


# ask


def asked(*words: str) -> dict[str, Any]:
    ran = rag("ask", "index", *words, "--json", "-")
    report = json.loads(ran.stdout)
    jsonschema.validate(report, schema("ask.schema.json"))
    assert ran.exit_code == report["refused"]
    return dict(report)


def test_an_answer_comes_with_the_places_that_say_so(folder: Path) -> None:
    indexed()
    report = asked("How high were the hills?")
    assert report["answer"] == "The hills were 812 m high. [1]" and report["model"] == "offline"
    text = (folder / "documents" / "rain.md").read_text()
    first = report["citations"][0]
    assert (first["source"], first["text"]) == ("rain.md", "The hills were 812 m high.")
    for each in report["citations"][:1]:
        assert text[each["start"] : each["end"]] == each["text"]
    assert len(report["citations"]) == 4


def test_k_is_the_most_that_is_cited(folder: Path) -> None:
    indexed()
    assert len(asked("How high were the hills?", "--k", "2")["citations"]) == 2


def test_a_refusal_exits_1_and_still_gives_the_nearest_passages(folder: Path) -> None:
    indexed()
    report = asked("Who was the first emperor of Rome?")
    assert report["refused"] and report["answer"].startswith(answering.REFUSAL)
    assert len(report["citations"]) == 4
    ran = rag("ask", "index", "Who was the first emperor of Rome?")
    assert ran.exit_code == 1 and "\nThe nearest passages:\n" in ran.stdout


def test_people_read_file_and_line_and_the_words(folder: Path) -> None:
    indexed()
    ran = rag("ask", "index", "How high were the hills?")
    assert ran.exit_code == 0
    lines = ran.stdout.splitlines()
    assert lines[:4] == [
        "The hills were 812 m high. [1]",
        "",
        "[1] rain.md:7  Rain, Hills",
        "    The hills were 812 m high.",
    ]
    assert "Also near:" in lines


def test_of_a_text_that_was_read_out_of_a_file_no_line_is_named(folder: Path) -> None:
    (folder / "documents" / "fog.html").write_text("<title>Fog</title><h1>Valleys</h1><p>The fog lies in valleys.")
    indexed()
    assert "\n[1] fog.html  Fog, Valleys\n" in rag("ask", "index", "Where does the fog lie?").stdout


def test_a_filter_leaves_documents_out(folder: Path) -> None:
    indexed()
    report = asked("Which way does it blow?", "--only", "Status=Draft")
    assert {each["source"] for each in report["citations"]} == {"snow.txt"}
    assert asked("Which way?", "--only", "status=None")["citations"] == []


def test_a_document_cannot_steer_the_terminal(folder: Path) -> None:
    (folder / "documents" / "wind.txt").write_text("The wind\x1b[2J blows from\x07 the west.\n")
    indexed()
    assert "\x1b" not in rag("ask", "index", "Where does the wind come from?").stdout


def test_json_goes_into_a_file_and_the_answer_is_printed_all_the_same(folder: Path) -> None:
    indexed()
    ran = rag("ask", "index", "How high were the hills?", "--json", "answer.json")
    assert ran.stdout.startswith("The hills") and ran.stderr == "wrote answer.json\n"
    jsonschema.validate(json.loads((folder / "answer.json").read_text()), schema("ask.schema.json"))
    assert rag("ask", "index", "Hills?", "--json", "gone/answer.json").exit_code == 2


def test_json_is_whole_where_stdout_knows_no_letters_but_ascii(folder: Path) -> None:
    (folder / "documents" / "wind.txt").write_text("Der Föhn weht im Süden.\n", encoding="utf-8")
    indexed()
    ran = CliRunner(charset="ascii").invoke(app, ["rag", "ask", "index", "Wo weht der Wind?", "--json", "-"])
    texts = [each["text"] for each in json.loads(ran.stdout)["citations"]]
    assert "Der Föhn weht im Süden." in texts


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["gone", "What?"], "gone/index.json: not there; is this an index?"),
        (["index", " "], "a question is needed"),
        (["index", "What?", "--model", "none"], "no chat model 'none'"),
        (["index", "What?", "--only", "draft"], "--only draft: KEY=VALUE was expected"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(folder: Path, words: list[str], why: str) -> None:
    indexed()
    ran = rag("ask", *words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"companion rag ask: {why}") and ran.stderr.count("\n") == 1


def test_a_model_that_gives_no_answer_is_an_error_and_no_refusal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def invoke(self, _: str) -> None:
            raise ModelError("ollama/x: nobody answers", is_retryable=True)

    indexed()
    monkeypatch.setattr(answering, "chat_model", lambda name, timeout: Broken())
    ran = rag("ask", "index", "How high were the hills?", "--model", "ollama/x")
    assert (ran.exit_code, ran.stderr) == (2, "companion rag ask: ollama/x: nobody answers\n")


def test_a_damaged_index_is_refused(folder: Path) -> None:
    indexed()
    (vectors,) = (folder / "index").glob("vectors-*")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"x")
    ran = rag("ask", "index", "What?")
    assert ran.exit_code == 2 and ran.stderr.endswith("damaged; make the index anew\n")


# eval


def questions(folder: Path, *rows: dict[str, Any]) -> None:
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_eval_prints_means_with_intervals_and_what_is_bad(folder: Path) -> None:
    (folder / "documents" / "bad.txt").write_text("")
    indexed()
    questions(
        folder,
        {"question": "How high were the hills?", "source": "rain.md", "answer": "812 m"},
        {"question": "Until when does the snow stay?", "sources": ["snow.txt", "ice.txt"], "answer": "April"},
        {"question": "What of thunder?", "source": "thunder.txt"},
    )
    ran = rag("eval", "index", "questions.jsonl")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("2 questions, means with 95 % intervals over questions\n  recall@1  1.00 (1.00-1.00)")
    for said in ("In no passage", "Not in the index", "Shorter than 200 characters: 3", "bad.txt: empty"):
        assert said in ran.stdout
    report = json.loads(rag("eval", "index", "questions.jsonl", "--json", "-").stdout)
    jsonschema.validate(report, schema("eval.schema.json"))
    assert report["metrics"]["answer@5"]["mean"] == 0.5
    assert report["in_no_chunk"] == ["Until when does the snow stay?"]


def test_long_lists_are_cut_and_the_json_is_not(folder: Path) -> None:
    for n in range(30):
        (folder / "documents" / f"{n}.txt").write_text(f"Number {n}.")
    indexed()
    questions(folder, {"question": "How high were the hills?", "source": "rain.md"})
    assert "more; --json - lists all" in rag("eval", "index", "questions.jsonl").stdout
    report = json.loads(rag("eval", "index", "questions.jsonl", "--json", "-").stdout)
    assert len(report["short"]) == 33


def test_questions_that_cannot_be_read_are_refused_in_one_line(folder: Path) -> None:
    indexed()
    questions(folder, {"question": "What?"})
    ran = rag("eval", "index", "questions.jsonl")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("companion rag eval: questions.jsonl:1: `source` has to be")
