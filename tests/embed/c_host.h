#pragma once

// What tests of the C interface share: handles that go by themselves, and short ways to make them.

#include <gtest/gtest.h>

#include <csp/csp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace c {

template <auto destroy>
struct Destroy {
    template <class T>
    void operator()(T* handle) const {
        destroy(handle);
    }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;

using Engine = Handle<csp_engine, csp_engine_destroy>;
using Package = Handle<csp_package, csp_package_destroy>;
using Program = Handle<csp_program, csp_program_destroy>;
using Instance = Handle<csp_instance, csp_instance_destroy>;
using Function = Handle<csp_function, csp_function_destroy>;
using Ended = Handle<csp_ended, csp_ended_destroy>;
using Stop = Handle<csp_stop, csp_stop_destroy>;
using Names = Handle<csp_names, csp_names_destroy>;

inline std::string text(csp_string string) { return string.data == nullptr ? "" : std::string(string.data, string.size); }
inline csp_string string(std::string_view text) { return {text.data(), text.size()}; }

/// Takes what a function says went wrong.
class Error {
  public:
    ~Error() { csp_error_destroy(error_); }
    csp_error** out() {
        csp_error_destroy(std::exchange(error_, nullptr));
        return &error_;
    }
    const csp_error* get() const { return error_; }
    std::string text() const { return error_ == nullptr ? "" : c::text(csp_error_text(error_)); }

  private:
    csp_error* error_ = nullptr;
};

/// An engine with the packages, the standard library among them, whose output goes to `out`.
inline Engine engine(std::string* out = nullptr, std::vector<csp_package*> packages = {}, csp_options options = {}) {
    options.size = sizeof options;
    if (options.workers == 0) options.workers = 1;
    if (out != nullptr) {
        options.user_data = out;
        options.output = [](void* to, std::int32_t, csp_string bytes) { *static_cast<std::string*>(to) += text(bytes); };
    }
    Error error;
    csp_engine* made = nullptr;
    EXPECT_EQ(csp_engine_create(&options, &made, error.out()), CSP_OK) << error.text();
    EXPECT_EQ(csp_engine_add_standard(made, nullptr, 0, error.out()), CSP_OK) << error.text();
    for (csp_package* package : packages) EXPECT_EQ(csp_engine_add(made, package, error.out()), CSP_OK) << error.text();
    return Engine(made);
}

inline Package package(std::string_view path) {
    Error error;
    csp_package* made = nullptr;
    EXPECT_EQ(csp_package_create(string(path), &made, error.out()), CSP_OK) << error.text();
    return Package(made);
}

inline csp_definition definition(std::string_view name, std::string_view signature, csp_callback callback, void* user_data = nullptr) {
    csp_definition made{};
    made.size = sizeof made;
    made.name = string(name);
    made.signature = string(signature);
    made.callback = callback;
    made.user_data = user_data;
    return made;
}

inline void add(const Package& package, const csp_definition& definition) {
    Error error;
    EXPECT_EQ(csp_package_function(package.get(), &definition, error.out()), CSP_OK) << error.text();
}

inline Program compile(const Engine& engine, std::string_view text) {
    const csp_source source{string("a.csp"), string(text)};
    Error error;
    csp_program* made = nullptr;
    EXPECT_EQ(csp_compile(engine.get(), &source, 1, &made, error.out()), CSP_OK) << error.text();
    return Program(made);
}

inline Instance instantiate(const Engine& engine, const Program& program) {
    Error error;
    csp_instance* made = nullptr;
    EXPECT_EQ(csp_instantiate(engine.get(), program.get(), nullptr, &made, error.out()), CSP_OK) << error.text();
    return Instance(made);
}

inline Function function(const Instance& instance, std::string_view name) {
    Error error;
    csp_function* made = nullptr;
    EXPECT_EQ(csp_instance_function(instance.get(), string(name), {}, &made, error.out()), CSP_OK) << error.text();
    return Function(made);
}

inline csp_value integer(std::int64_t number, csp_type type = CSP_TYPE_INT) {
    csp_value made{};
    made.type = type;
    made.as.integer = number;
    return made;
}
inline csp_value natural(std::uint64_t number, csp_type type = CSP_TYPE_UINT) {
    csp_value made{};
    made.type = type;
    made.as.natural = number;
    return made;
}
inline csp_value boolean(bool value) {
    csp_value made{};
    made.type = CSP_TYPE_BOOL;
    made.as.boolean = value;
    return made;
}
inline csp_value number(double value, csp_type type = CSP_TYPE_FLOAT64) {
    csp_value made{};
    made.type = type;
    made.as.number = value;
    return made;
}
inline csp_value string_value(csp_string text, csp_type type = CSP_TYPE_STRING) {
    csp_value made{};
    made.type = type;
    made.as.text = text;
    return made;
}

/// Calls a function with one result, or none.
inline csp_status call(const Function& function, const std::vector<csp_value>& args, csp_value* result, Error* error = nullptr) {
    return csp_function_call(function.get(), args.data(), args.size(), result, result == nullptr ? 0 : 1,
                             error == nullptr ? nullptr : error->out());
}

}  // namespace c
