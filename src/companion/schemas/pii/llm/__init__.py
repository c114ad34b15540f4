"""Asking a language model about fields, beside the rules."""
