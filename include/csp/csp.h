#pragma once

/// \file
/// The C interface: the engine for hosts in C and, by their foreign function interfaces, in other languages.
///
/// Handles. What `csp_..._create`, `csp_compile` and other functions put behind a pointer to a pointer belongs to the caller, who
/// gives it to the `csp_..._destroy` of its type once; NULL is accepted there. A handle keeps alive what it was made from: an
/// instance outlives its engine's handle, a function its instance's. So handles may be destroyed in any order, at any time, on any
/// thread, also while they are in use and by the host functions that a script calls. What must not happen is the use of a handle
/// after it was destroyed.
///
/// Threads. One thread at a time uses a handle; different handles may be used by different threads at once. An engine, package,
/// instance, or a function of an instance that is in use answers CSP_BUSY, on another thread and in a callback alike.
/// Programs, stops and errors may be used by any number of threads.
///
/// Errors. Functions that can fail return a status. The last parameter of most, `error`, may be NULL; otherwise it becomes NULL,
/// or after a failure an error that the caller destroys (NULL if there is no memory even for that). Results are not touched by
/// a failure. NULL where there is to be a handle, a result or an array with elements is CSP_INVALID.
///
/// Strings are a pointer and a number of bytes, UTF-8 as a rule, with or without zeros among them. Those passed in are
/// copied; those that come out belong to the handle that they come from.
///
/// Versions. Within one major version of the library (libcsp.so.N), functions and the meaning of their parameters stay as they
/// are, numbers of statuses, types and so on only become more, and structs whose first member is `size` only grow at their end: set
/// it to their sizeof, and what you do not use to zero. A struct that is longer than the library knows is accepted if the rest is zero.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/// 10000 * major + 100 * minor + patch of the library.
uint32_t csp_version(void);

/// Bytes of text. No `data`: no string, which is an empty one wherever that makes no difference.
typedef struct csp_string {
    const char* data;  ///< Not ended by a zero, as a rule.
    size_t size;  ///< In bytes.
} csp_string;

/// The string of a text that ends with a zero; NULL: no string.
static inline csp_string csp_text(const char* text) {
    csp_string string;
    string.data = text;
    string.size = text == NULL ? 0 : strlen(text);
    return string;
}

/// How a function has ended.
typedef int32_t csp_status;
enum {
    CSP_OK = 0,
    CSP_INVALID = 1,    ///< An argument that there must not be: NULL, a wrong size, a text that is not what it should be.
    CSP_BUSY = 2,       ///< In use by another thread, or by a call that this one is within; or a csp_call's wrong thread.
    CSP_NO_MEMORY = 3,  ///< The process has no memory.
    CSP_NOT_FOUND = 4,  ///< There is nothing of this name.
    CSP_TYPE = 5,       ///< A value or signature has another type than it must have, or is out of the type's range.
    CSP_COMPILE = 6,    ///< The program is wrong: see csp_error_diagnostic().
    CSP_FAILED = 7,     ///< A call of a script has not returned: a panic, a fatal error, an exit.
    CSP_LIMIT = 8,      ///< It has not because of a limit, or of a stop: see csp_error_limit().
    CSP_INTERNAL = 9    ///< A C++ exception that there should not be; a bug of Csp's.
};

/// What csp_limits has ended a run.
typedef int32_t csp_limit;
enum {
    CSP_LIMIT_NONE = 0,
    CSP_LIMIT_TIME = 1,
    CSP_LIMIT_GOROUTINES = 2,
    CSP_LIMIT_OUTPUT = 3,
    CSP_LIMIT_FUEL = 4,
    CSP_LIMIT_STOP = 5
};

// ---- errors ----

