"""Recordings of calls: the bytes that went over each wire, and what every one of them means."""
