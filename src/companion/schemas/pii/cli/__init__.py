"""The commands under `companion pii`."""
