"""Check the book: its chapters, the numbers of their prose, their form, and the links of the pages."""
