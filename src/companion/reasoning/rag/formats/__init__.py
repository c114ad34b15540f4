"""What a file says, format by format: its text, its title, and where its sections begin."""
