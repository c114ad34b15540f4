"""One service in eight contract languages: what each can say, proved by parsing, and what its compiler writes.

`contracts` has the eight texts, `parsers` the eight parsers, `table` the comparison, `generated` the bytes of code.
"""
