"""A latency budget: what a chain of hops takes, how often it answers, and what a deadline leaves at each."""
