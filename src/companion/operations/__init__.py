"""Part VI: operating what you built."""
