"""What the rules said, for people, for programs and for code hosts."""
