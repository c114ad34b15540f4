"""Chapter 23: personal data in Protocol Buffer schemas, found by rules that anyone can read, and marked in place."""
