"""The columns: each takes a writer's schema, a reader's and records, and says what the reader has got of each.

A column is a function `exchange(writer, reader, records)`, or gives None where its wire cannot say the schema at all.
"""
