"""What readers get: pages that are served, chapters to take home, the package as a wheel."""
