"""From Sockets to Agents: the package behind the book."""
