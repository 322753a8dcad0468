"""Csp in Python: engines that run scripts, call their functions, and give them functions of Python.

    import csp

    engine = csp.Engine(output=lambda stream, text: print(text, end=""))
    host = csp.Package("host")

    @host.function
    def Price(item: str, count: int) -> float:
        return 1.5 * count

    engine.add(host)
    program = engine.compile('import ("fmt"; "host"); fmt.Println(host.Price("tea", 3))')
    program.run(limits=csp.Limits(time=0.5))

It stands on libcsp.so, which CSP_LIBRARY names if it is not where the system looks.
"""

import dataclasses
import sys
import traceback
import typing

from . import _native as _c
from ._native import byref as _byref, ctypes as _ctypes, library as _library
from ._values import read as _read, signature_of as _signature_of, types_of as _types_of, write as _write
from .errors import (BusyError, CompileError, Diagnostic, Error, LimitError, ResultError, ScriptError, SignatureError, UnknownNameError, UseError,
                     limit_name as _limit_name)

__all__ = ["BusyError", "CompileError", "Diagnostic", "Ended", "Engine", "Error", "Function", "Instance", "LimitError", "Limits", "Package", "Program",
           "ResultError", "ScriptError", "SignatureError", "Stop", "UnknownNameError", "UseError", "version"]

# Python's own recursion limit is made for stacks of this size.
_STACK = 8 << 20


def version():
    """The library's version, as (major, minor, patch)."""
    number = _library.version()
    return number // 10000, number // 100 % 100, number % 100


class Stop:
    """Ends the runs and calls whose limits name it, from any thread."""

    def __init__(self):
        self._handle = _c.Handle("stop", _library.stop_create)

    def request(self):
        _library.stop_request(self._handle.pointer)


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a run or call may take; zero: no limit."""

    time: float = 0  #: Seconds.
    goroutines: int = 0
    output: int = 0  #: Bytes.
    fuel: int = 0
    stop: typing.Optional[Stop] = None

    def _struct(self):
        made = _c.Limits(0, round(self.time * 1e9), self.goroutines, self.output, self.fuel, self.stop._handle.pointer if self.stop else None)
        made.size = _ctypes.sizeof(made)
        return made


def _limits(limits):
    return None if limits is None else _byref(limits._struct())


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a run ended: exit status, and fuel used if that was limited."""

    status: int
    fuel: int


class Package:
    """Functions of Python for scripts that import `path`. Complete when an engine has got it."""

    def __init__(self, path):
        self._handle = _c.Handle("package", lambda made, error: _library.package_create(_c.string(path), made, error))
        self._callbacks = []

    def function(self, callable=None, *, name=None, signature=None, doc=None):
        """Adds a function; a decorator, with or without arguments. The signature follows from the annotations (bool, int, float, str,
        bytes, tuples of them as the result, names of Csp types in quotes) if it is not given. An exception becomes the
        function's error result, if its last result is one, else a panic of the script."""
        if callable is None:
            return lambda later: self.function(later, name=name, signature=signature, doc=doc)
        signature = signature or _signature_of(callable)
        texts = [_c.string(text) for text in (name or callable.__name__, signature, doc or callable.__doc__ or "")]
        definition = _c.Definition(0, *texts)
        definition.size = _ctypes.sizeof(definition)
        definition.stack = _STACK
        bound = _Bound(callable)
        definition.callback = _c.Callback(bound)
        error = _c.c_void_p()
        _c.check(_library.package_function(self._handle.pointer, _byref(definition), _byref(error)), error)
        bound.params, bound.results = _types_of(signature)
        self._callbacks.append(definition.callback)
        return callable


class _Bound:
    """What the library calls."""

    def __init__(self, callable):
        self.callable = callable
        self.params = self.results = ()

    def __call__(self, call, user_data):
        try:
            self.run(call)
        except BaseException as exception:  # nothing may leave a callback
            _library.panic(call, _c.string("".join(traceback.format_exception_only(type(exception), exception)).strip()))

    def run(self, call):
        value = _c.Value()
        arguments = []
        for i in range(len(self.params)):
            _library.arg(call, i, _byref(value))
            arguments.append(_read(value))
        returns_error = bool(self.results) and self.results[-1] == _c.ERROR
        try:
            given = self.callable(*arguments)
        except Exception as exception:
            if not returns_error:
                raise
            given = None
            self.put(call, len(self.results) - 1, exception)
            return
        results = self.results[:-1] if returns_error and not self._gives_all(given) else self.results
        if not results:
            return
        values = given if len(results) > 1 else (given,)
        if not isinstance(values, tuple) or len(values) != len(results):
            raise TypeError(f"{len(results)} results are wanted, not {given!r}")
        for i, each in enumerate(values):
            self.put(call, i, each)

    def _gives_all(self, given):
        """Whether the error is among what it has returned: as an exception, or None."""
        if len(self.results) == 1:
            return True
        return isinstance(given, tuple) and len(given) == len(self.results)

    def put(self, call, index, given):
        value = _c.Value()
        held = _write(value, self.results[index], given)
        _library.__dict__["return"](call, index, _byref(value))
        del held


