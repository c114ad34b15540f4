"""A post mortem to fill in, and what of a restricted one may be shared."""
