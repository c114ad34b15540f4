"""A log in place of a queue: partitions, groups, replay, and messages that nobody can handle."""
