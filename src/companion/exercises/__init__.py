"""Exercises: read from a chapter's notebook, handed out to a class in a variant, and graded in a sandbox.

`authoring` reads the exercises, draws a variant's numbers, and hands them out. `grading` finds the answers in whatever
was handed in, and tells the result.

An answer and its check are two processes, started by `sandbox.runner`. The answer's (`sandbox.keeper`) is shut in by
the layers of `sandbox` and runs what the student wrote. The check's (`dialogue.checking`) is trusted: over the frames
of `dialogue` it sees what the answer defines as plain data that it has made itself, or as proxies; it alone gives
points.

Folders depend on each other in one direction: grading -> authoring -> sandbox -> dialogue.
"""
