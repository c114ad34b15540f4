"""Execute the chapters that changed, each in a process of its own, and keep what they gave."""
