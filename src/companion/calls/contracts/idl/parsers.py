"""Eight parsers with one face: a text goes in; what the parser made of it comes out, or why it refused.

omniidl, protoc, thriftpy2, zeep with libxml2, and jsonschema are the real ones; for XDR, Smithy and the envelope of
OpenAPI there is one in this folder. What a parser made of a text is plain data, and two texts say the same to it when
these data are equal: a comment that it drops makes no difference, one that it keeps does.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from companion.calls.contracts.idl import smithy, xdr_language
from companion.calls.contracts.idl.contracts import LANGUAGES, ContractError
from companion.calls.contracts.idl.lexing import MOST_CHARACTERS

CHILD = Path(__file__).with_name("compilers_child.py")
PATIENCE_S = 120.0
"""For a compiler's process, which takes less than a second."""
BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError)
"""How a library ends that did not foresee a text."""
OUTSIDE = "a contract is one text here: what it wants from outside is not read"
COMPILERS = {"CORBA": "_omniidl", "protobuf": "grpc_tools"}


@dataclass(frozen=True)
class Parsed:
    """What came out of a parser.

    Attributes
    ----------
    model : object
        Plain data; None when the text was refused.
    error : str
        Why it was refused, in one line; empty when it was not.
    """

    model: Any = None
    error: str = ""


def missing(language: str) -> str | None:
    """Why a language cannot be parsed on this machine, in one line, or None."""
    needed = COMPILERS.get(language)
    if needed and importlib.util.find_spec(needed) is None:
        return f"{language} cannot be parsed here: there is no {needed.lstrip('_')} for this Python."
    return None


def parse(language: str, text: str) -> Parsed:
    """Parse one text; for many of one language `parse_all` is faster."""
    return parse_all(language, {"it": text})["it"]


def parse_all(language: str, texts: Mapping[str, str]) -> dict[str, Parsed]:
    """Parse texts in a language.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.
    texts : mapping of str to str
        By any names.

    Raises
    ------
    ContractError
        When the language is unknown or its parser is not here; a text that is refused raises nothing.
    """
    if language not in LANGUAGES:
        raise ContractError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    if reason := missing(language):
        raise ContractError(reason)
    if any(len(text) > MOST_CHARACTERS for text in texts.values()):
        raise ContractError(f"a contract has at most {MOST_CHARACTERS} characters")
    if language in COMPILERS:
        return _compile_all(language, texts)
    return {name: _parsed(PARSERS[language], text) for name, text in texts.items()}


def _parsed(parser: Callable[[str], Any], text: str) -> Parsed:
    try:
        return Parsed(parser(text))
    except ContractError as error:
        return Parsed(error=str(error))


