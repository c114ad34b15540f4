"""Six ways to find a service by name, behind one interface, and what each of them forgets."""
