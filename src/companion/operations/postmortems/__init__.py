"""Chapter 28: post mortems that teach, read from Markdown, judged by rules that say why, drawn and counted."""
