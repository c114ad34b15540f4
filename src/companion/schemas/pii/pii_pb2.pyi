"""What this package uses of the generated module; protoc's own stub of extensions is one that mypy refuses."""

from typing import Any

Level: Any
Protection: Any
Mark: Any
Summary: Any
field: Any
message: Any
method: Any
