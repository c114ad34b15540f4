"""A tuple space as Linda has it (Gelernter, 1985), with leases on what is taken, and processes that die and pause."""
