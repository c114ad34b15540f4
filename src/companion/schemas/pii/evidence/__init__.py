"""From a field and what surrounds it to a verdict: each kind of evidence is a module."""