class Engine:
    """Compiles and runs scripts. One thread at a time.

    output(stream, text) gets what scripts write to standard output (1) and error (2); modules(path) returns a dict of the files of a
    package, name to text, or None; packages are the parts of the standard library that scripts get, None: all."""

    def __init__(self, *, output=None, modules=None, packages=None, args=(), workers=0, heap_limit=0, stack_limit=0, seed=None, virtual_time=False):
        args = [_c.string(each) for each in args]
        options = _c.Options(0, workers, 0, heap_limit, stack_limit, 0, seed is not None, virtual_time, seed or 0)
        options.size = _ctypes.sizeof(options)
        options.args = (_c.String * len(args))(*args) if args else None
        options.arg_count = len(args)
        self._callbacks = []
        if output is not None:
            options.output = self._keep(_c.Output(lambda _, stream, text: _quietly(output, stream, text.text())))
        if modules is not None:
            options.load = self._keep(_c.Load(lambda _, path, files: _quietly(_load, modules, path.text(), files)))
        self._handle = _c.Handle("engine", lambda made, error: _library.engine_create(_byref(options), made, error))
        error = _c.c_void_p()
        paths = [_c.string(path) for path in packages or ()]
        chosen = None if packages is None else (_c.String * max(len(paths), 1))(*paths)
        _c.check(_library.engine_add_standard(self._handle.pointer, chosen, len(paths), _byref(error)), error)

    def _keep(self, callback):
        self._callbacks.append(callback)
        return callback

    def add(self, package):
        """Gives a package to scripts compiled from now on."""
        error = _c.c_void_p()
        _c.check(_library.engine_add(self._handle.pointer, package._handle.pointer, _byref(error)), error)
        self._keep(package)

    def packages(self):
        """Import paths of the packages there are, sorted."""
        names = _c.Handle("names", lambda made, error: _library.engine_packages(self._handle.pointer, made, error))
        return [_library.names_at(names.pointer, i).text() for i in range(_library.names_count(names.pointer))]

    def compile(self, source, name="script.csp"):
        """Makes a Program of a text, or of a dict of files, name to text. Raises CompileError."""
        files = source if isinstance(source, dict) else {name: source}
        sources = (_c.Source * max(len(files), 1))()
        held = [(_c.string(file), _c.string(text)) for file, text in files.items()]
        for i, (file, text) in enumerate(held):
            sources[i] = _c.Source(file, text)
        handle = _c.Handle("program", lambda made, error: _library.compile(self._handle.pointer, sources, len(files), made, error))
        return Program(self, handle)


def _quietly(callable, *arguments):
    """For callbacks that have nowhere to report to."""
    try:
        callable(*arguments)
    except BaseException:
        traceback.print_exc(file=sys.stderr)


def _load(modules, path, files):
    for name, text in (modules(path) or {}).items():
        _library.files_add(files, _c.string(name), _c.string(text))


class Program:
    """A compiled program."""

    def __init__(self, engine, handle):
        self._engine, self._handle = engine, handle
        self._callbacks = list(engine._callbacks)

    def run(self, limits=None):
        """Runs it and tells how it ended. Raises LimitError at a limit and ScriptError after a panic or fatal error."""
        ended = _c.Handle("ended", lambda made, error: _library.run(self._engine._handle.pointer, self._handle.pointer, _limits(limits), made, error))
        message = _library.ended_message(ended.pointer).text()
        if limit := _library.ended_limit(ended.pointer):
            raise LimitError(message, _limit_name(limit))
        if message:
            raise ScriptError(message)
        return Ended(_library.ended_exit(ended.pointer), _library.ended_fuel(ended.pointer))

    def instance(self, limits=None):
        """Makes an Instance; the limits are for that and for each call."""
        return Instance(self, limits)


class Instance:
    """A program with memory of its own, for calls of its functions. One thread at a time."""

    def __init__(self, program, limits):
        self._program = program
        self._handle = _c.Handle("instance", lambda made, error: _library.instantiate(
            program._engine._handle.pointer, program._handle.pointer, _limits(limits), made, error))

    def limit(self, limits):
        """Sets the limits of the calls that follow; None: no limits."""
        error = _c.c_void_p()
        _c.check(_library.instance_limit(self._handle.pointer, _limits(limits), _byref(error)), error)

    def function(self, name, signature=None):
        """The exported function of this name, which must have the signature, if one is given."""
        return Function(self, name, signature)


class Function:
    """A function of an instance. Called, it returns its result, a tuple of several, or None; an error that is its last result is raised
    as ResultError."""

    def __init__(self, instance, name, signature):
        self._instance = instance
        self._handle = _c.Handle("function", lambda made, error: _library.instance_function(
            instance._handle.pointer, _c.string(name), _c.String() if signature is None else _c.string(signature), made, error))
        pointer = self._handle.pointer
        self.name = name
        self._params = [_library.function_param(pointer, i) for i in range(_library.function_params(pointer))]
        self._results = [_library.function_result(pointer, i) for i in range(_library.function_results(pointer))]

    def __call__(self, *arguments):
        if len(arguments) != len(self._params):
            raise SignatureError(f"{self.name} takes {len(self._params)} arguments, not {len(arguments)}")
        values = (_c.Value * max(len(arguments), 1))()
        held = [_write(values[i], kind, arguments[i]) for i, kind in enumerate(self._params)]
        results = (_c.Value * max(len(self._results), 1))()
        error = _c.c_void_p()
        status = _library.function_call(self._handle.pointer, values, len(arguments), results, len(self._results), _byref(error))
        del held
        _c.check(status, error)
        found = [_read(results[i]) for i in range(len(self._results))]
        if self._results and self._results[-1] == _c.ERROR:
            if (failed := found.pop()) is not None:
                raise failed
        return None if not found else found[0] if len(found) == 1 else tuple(found)
