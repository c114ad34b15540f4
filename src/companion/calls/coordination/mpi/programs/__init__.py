"""Programs that `mpiexec` runs, each in several processes: a line of JSON is their result."""
