"""Part V: what a schema says about privacy and compatibility, read by a program instead of a reviewer."""
