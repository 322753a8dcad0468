"""What can go wrong, as exceptions."""

from ._native import BUSY, COMPILE, FAILED, LIMIT, NO_MEMORY, NOT_FOUND, TYPE, Diagnostic as _Diagnostic, byref, ctypes, library

LIMITS = ("none", "time", "goroutines", "output", "fuel", "stop")


class Error(Exception):
    """An error of Csp; the base of the others."""


class UseError(Error, ValueError):
    """An argument that there must not be."""


class BusyError(Error):
    """An engine or instance is used by another thread, or by a function that it calls."""


class SignatureError(Error, TypeError):
    """A value or signature of the wrong type."""


class UnknownNameError(Error, LookupError):
    """There is nothing of this name."""


class Diagnostic:
    """One error of a program: file, line, column, message, hint, snippet."""

    def __init__(self, found):
        self.file, self.line, self.column = found.file.text(), found.line, found.column
        self.message, self.hint, self.snippet = found.message.text(), found.hint.text(), found.snippet.text()

    def __str__(self):
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class CompileError(Error):
    """A program is wrong. `diagnostics` are all its errors; `file`, `line` and `column` the place of the first."""

    def __init__(self, text, diagnostics):
        super().__init__(text)
        self.diagnostics = diagnostics
        first = diagnostics[0] if diagnostics else None
        self.file, self.line, self.column = (first.file, first.line, first.column) if first else ("", 0, 0)


class ScriptError(Error):
    """A script has panicked, or ended otherwise before its time."""


class LimitError(ScriptError):
    """A limit has ended a script. `limit` says which: "time", "goroutines", "output", "fuel" or "stop"."""

    def __init__(self, text, limit):
        super().__init__(text)
        self.limit = limit


class ResultError(Error):
    """The error that a function of a script has returned."""


_KINDS = {BUSY: BusyError, TYPE: SignatureError, NOT_FOUND: UnknownNameError, FAILED: ScriptError}


def limit_name(number):
    return LIMITS[number] if 0 <= number < len(LIMITS) else f"limit {number}"


def _diagnostics(error):
    found = _Diagnostic()
    found.size = ctypes.sizeof(found)
    made = []
    for i in range(library.error_diagnostics(error)):
        library.error_diagnostic(error, i, byref(found))
        made.append(Diagnostic(found))
    return made


def of(status, error):
    """The exception for a status and the library's error."""
    text = library.error_text(error).text()
    if status == NO_MEMORY:
        return MemoryError(text)
    if status == COMPILE:
        return CompileError(text, _diagnostics(error))
    if status == LIMIT:
        return LimitError(text, limit_name(library.error_limit(error)))
    return _KINDS.get(status, UseError)(text)