/// Why a function has failed.
typedef struct csp_error csp_error;
void csp_error_destroy(csp_error* error);  ///< NULL is accepted.
/// What the function has returned; CSP_NO_MEMORY for NULL.
csp_status csp_error_status(const csp_error* error);
/// One line; of CSP_COMPILE the first diagnostic, as "file:line:column: message". Valid until the error is destroyed.
csp_string csp_error_text(const csp_error* error);
/// Of CSP_LIMIT: which it was; else CSP_LIMIT_NONE.
csp_limit csp_error_limit(const csp_error* error);

/// One error of a program. Strings are valid until the csp_error is destroyed.
typedef struct csp_diagnostic {
    size_t size;  ///< sizeof(csp_diagnostic).
    int32_t line;    ///< From 1; 0: it has no place.
    int32_t column;  ///< From 1, in bytes.
    csp_string file;  ///< The name of the source.
    csp_string message;  ///< What is wrong.
    csp_string hint;     ///< What to do about it; may be empty.
    csp_string snippet;  ///< The source line and a caret below it; may be empty.
} csp_diagnostic;
/// How many diagnostics an error has: 0 unless it is CSP_COMPILE.
size_t csp_error_diagnostics(const csp_error* error);
/// Gets the diagnostic with this index; they are sorted by position. `diagnostic->size` is to be set.
csp_status csp_error_diagnostic(const csp_error* error, size_t index, csp_diagnostic* diagnostic);

// ---- values ----

/// The types that arguments and results can have.
typedef uint32_t csp_type;
enum {
    CSP_TYPE_BOOL = 1,
    CSP_TYPE_INT = 2,
    CSP_TYPE_INT8 = 3,
    CSP_TYPE_INT16 = 4,
    CSP_TYPE_INT32 = 5,  ///< Also rune.
    CSP_TYPE_INT64 = 6,
    CSP_TYPE_UINT = 7,
    CSP_TYPE_UINT8 = 8,  ///< Also byte.
    CSP_TYPE_UINT16 = 9,
    CSP_TYPE_UINT32 = 10,
    CSP_TYPE_UINT64 = 11,
    CSP_TYPE_UINTPTR = 12,
    CSP_TYPE_FLOAT32 = 13,
    CSP_TYPE_FLOAT64 = 14,
    CSP_TYPE_STRING = 15,
    CSP_TYPE_BYTES = 16,  ///< []byte; without data: nil.
    CSP_TYPE_ERROR = 17   ///< error; the string is its text, without data: nil. Results only.
};

/// A value of one of these types. It will never be larger; what other types need fits in.
typedef struct csp_value {
    csp_type type;  ///< Which member of `as` counts.
    uint32_t reserved;  ///< 0.
    union {
        bool boolean;
        int64_t integer;   ///< Of int to int64.
        uint64_t natural;  ///< Of uint to uintptr.
        double number;     ///< Of float32 and float64.
        csp_string text;   ///< Of string, []byte, error.
    } as;  ///< The value.
} csp_value;

// ---- host packages ----

/// A call of a host function that is under way, within its callback: on that thread only, and not after it has returned.
typedef struct csp_call csp_call;
/// Carries out a call: reads the arguments, sets the results (which begin as zero values). Several calls may be under way at
/// once, on several threads, if the engine has more than one worker.
typedef void (*csp_callback)(csp_call* call, void* user_data);

/// A function for scripts.
typedef struct csp_definition {
    size_t size;  ///< sizeof(csp_definition).
    csp_string name;       ///< An exported one: "Count".
    csp_string signature;  ///< Without names: "func(string, int) (float64, error)".
    csp_string doc;        ///< What it does; may be empty.
    csp_callback callback;  ///< What a script calls.
    void* user_data;  ///< For the callback.
    /// Called with `user_data` when nothing can call the function any more, on whatever thread that is; may be NULL.
    void (*destroy)(void* user_data);
    /// Bytes of stack that a call has at least, up to 1 GB. 0: 64 KB, which costs nothing; more than 256 KB costs some
    /// microseconds a call. A callback that compiles or runs scripts needs 8 MB.
    size_t stack;
} csp_definition;

