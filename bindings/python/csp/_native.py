"""The C interface, csp/csp.h, by ctypes. Calls release Python's lock, callbacks take it."""

import ctypes
import ctypes.util
import os
from ctypes import CFUNCTYPE, POINTER, Structure, Union, byref, c_bool, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

OK, INVALID, BUSY, NO_MEMORY, NOT_FOUND, TYPE, COMPILE, FAILED, LIMIT, INTERNAL = range(10)
BOOL, INT, INT8, INT16, INT32, INT64, UINT, UINT8, UINT16, UINT32, UINT64, UINTPTR, FLOAT32, FLOAT64, STRING, BYTES, ERROR = range(1, 18)


class String(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def bytes(self):
        return ctypes.string_at(self.data, self.size) if self.data else b""

    def text(self):
        return self.bytes().decode("utf-8", "surrogateescape")


def string(text):
    """The string of a str or bytes, which it keeps alive."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    made = String(ctypes.cast(c_char_p(data), c_void_p), len(data))
    made.owner = data
    return made


class _As(Union):
    _fields_ = [("boolean", c_bool), ("integer", c_int64), ("natural", c_uint64), ("number", c_double), ("text", String)]


class Value(Structure):
    _fields_ = [("type", c_uint32), ("reserved", c_uint32), ("as_", _As)]


class Diagnostic(Structure):
    _fields_ = [("size", c_size_t), ("line", c_int32), ("column", c_int32), ("file", String), ("message", String), ("hint", String), ("snippet", String)]


Callback = CFUNCTYPE(None, c_void_p, c_void_p)
Output = CFUNCTYPE(None, c_void_p, c_int32, String)
Load = CFUNCTYPE(None, c_void_p, String, c_void_p)


class Definition(Structure):
    _fields_ = [("size", c_size_t), ("name", String), ("signature", String), ("doc", String), ("callback", Callback), ("user_data", c_void_p),
                ("destroy", c_void_p), ("stack", c_size_t)]


class Options(Structure):
    _fields_ = [("size", c_size_t), ("workers", c_int32), ("native", c_int32), ("heap_limit", c_size_t), ("stack_limit", c_size_t),
                ("gc_percent", c_int32), ("seeded", c_bool), ("virtual_time", c_bool), ("seed", c_uint64), ("args", POINTER(String)),
                ("arg_count", c_size_t), ("output", Output), ("load", Load), ("available", c_void_p), ("user_data", c_void_p), ("destroy", c_void_p)]


class Source(Structure):
    _fields_ = [("name", String), ("text", String)]


class Limits(Structure):
    _fields_ = [("size", c_size_t), ("time", c_int64), ("goroutines", c_int64), ("output", c_uint64), ("fuel", c_uint64), ("stop", c_void_p)]


_pointer = POINTER(c_void_p)
_FUNCTIONS = {  # name: result, parameters
    "version": (c_uint32, ()),
    "error_destroy": (None, (c_void_p,)),
    "error_status": (c_int32, (c_void_p,)),
    "error_text": (String, (c_void_p,)),
    "error_limit": (c_int32, (c_void_p,)),
    "error_diagnostics": (c_size_t, (c_void_p,)),
    "error_diagnostic": (c_int32, (c_void_p, c_size_t, POINTER(Diagnostic))),
    "package_create": (c_int32, (String, _pointer, _pointer)),
    "package_function": (c_int32, (c_void_p, POINTER(Definition), _pointer)),
    "package_destroy": (None, (c_void_p,)),
    "arg": (c_int32, (c_void_p, c_size_t, POINTER(Value))),
    "return": (c_int32, (c_void_p, c_size_t, POINTER(Value))),
    "panic": (c_int32, (c_void_p, String)),
    "files_add": (c_int32, (c_void_p, String, String)),
    "engine_create": (c_int32, (POINTER(Options), _pointer, _pointer)),
    "engine_destroy": (None, (c_void_p,)),
    "engine_add_standard": (c_int32, (c_void_p, POINTER(String), c_size_t, _pointer)),
    "engine_add": (c_int32, (c_void_p, c_void_p, _pointer)),
    "engine_packages": (c_int32, (c_void_p, _pointer, _pointer)),
    "names_destroy": (None, (c_void_p,)),
    "names_count": (c_size_t, (c_void_p,)),
    "names_at": (String, (c_void_p, c_size_t)),
    "compile": (c_int32, (c_void_p, POINTER(Source), c_size_t, _pointer, _pointer)),
    "program_destroy": (None, (c_void_p,)),
    "stop_create": (c_int32, (_pointer, _pointer)),
    "stop_request": (c_int32, (c_void_p,)),
    "stop_destroy": (None, (c_void_p,)),
    "run": (c_int32, (c_void_p, c_void_p, POINTER(Limits), _pointer, _pointer)),
    "ended_destroy": (None, (c_void_p,)),
    "ended_exit": (c_int32, (c_void_p,)),
    "ended_message": (String, (c_void_p,)),
    "ended_limit": (c_int32, (c_void_p,)),
    "ended_fuel": (c_uint64, (c_void_p,)),
    "instantiate": (c_int32, (c_void_p, c_void_p, POINTER(Limits), _pointer, _pointer)),
    "instance_limit": (c_int32, (c_void_p, POINTER(Limits), _pointer)),
    "instance_destroy": (None, (c_void_p,)),
    "instance_function": (c_int32, (c_void_p, String, String, _pointer, _pointer)),
    "function_params": (c_size_t, (c_void_p,)),
    "function_results": (c_size_t, (c_void_p,)),
    "function_param": (c_uint32, (c_void_p, c_size_t)),
    "function_result": (c_uint32, (c_void_p, c_size_t)),
    "function_call": (c_int32, (c_void_p, POINTER(Value), c_size_t, POINTER(Value), c_size_t, _pointer)),
    "function_destroy": (None, (c_void_p,)),
}


class _Library:
    def __init__(self):
        # CSP_LIBRARY: where libcsp.so is, if the system does not know.
        path = os.environ.get("CSP_LIBRARY") or ctypes.util.find_library("csp") or "libcsp.so.0"
        library = ctypes.CDLL(path)
        for name, (result, parameters) in _FUNCTIONS.items():
            function = getattr(library, "csp_" + name)
            function.restype, function.argtypes = result, parameters
            setattr(self, name, function)


library = _Library()


class Handle:
    """Owns what the library has made."""

    def __init__(self, kind, make):
        """`make` gets where the handle is to be put, and the place for an error; it returns a status."""
        self._destroy = getattr(library, kind + "_destroy")
        self.pointer = None
        made = c_void_p()
        error = c_void_p()
        check(make(byref(made), byref(error)), error)
        self.pointer = made.value

    def __del__(self):
        if self.pointer is not None:
            self._destroy(self.pointer)


def check(status, error):
    """Raises what the error of a function says."""
    if status == OK:
        return
    from . import errors
    try:
        raise errors.of(status, error.value)
    finally:
        library.error_destroy(error)
