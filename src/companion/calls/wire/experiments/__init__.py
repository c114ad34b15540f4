"""What chapter 2 finds out about the five wires: sizes, speed, and what becomes of a call when a peer fails."""
