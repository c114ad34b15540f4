"""The commands under `companion book`, and what a person sees while they run."""
