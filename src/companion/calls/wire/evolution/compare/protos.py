"""Protocol Buffers: protoc compiles in a process of its own, the messages are the library's."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from companion.calls.wire.evolution.compare.shapes import (
    MAX_DEPTH,
    MAX_NODES,
    Message,
    SchemaError,
    Shape,
    Symbol,
    Unreadable,
    read_text,
    word,
)

SECONDS = 30
_RANGES = {"int32": 31, "sint32": 31, "sfixed32": 31, "int64": 63, "sint64": 63, "sfixed64": 63,
           "uint32": 32, "fixed32": 32, "uint64": 64, "fixed64": 64}  # fmt: skip
_KINDS = {number: name.removeprefix("TYPE_").lower()
          for name, number in descriptor_pb2.FieldDescriptorProto.Type.items()}  # fmt: skip
_RUN = "import sys; from grpc_tools.protoc import main; sys.exit(main(['protoc', *sys.argv[1:]]))"


def compile_file(path: Path, include: Sequence[Path] = ()) -> descriptor_pb2.FileDescriptorSet:
    """Let protoc read a file and what it imports: from its folder, those above, others, and what is installed here."""
    if find_spec("grpc_tools") is None:
        raise SchemaError(f"{path}: to read .proto files: pip install 'companion[schemas]' (for grpcio-tools)")
    read_text(path)
    import grpc_tools

    bundled = Path(next(iter(grpc_tools.__path__))) / "_proto"
    folder = path.resolve().parent
    roots = [folder, *(above for above in folder.parents if above != Path(above.anchor)), *include]
    if (common := find_spec("google.api")) and common.submodule_search_locations:  # googleapis-common-protos
        roots.append(Path(common.submodule_search_locations[0]).parents[1])
    with tempfile.TemporaryDirectory() as output:
        target = Path(output) / "all.bin"
        words = [f"-I{root}" for root in (*roots, bundled)]
        words += ["--include_imports", f"--descriptor_set_out={target}", path.name]
        try:
            done = subprocess.run([sys.executable, "-c", _RUN, *words], capture_output=True, text=True,
                                  errors="replace", timeout=SECONDS, stdin=subprocess.DEVNULL, check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise SchemaError(f"{path}: protoc has not read it within {SECONDS} s") from None
        if done.returncode or not target.exists():
            complaints = [line for line in done.stderr.splitlines() if ": warning:" not in line and ".proto" in line]
            said = complaints[0] if complaints else "protoc refuses it"
            place = re.match(rf"(?:.*/)?{re.escape(path.name)}(:\d+)?(?::\d+)?: (.*)", said)
            raise SchemaError(f"{path}{place[1] or ''}: {place[2]}" if place else f"{path}: {said}")
        return descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())


class Protos:
    """The messages of one .proto file."""

    format = "Protocol Buffers"

    def __init__(self, path: Path, include: Sequence[Path] = ()) -> None:
        found = compile_file(path, include)
        pool = descriptor_pool.DescriptorPool()
        try:
            for file in found.file:
                pool.Add(file)
            name = found.file[-1].name  # protoc lists imports first
            compiled = pool.FindFileByName(name)
        except (TypeError, KeyError) as error:
            raise SchemaError(f"{path}: {' '.join(str(error).split())}") from None
        package = f"{compiled.package}." if compiled.package else ""
        self._descriptors: dict[str, Any] = {}
        self._package = package
        for descriptor in compiled.message_types_by_name.values():
            self._add(descriptor)
        self._classes = {name: message_factory.GetMessageClass(descriptor)
                         for name, descriptor in self._descriptors.items()}  # fmt: skip
        self.messages: Mapping[str, Message] = {
            name: {field.name: self._shape(field) for field in descriptor.fields}
            for name, descriptor in self._descriptors.items()
        }

    def _add(self, descriptor: Any) -> None:
        if descriptor.GetOptions().map_entry:
            return
        self._descriptors[self._short(descriptor.full_name)] = descriptor
        for nested in descriptor.nested_types:
            self._add(nested)

    def _short(self, full_name: str) -> str:
        return full_name.removeprefix(self._package)

    def _shape(self, field: Any) -> Shape:
        of = field.message_type or field.enum_type
        kind = self._short(of.full_name) if of else _KINDS[field.type]
        inner = ""
        if _is_map(field):
            key, value = (self._shape(field.message_type.fields_by_name[part]).kind for part in ("key", "value"))
            kind = f"map<{key}, {value}>"
        else:
            inner = kind if field.message_type else ""
            kind = f"repeated {kind}" if field.is_repeated else kind
        default = None if field.has_presence and not field.has_default_value else _plain(field, field.default_value)
        return Shape(field.name, field.number, kind, default, bool(field.is_required), inner)

    def sample(self, message: str, random_: random.Random) -> dict[str, Any]:
        """Draw a message with all fields set, and one of each oneof."""
        return _draw(self._descriptors[message], random_, MAX_DEPTH, [MAX_NODES])

    def encode(self, message: str, value: Mapping[str, Any]) -> bytes:
        """Serialise it."""
        made = self._classes[message]()
        _fill(made, value)
        return bytes(made.SerializePartialToString())

    def decode(self, message: str, data: bytes) -> dict[str, Any]:
        """Parse it; what is required and missing is refused, as most languages do."""
        made: Any = self._classes[message]()
        try:
            made.ParseFromString(data)
        except _DECODE_ERROR as error:
            if not made.FindInitializationErrors():
                raise Unreadable(str(error)) from None
        if missing := made.FindInitializationErrors():
            fields = {name.split(".")[0].split("[")[0]: f"required, and missing: {name}" for name in missing}
            raise Unreadable("required, and missing", fields, _read(made, reader=True))
        return _read(made, reader=True)


_DECODE_ERROR = message.DecodeError


def _is_map(field: Any) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _draw(descriptor: Any, random_: random.Random, depth: int, left: list[int]) -> dict[str, Any]:
    chosen = {one.name: random_.choice(one.fields).name for one in descriptor.oneofs}
    drawn: dict[str, Any] = {}
    for field in descriptor.fields:
        if field.containing_oneof and chosen[field.containing_oneof.name] != field.name:
            continue
        left[0] -= 1
        if not field.is_required and (left[0] < 0 or (field.message_type and not _is_map(field) and not depth)):
            continue
        if _is_map(field):
            key, value = (field.message_type.fields_by_name[part] for part in ("key", "value"))
            if value.message_type and not depth:
                continue
            drawn[field.name] = {_one(key, random_, depth, left): _one(value, random_, depth, left)}
        elif field.is_repeated:
            drawn[field.name] = [_one(field, random_, depth, left) for _ in range(random_.randint(1, 2))]
        else:
            drawn[field.name] = _one(field, random_, depth, left)
    return drawn


def _one(field: Any, random_: random.Random, depth: int, left: list[int]) -> Any:
    if field.message_type:
        return _draw(field.message_type, random_, max(depth - 1, 0), left) if depth > -MAX_DEPTH else {}
    kind = _KINDS[field.type]
    if field.enum_type:
        values = [value for value in field.enum_type.values if value.number] or field.enum_type.values
        return Symbol(*((drawn := random_.choice(values)).name, drawn.number))
    if kind in _RANGES:
        whole = random_.randint(1, 2 ** random_.randint(1, _RANGES[kind]) - 1)
        return -whole if not kind.startswith(("uint", "fixed")) and random_.random() < 0.3 else whole
    if kind in ("double", "float"):
        return random_.randint(-8_000_000, 8_000_000) / 8 + 0.125  # exact in 32 bits, and never zero
    if kind == "bool":
        return True
    return word(random_) if kind == "string" else random_.randbytes(random_.randint(3, 12))


def _fill(made: Any, value: Mapping[str, Any]) -> None:
    for name, one in value.items():
        field = made.DESCRIPTOR.fields_by_name[name]
        if _is_map(field):
            for key, item in one.items():
                if isinstance(item, dict):
                    _fill(getattr(made, name)[_number(key)], item)
                else:
                    getattr(made, name)[_number(key)] = _number(item)
        elif field.is_repeated:
            for item in one:
                if isinstance(item, dict):
                    _fill(getattr(made, name).add(), item)
                else:
                    getattr(made, name).append(_number(item))
        elif isinstance(one, dict):
            getattr(made, name).SetInParent()
            _fill(getattr(made, name), one)
        else:
            setattr(made, name, _number(one))


def _number(value: Any) -> Any:
    return value.number if isinstance(value, Symbol) else value


def _read(made: Any, *, reader: bool = False) -> dict[str, Any]:
    """Read what is set, and at the top (`reader`) what is not set as its default as well."""
    found: dict[str, Any] = {}
    for field in made.DESCRIPTOR.fields:
        value = getattr(made, field.name)
        if _is_map(field):
            of = field.message_type.fields_by_name["value"]
            found[field.name] = {key: _plain(of, value[key]) for key in value}
        elif field.is_repeated:
            found[field.name] = [_plain(field, item) for item in value]
        elif field.has_presence and not made.HasField(field.name):
            if reader:
                found[field.name] = _plain(field, field.default_value) if field.has_default_value else None
        else:
            found[field.name] = _plain(field, value)
    return found


def _plain(field: Any, value: Any) -> Any:
    if field.message_type:
        return _read(value) if hasattr(value, "DESCRIPTOR") else value
    if field.enum_type and isinstance(value, int):
        named = field.enum_type.values_by_number.get(value)
        return Symbol(named.name if named else "", value)
    return value