/// A package of functions that scripts import.
typedef struct csp_package csp_package;
/// `path` is the import path: names of letters, digits, '_', '-', '.' with '/' between them. The last is the package's name.
csp_status csp_package_create(csp_string path, csp_package** package, csp_error** error);
/// Adds a function. CSP_INVALID if there is one of this name, or an engine has the package already. After a failure, user_data
/// is the caller's as before.
csp_status csp_package_function(csp_package* package, const csp_definition* definition, csp_error** error);
void csp_package_destroy(csp_package* package);  ///< NULL is accepted; engines keep what they were given.

/// The number of arguments; 0 for NULL.
size_t csp_arg_count(const csp_call* call);
/// Gets the argument with this index, from 0. Strings and bytes are not copied: they are valid during the call. Other
/// goroutines may write the bytes meanwhile.
csp_status csp_arg(csp_call* call, size_t index, csp_value* value);
/// The same for one kind of types; CSP_TYPE if the argument has another.
csp_status csp_arg_bool(csp_call* call, size_t index, bool* value);
csp_status csp_arg_int(csp_call* call, size_t index, int64_t* value);  ///< As csp_arg_bool().
csp_status csp_arg_uint(csp_call* call, size_t index, uint64_t* value);  ///< As csp_arg_bool().
csp_status csp_arg_float(csp_call* call, size_t index, double* value);  ///< As csp_arg_bool().
csp_status csp_arg_string(csp_call* call, size_t index, csp_string* value);  ///< Valid during the call.
csp_status csp_arg_bytes(csp_call* call, size_t index, csp_string* value);  ///< Valid during the call.

/// Sets the result with this index, from 0; strings and bytes are copied. CSP_NO_MEMORY: the engine's heap limit is reached, and
/// the run is being ended.
csp_status csp_return(csp_call* call, size_t index, const csp_value* value);
/// The same for one kind of types. A number that the result's type cannot hold is CSP_TYPE.
csp_status csp_return_bool(csp_call* call, size_t index, bool value);
csp_status csp_return_int(csp_call* call, size_t index, int64_t value);  ///< As csp_return_bool().
csp_status csp_return_uint(csp_call* call, size_t index, uint64_t value);  ///< As csp_return_bool().
csp_status csp_return_float(csp_call* call, size_t index, double value);  ///< As csp_return_bool().
csp_status csp_return_string(csp_call* call, size_t index, csp_string value);  ///< It is copied.
csp_status csp_return_bytes(csp_call* call, size_t index, csp_string value);  ///< It is copied.
/// An error with this text; no string: nil.
csp_status csp_return_error(csp_call* call, size_t index, csp_string text);
/// Makes the call end in a panic with this text, when the callback has returned.
csp_status csp_panic(csp_call* call, csp_string text);

/// For callbacks that work for long, to be called every ten microseconds or so: counts `units` of work, of some five nanoseconds,
/// as fuel, and lets other goroutines run. The callback may go on on another thread afterwards, which then is the call's, so it is
/// not for languages whose frames belong to a thread. CSP_LIMIT: the run is being ended, return at once.
csp_status csp_charge(csp_call* call, uint64_t units);

// ---- engines ----

/// When functions are translated to machine code.
typedef int32_t csp_native;
enum {
    CSP_NATIVE_HOT = 0,    ///< When they turn out to be hot.
    CSP_NATIVE_OFF = 1,    ///< Never; no memory is made executable.
    CSP_NATIVE_ALWAYS = 2  ///< Before they run, to test the translation.
};

/// Where a module loader's answers go; during the callback only.
typedef struct csp_files csp_files;
typedef struct csp_paths csp_paths;  ///< A list of import paths.
/// Adds a file to the package that is asked for.
csp_status csp_files_add(csp_files* files, csp_string name, csp_string text);
/// Adds an import path.
csp_status csp_paths_add(csp_paths* paths, csp_string path);

