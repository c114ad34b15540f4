"""Chapter 5, messages: queues, logs, feeds, and what an acknowledgement means."""
