"""The life of a task: its states, its rows, its log, and the threads that work on it."""
