"""What the chapter shows its examples with: figures, a small repository, schemas of a few lines."""