/// Settings of an engine. Zero is the default of each.
typedef struct csp_options {
    size_t size;  ///< sizeof(csp_options).
    int32_t workers;     ///< Threads that run goroutines; 0: one a processor.
    csp_native native;  ///< Whether functions become machine code.
    size_t heap_limit;   ///< Bytes of script memory a run may hold; 0: no limit.
    size_t stack_limit;  ///< Bytes of one goroutine's stack; 0: 1 GB.
    int32_t gc_percent;  ///< The heap may grow by so much before it has been collected; 0: 100; negative: it never is.
    bool seeded;         ///< `seed` makes runs repeatable: one worker, seeded scheduling decisions.
    bool virtual_time;   ///< Sleeps and timers jump when nothing else can run.
    uint64_t seed;  ///< Of repeatable runs.
    const csp_string* args;  ///< os.Args.
    size_t arg_count;  ///< How many args there are.
    /// Gets what scripts write to standard output (stream 1) and error (2), from the threads that run them; one call at a time
    /// for each run or instance. NULL: the process's own streams.
    void (*output)(void* user_data, int32_t stream, csp_string bytes);
    /// Finds packages that a program imports and the engine does not have: adds the files of the one with this import path; none:
    /// there is no such package. NULL: the engine's packages only.
    void (*load)(void* user_data, csp_string path, csp_files* files);
    /// Adds the import paths that there are, for messages about missing packages; may be NULL.
    void (*available)(void* user_data, csp_paths* paths);
    void* user_data;  ///< Of the three.
    /// Called with `user_data` when the engine and all made by it are gone, on whatever thread that is; may be NULL.
    void (*destroy)(void* user_data);
} csp_options;

/// Compiles and runs scripts.
typedef struct csp_engine csp_engine;
/// Makes an engine, with `options` or, for NULL, the defaults. After a failure, options->user_data is the caller's as before.
csp_status csp_engine_create(const csp_options* options, csp_engine** engine, csp_error** error);
void csp_engine_destroy(csp_engine* engine);  ///< NULL is accepted.
/// Gives the standard library to scripts compiled from now on: all of it, if `paths` is NULL, or the packages with these import
/// paths, with what these themselves import; CSP_NOT_FOUND if there is none of such a path.
csp_status csp_engine_add_standard(csp_engine* engine, const csp_string* paths, size_t count, csp_error** error);
/// Gives a package to scripts compiled from now on, in place of one of the same path. It can't be changed any more.
csp_status csp_engine_add(csp_engine* engine, csp_package* package, csp_error** error);

/// A list of names.
typedef struct csp_names csp_names;
void csp_names_destroy(csp_names* names);  ///< NULL is accepted.
size_t csp_names_count(const csp_names* names);  ///< How many there are.
/// Valid until the list is destroyed; no string beyond its end.
csp_string csp_names_at(const csp_names* names, size_t index);
/// Lists the import paths of the packages there are, sorted.
csp_status csp_engine_packages(csp_engine* engine, csp_names** names, csp_error** error);

// ---- programs ----

/// A source text with the name it has in messages; at most 1 GB.
typedef struct csp_source {
    csp_string name;  ///< What it is called in messages.
    csp_string text;  ///< The source text.
} csp_source;

/// A compiled program; may be run by any engine, at the same time.
typedef struct csp_program csp_program;
/// Compiles the files of a main package; CSP_COMPILE if they are wrong. Runs nothing.
csp_status csp_compile(csp_engine* engine, const csp_source* sources, size_t count, csp_program** program, csp_error** error);
/// Checks without compiling.
csp_status csp_check(csp_engine* engine, const csp_source* sources, size_t count, csp_error** error);
void csp_program_destroy(csp_program* program);  ///< NULL is accepted.

// ---- runs ----

