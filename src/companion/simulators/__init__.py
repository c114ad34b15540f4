"""Part IV, Simulating failure: one module a chapter."""
