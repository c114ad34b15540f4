"""Chapter 3, one service under six models of concurrency, and what goes wrong between them."""
