"""Part VI: operating what was built, from habits that were copied to post mortems."""
