"""Writing verdicts into the schemas themselves, as marks."""
