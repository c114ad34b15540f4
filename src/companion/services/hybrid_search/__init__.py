"""Hybrid search: a tenant's documents by the words of a question and by its meaning, in one list."""

from companion.services.hybrid_search.search import Hit, SearchError, hybrid_search, search_documents

__all__ = ["Hit", "SearchError", "hybrid_search", "search_documents"]
