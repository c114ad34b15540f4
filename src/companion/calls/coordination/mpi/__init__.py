"""MPI for real: programs of several ranks, started and ended with care; their algorithms counted; and how they fail."""
