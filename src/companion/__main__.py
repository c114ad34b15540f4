"""`python -m companion` is the command `companion`, where scripts of the environment are not on the PATH."""

from companion.cli import main

main()
