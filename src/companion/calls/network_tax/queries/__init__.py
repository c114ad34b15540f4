"""What questions to a database cost: one for each row, one for each relation, one for each permission."""
