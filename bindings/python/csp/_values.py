"""Values and signatures: Python's and Csp's."""

import inspect
import typing

from . import _native as c
from .errors import ResultError

_NAMES = {"bool": c.BOOL, "int": c.INT, "int8": c.INT8, "int16": c.INT16, "int32": c.INT32, "int64": c.INT64, "rune": c.INT32, "uint": c.UINT,
          "uint8": c.UINT8, "byte": c.UINT8, "uint16": c.UINT16, "uint32": c.UINT32, "uint64": c.UINT64, "uintptr": c.UINTPTR,
          "float32": c.FLOAT32, "float64": c.FLOAT64, "string": c.STRING, "[]byte": c.BYTES, "[]uint8": c.BYTES, "error": c.ERROR}
_ANNOTATIONS = {bool: "bool", int: "int", float: "float64", str: "string", bytes: "[]byte", Exception: "error"}
_BITS = {c.INT: 64, c.INT8: 8, c.INT16: 16, c.INT32: 32, c.INT64: 64, c.UINT: 64, c.UINT8: 8, c.UINT16: 16, c.UINT32: 32, c.UINT64: 64,
         c.UINTPTR: 64}


def _type_text(annotation, where):
    if annotation in _ANNOTATIONS:
        return _ANNOTATIONS[annotation]
    if isinstance(annotation, str) and annotation in _NAMES:
        return annotation
    raise TypeError(f"{where}: no Csp type for {annotation!r}")


def signature_of(function):
    """The signature that a function's annotations say, as "func(string, int) float64"."""
    hints = {name: getattr(hint, "__forward_arg__", hint) for name, hint in getattr(function, "__annotations__", {}).items()}
    params = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"{name}: parameters of Csp functions have places")
        params.append(_type_text(hints.get(name), name))
    result = hints.get("return")
    if result is None:
        results = []
    elif typing.get_origin(result) is tuple:
        results = [_type_text(each, "result") for each in typing.get_args(result)]
    else:
        results = [_type_text(result, "result")]
    text = f"func({', '.join(params)})"
    return f"{text} {results[0]}" if len(results) == 1 else f"{text} ({', '.join(results)})" if results else text


def types_of(signature):
    """The types of parameters and results in a signature that the library has accepted."""
    params, _, results = signature.partition("(")[2].partition(")")
    return tuple([_NAMES[name.strip()] for name in part.strip(" ()").split(",") if name.strip()] for part in (params, results))


def read(value):
    """What a Value holds, copied; of an error an exception, or None."""
    kind, held = value.type, value.as_
    if kind == c.BOOL:
        return held.boolean
    if kind <= c.INT64:
        return held.integer
    if kind <= c.UINTPTR:
        return held.natural
    if kind <= c.FLOAT64:
        return held.number
    if kind == c.STRING:
        return held.text.text()
    if kind == c.BYTES:
        return held.text.bytes()
    return ResultError(held.text.text()) if held.text.data else None


def write(value, kind, given):
    """Fills a Value. Returns what has to live until it is used."""
    value.type = kind
    if kind == c.BOOL:
        if not isinstance(given, bool):
            raise TypeError(f"{type(given).__name__}, not bool")
        value.as_.boolean = given
    elif kind in _BITS:
        if isinstance(given, bool) or not isinstance(given, int):
            raise TypeError(f"{type(given).__name__}, not int")
        signed = kind <= c.INT64
        least, most = (-(1 << _BITS[kind] - 1), (1 << _BITS[kind] - 1) - 1) if signed else (0, (1 << _BITS[kind]) - 1)
        if not least <= given <= most:
            raise OverflowError(f"{given} is not from {least} to {most}")
        if signed:
            value.as_.integer = given
        else:
            value.as_.natural = given
    elif kind in (c.FLOAT32, c.FLOAT64):
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise TypeError(f"{type(given).__name__}, not float")
        value.as_.number = given
    elif kind == c.ERROR:
        value.as_.text = text = c.string(str(given) or type(given).__name__) if given is not None else c.String()
        return text
    else:
        wanted = str if kind == c.STRING else (bytes, bytearray, memoryview)
        if not isinstance(given, wanted):
            raise TypeError(f"{type(given).__name__}, not {'str' if kind == c.STRING else 'bytes'}")
        value.as_.text = text = c.string(given)
        return text
    return None
