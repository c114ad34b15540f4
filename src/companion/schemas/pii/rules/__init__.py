"""The rules: what is personal, as data that an organisation can add to, and how they are made ready for use."""
