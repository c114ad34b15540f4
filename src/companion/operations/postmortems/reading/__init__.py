"""How a stranger's Markdown becomes a `companion.operations.postmortems.document.Document`."""
