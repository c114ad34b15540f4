"""Breaches beside the database: what an agent is talked into, what a thief opens, and whose answers a cache gives."""
