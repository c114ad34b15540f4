"""What real systems make of each other's values: who writes, who reads, and what came back, with their versions."""
