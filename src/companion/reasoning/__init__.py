"""Part III: agents that reason over documents, with tools, in workflows, and what keeps them honest."""
