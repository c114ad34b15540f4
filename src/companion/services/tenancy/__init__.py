"""Chapter 10, tenancy: who asks, whose rows they are, and every way in which the answer to both can be wrong."""
