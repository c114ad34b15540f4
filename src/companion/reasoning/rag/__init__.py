"""Answers from documents, each with the passages that it rests on, or the reason why there is none."""
