"""Protocol Buffer schemas as text: read, compiled, searched, written again. Nothing here knows what a field holds."""