def _compile_all(language: str, texts: Mapping[str, str]) -> dict[str, Parsed]:
    """Have a compiler read the texts in a process of its own."""
    command = [sys.executable, "-I", str(CHILD), language]
    try:
        ran = subprocess.run(
            command, input=json.dumps(dict(texts)), capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
        answers = json.loads(ran.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise ContractError(f"the compiler of {language} gave no answer: {type(error).__name__}") from error
    told = {}
    for name, (state, what) in answers.items():
        if state == "refused":
            first = (str(what).strip() or "refused, without a word").splitlines()[0]
            told[name] = Parsed(error=re.sub(r"^contract\.\w+:", "line ", first))
        else:
            told[name] = Parsed(_descriptor(what) if language == "protobuf" else what)
    return told


def _descriptor(digits: str) -> Any:
    """A file's descriptor, with the comments that lead to something and without their lines and columns."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.json_format import MessageToDict

    (file,) = FileDescriptorSet.FromString(bytes.fromhex(digits)).file
    comments = [[list(one.path), one.leading_comments] for one in file.source_code_info.location]
    file.ClearField("source_code_info")
    return [MessageToDict(file), [one for one in comments if one[1]]]


def _thrift(text: str) -> Any:
    """What thriftpy2 makes of a text at run time: of each class the specification that its codec reads."""
    from thriftpy2.parser.exc import ThriftParserError
    from thriftpy2.parser.parser import parse_fp

    if re.search(r"^\s*include\b", text, re.MULTILINE):
        raise ContractError(OUTSIDE)
    lexer, parser = _thrift_tables()
    try:
        made = parse_fp(  # type: ignore[no-untyped-call]
            io.StringIO(text), "contract_thrift", lexer=lexer, parser=parser, enable_cache=False
        )
    except (ThriftParserError, *BROKEN) as error:
        raise ContractError(str(error).removesuffix(" of the file 'None'") or type(error).__name__) from error
    finally:
        lexer.begin("INITIAL")
    told: dict[str, Any] = {}
    for kind, found in getattr(made, "__thrift_meta__", {}).items():
        for one in found:
            told[f"{kind} {getattr(one, '__name__', one)}"] = _thrift_class(one)
    return told


@cache
def _thrift_tables() -> tuple[Any, Any]:
    """The library's tables, which take longer to build than a text to read."""
    from ply import lex, yacc  # type: ignore[import-untyped]
    from thriftpy2.parser import lexer, parser

    return lex.lex(module=lexer), yacc.yacc(module=parser, debug=False, write_tables=False)


def _thrift_class(made: Any) -> Any:
    if hasattr(made, "thrift_services"):
        calls = {}
        for name in made.thrift_services:
            asked, answered = getattr(made, f"{name}_args"), getattr(made, f"{name}_result")
            calls[name] = [_thrift_class(asked), _thrift_class(answered), getattr(answered, "oneway", False)]
        return calls
    if hasattr(made, "thrift_spec"):
        return [_named(made.thrift_spec), _named(made.default_spec)]
    return _named(getattr(made, "_VALUES_TO_NAMES", made))


def _named(spec: Any) -> Any:
    """Plain data in the place of classes."""
    if isinstance(spec, Mapping):
        return [[key, _named(value)] for key, value in spec.items()]
    if isinstance(spec, list | tuple):
        return [_named(one) for one in spec]
    return spec if isinstance(spec, str | int | float | None) else getattr(spec, "__name__", type(spec).__name__)


def _wsdl(text: str) -> Any:
    """What zeep makes of the operations, and the schema when libxml2 takes it."""
    from lxml import etree  # type: ignore[import-untyped]
    from zeep import Settings, Transport
    from zeep.exceptions import Error
    from zeep.wsdl import Document

    strict = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        tree = etree.fromstring(text.encode(), strict)
        if tree.xpath("//@schemaLocation | //*[local-name() = 'import']/@location"):
            raise ContractError(OUTSIDE)
        schemas = tree.findall(".//{http://www.w3.org/2001/XMLSchema}schema")
        for schema in schemas:
            etree.XMLSchema(schema)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # zeep goes on without an operation or a part that is broken
            made = Document(io.BytesIO(text.encode()), Transport(), settings=Settings())  # type: ignore[no-untyped-call,arg-type]
        services = {
            service.name: {
                port.name: {
                    call.name: [call.input.signature(), call.output.signature(), sorted(call.abstract.fault_messages)]
                    for call in port.binding.all().values()
                }
                for port in service.ports.values()
            }
            for service in made.services.values()
        }
        return [services, [etree.tostring(one, method="c14n", with_comments=False).decode() for one in schemas]]
    except (etree.LxmlError, Error, UserWarning, *BROKEN) as error:
        raise ContractError(" ".join(str(error).split()) or type(error).__name__) from error


@cache
def _keywords() -> frozenset[str]:
    """The words of JSON Schema 2020-12, as its own metaschemas list them."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    base = "https://json-schema.org/draft/2020-12/"
    found: set[str] = set()
    for part in ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content"):
        found |= REGISTRY[f"{base}meta/{part}"].contents["properties"].keys()
    return frozenset(found)


def _known(schema: Any) -> Any:
    """A schema without the words that are none: a validator passes over them."""
    if not isinstance(schema, dict):
        return schema
    known: dict[str, Any] = {}
    for word, value in schema.items():
        if word not in _keywords():
            continue
        if word in {"properties", "$defs", "patternProperties", "dependentSchemas"}:
            known[word] = {name: _known(one) for name, one in value.items()}
        elif word in {"allOf", "anyOf", "oneOf", "prefixItems"}:
            known[word] = [_known(one) for one in value]
        else:
            known[word] = _known(value) if word not in {"const", "default", "enum", "examples"} else value
    return known


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"no JSON: {error}") from error


def _schema(schema: Any) -> Any:
    """A schema that the metaschema takes, in the words that it knows."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
        return _known(schema)
    except SchemaError as error:
        raise ContractError(f"{error.json_path}: {error.message[:200]}") from error
    except RecursionError as error:
        raise ContractError("nested too deep") from error


def _openapi(text: str) -> Any:
    """A document that the models take, its schemas in the words that JSON Schema knows."""
    from pydantic import ValidationError

    from companion.calls.contracts.idl.openapi import Document

    try:
        told = Document.model_validate(_read_json(text)).model_dump(by_alias=True, exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContractError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return _schemas_known(told)


def _schemas_known(told: Any, *, under: str = "") -> Any:
    if under == "schema":
        return _schema(told)
    if isinstance(told, dict):
        inner = "schema" if under == "schemas" else ""
        return {key: _schemas_known(value, under=inner or key) for key, value in told.items()}
    return [_schemas_known(one) for one in told] if isinstance(told, list) else told


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "XDR": xdr_language.parse,
    "WSDL": _wsdl,
    "Thrift": _thrift,
    "JSON Schema": lambda text: _schema(_read_json(text)),
    "OpenAPI": _openapi,
    "Smithy": lambda text: asdict(smithy.parse(text)),
}
"""Those that need no process of their own."""
