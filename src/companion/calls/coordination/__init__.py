"""Chapter 4, work that many processes share: MPI, tuple spaces, leases and names."""
