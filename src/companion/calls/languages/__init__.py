"""Chapter 1, languages and ways of thinking: sixty names with their dates, and one problem in six paradigms."""