/// Ends runs and calls whose limits name it.
typedef struct csp_stop csp_stop;
csp_status csp_stop_create(csp_stop** stop, csp_error** error);  ///< Nothing has been stopped by it yet.
/// Any thread may request it, at any time, also before the start. It can't be taken back.
csp_status csp_stop_request(csp_stop* stop);
void csp_stop_destroy(csp_stop* stop);  ///< NULL is accepted.

/// What a run, or a call, may take. Zero: no limit.
typedef struct csp_limits {
    size_t size;  ///< sizeof(csp_limits).
    int64_t time;        ///< Nanoseconds by the wall clock.
    int64_t goroutines;  ///< Alive at once, the main one among them.
    uint64_t output;     ///< Bytes on standard output and error together.
    uint64_t fuel;       ///< Units of work: rounds of loops, calls, and what the library does instead of such; at most 2^62.
    csp_stop* stop;      ///< May be destroyed meanwhile.
} csp_limits;

/// How a run ended.
typedef struct csp_ended csp_ended;
void csp_ended_destroy(csp_ended* ended);  ///< NULL is accepted.
/// 0; 2 after a panic or fatal error, or at a limit; 1 if there is no main; else what os.Exit was given.
int32_t csp_ended_exit(const csp_ended* ended);
/// First line of a panic or fatal error, or which limit it was and where; empty after a normal end. Valid until it is destroyed.
csp_string csp_ended_message(const csp_ended* ended);
csp_limit csp_ended_limit(const csp_ended* ended);  ///< Which limit has ended it.
/// Units used, if fuel was limited; else 0.
uint64_t csp_ended_fuel(const csp_ended* ended);

/// Initialises the packages, runs main, and returns when main has, or at a limit. CSP_OK says that there was a run; how it went is
/// in `ended`. `limits` and `ended` may be NULL.
csp_status csp_run(csp_engine* engine, const csp_program* program, const csp_limits* limits, csp_ended** ended, csp_error** error);

// ---- calls ----

/// A program with memory of its own, for calls by the host.
typedef struct csp_instance csp_instance;
/// Initialises the packages; main and the statements of a script do not run. `limits`, which may be NULL, are for that and for each
/// call.
csp_status csp_instantiate(csp_engine* engine, const csp_program* program, const csp_limits* limits, csp_instance** instance,
                           csp_error** error);
/// Sets the limits of the calls that follow; NULL: none. A call that a limit ends fails, and so do all after it.
csp_status csp_instance_limit(csp_instance* instance, const csp_limits* limits, csp_error** error);
/// Gets how many units the last call has used, if fuel was limited; else 0.
csp_status csp_instance_fuel(csp_instance* instance, uint64_t* units);
void csp_instance_destroy(csp_instance* instance);  ///< NULL is accepted.

/// A function of an instance.
typedef struct csp_function csp_function;
/// Looks up an exported function. CSP_TYPE if its signature is not `signature` ("func(string, int) bool"), or, for no
/// string, has types that there are no values of.
csp_status csp_instance_function(csp_instance* instance, csp_string name, csp_string signature, csp_function** function,
                                 csp_error** error);
/// How many parameters and results it has; 0 for NULL.
size_t csp_function_params(const csp_function* function);
size_t csp_function_results(const csp_function* function);  ///< How many results it has.
/// The type of a parameter or result; 0 if there is none with this index.
csp_type csp_function_param(const csp_function* function, size_t index);
csp_type csp_function_result(const csp_function* function, size_t index);  ///< 0 if there is none with this index.
/// Calls it and waits for its end: `arg_count` arguments of exactly the parameters' types, and as many results as it has.
/// Goroutines that it leaves behind go on during the next call. Strings among the results are valid until the next call of
/// the instance, or until it and its functions are destroyed.
csp_status csp_function_call(csp_function* function, const csp_value* args, size_t arg_count, csp_value* results, size_t result_count,
                             csp_error** error);
void csp_function_destroy(csp_function* function);  ///< NULL is accepted.

#ifdef __cplusplus
}
#endif
