"""Experiments: what the SDK's own server does, and what leases, fences and keys are worth."""
