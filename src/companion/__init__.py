"""From Sockets to Agents: the package behind the book."""

__version__ = "0.2.0"
