"""An agent that thinks, acts and observes: its loop, the parser between the two, its tools, and what breaks each."""
