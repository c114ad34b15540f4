"""The commands under `companion postmortem`."""
