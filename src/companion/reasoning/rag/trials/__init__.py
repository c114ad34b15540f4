"""What chapter 14 tries: the filings cut, embedded, searched and asked, in every way that somebody recommends."""
