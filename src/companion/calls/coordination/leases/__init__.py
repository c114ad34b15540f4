"""Leases: services that are listed as long as they live, and a seat that two clients believe to hold."""
