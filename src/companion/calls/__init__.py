"""Part I, Calling other machines: one module a chapter."""
