"""Exercises: read from a chapter's notebook, handed out to a class in a variant, and graded in a sandbox.

`notebook`, `model` and `validate` read the exercises, `variant` draws other numbers, `release` hands them out.
`submissions` and `match` find the answers in whatever was handed in; `grade`, `verdict` and `report` tell the result.

An answer and its check are two processes (`runner`). The answer's (`answer`, `answering`) stands behind the walls of
`sandbox` and runs what the student wrote. The check's (`checking`, `session`, `proxies`) is trusted: it sees what the
answer defines as plain data that it has made itself, or as proxies, over the frames of `wire`; it alone gives points.
"""
