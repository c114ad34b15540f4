"""Chapter 6, contracts: one service in eight languages, and what stands between a call and its code."""
