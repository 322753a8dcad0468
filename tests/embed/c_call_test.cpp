// The C interface: calls in both directions, and handles in use.

#include <limits>
#include <thread>

#include "c_host.h"

namespace {

constexpr const char* kEchoes = R"(
package main

import "errors"

func Bool(v bool) bool          { return v }
func Int(v int) int             { return v }
func Int8(v int8) int8          { return v }
func Int16(v int16) int16       { return v }
func Rune(v rune) rune          { return v }
func Int64(v int64) int64       { return v }
func Uint(v uint) uint          { return v }
func Byte(v byte) byte          { return v }
func Uint16(v uint16) uint16    { return v }
func Uint32(v uint32) uint32    { return v }
func Uint64(v uint64) uint64    { return v }
func Uintptr(v uintptr) uintptr { return v }
func Float32(v float32) float32 { return v }
func Float64(v float64) float64 { return v }
func String(v string) string    { return v }
func Bytes(v []byte) []byte     { return v }
func IsNil(v []byte) bool       { return v == nil }

func Many(a int, b string, c float64, d []byte, e bool) (n int, err error, s string, more error) {
	return a + len(b) + len(d), errors.New("first " + b), b + "!", nil
}
type odd struct{}
func (odd) Error() string { panic("in Error") }
func Odd() error     { return odd{} }
func Nothing()       {}
func Fails()         { panic("failed") }
func Spins()         { for {} }
func Map(m map[string]int) {}
func Takes(err error) {}
var count int
func Count() int { count++; return count }
func main() {}
)";

struct Echoes {
    c::Engine engine = c::engine();
    c::Instance instance = c::instantiate(engine, c::compile(engine, kEchoes));
};

TEST(CCall, PassesEveryType) {
    const Echoes echoes;
    const auto echo = [&](const char* name, const csp_value& value) {
        csp_value result{};
        c::Error error;
        EXPECT_EQ(c::call(c::function(echoes.instance, name), {value}, &result, &error), CSP_OK) << name << ": " << error.text();
        EXPECT_EQ(result.type, value.type) << name;
        return result.as;
    };
    EXPECT_TRUE(echo("Bool", c::boolean(true)).boolean);
    EXPECT_FALSE(echo("Bool", c::boolean(false)).boolean);
    const auto signed_limits = [&]<class T>(const char* name, csp_type type, T) {
        for (const std::int64_t value : {std::int64_t{std::numeric_limits<T>::min()}, std::int64_t{-1}, std::int64_t{std::numeric_limits<T>::max()}})
            EXPECT_EQ(echo(name, c::integer(value, type)).integer, value) << name;
    };
    signed_limits("Int", CSP_TYPE_INT, std::int64_t{});
    signed_limits("Int8", CSP_TYPE_INT8, std::int8_t{});
    signed_limits("Int16", CSP_TYPE_INT16, std::int16_t{});
    signed_limits("Rune", CSP_TYPE_INT32, std::int32_t{});
    signed_limits("Int64", CSP_TYPE_INT64, std::int64_t{});
    const auto unsigned_limits = [&]<class T>(const char* name, csp_type type, T) {
        for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{std::numeric_limits<T>::max()}})
            EXPECT_EQ(echo(name, c::natural(value, type)).natural, value) << name;
    };
    unsigned_limits("Uint", CSP_TYPE_UINT, std::uint64_t{});
    unsigned_limits("Byte", CSP_TYPE_UINT8, std::uint8_t{});
    unsigned_limits("Uint16", CSP_TYPE_UINT16, std::uint16_t{});
    unsigned_limits("Uint32", CSP_TYPE_UINT32, std::uint32_t{});
    unsigned_limits("Uint64", CSP_TYPE_UINT64, std::uint64_t{});
    unsigned_limits("Uintptr", CSP_TYPE_UINTPTR, std::uintptr_t{});
    EXPECT_EQ(echo("Float32", c::number(-1.5, CSP_TYPE_FLOAT32)).number, -1.5);
    EXPECT_EQ(echo("Float32", c::number(-1e300, CSP_TYPE_FLOAT32)).number, -std::numeric_limits<double>::infinity());
    EXPECT_EQ(echo("Float64", c::number(1e300)).number, 1e300);
    const std::string_view text("a\0b", 3);
    EXPECT_EQ(c::text(echo("String", c::string_value(c::string(text))).text), text);
    EXPECT_EQ(c::text(echo("String", c::string_value({})).text), "");
    EXPECT_EQ(c::text(echo("Bytes", c::string_value(c::string(text), CSP_TYPE_BYTES)).text), text);
    EXPECT_EQ(echo("Bytes", c::string_value({}, CSP_TYPE_BYTES)).text.data, nullptr);
    csp_value result{};
    ASSERT_EQ(c::call(c::function(echoes.instance, "IsNil"), {c::string_value({}, CSP_TYPE_BYTES)}, &result), CSP_OK);
    EXPECT_TRUE(result.as.boolean);
    ASSERT_EQ(c::call(c::function(echoes.instance, "IsNil"), {c::string_value({"", 0}, CSP_TYPE_BYTES)}, &result), CSP_OK);
    EXPECT_FALSE(result.as.boolean);
}

TEST(CCall, ReadsSeveralResultsAndErrors) {
    const Echoes echoes;
    const auto many = c::function(echoes.instance, "Many");
    ASSERT_EQ(csp_function_params(many.get()), 5u);
    ASSERT_EQ(csp_function_results(many.get()), 4u);
    EXPECT_EQ(csp_function_param(many.get(), 3), std::uint32_t{CSP_TYPE_BYTES});
    EXPECT_EQ(csp_function_result(many.get(), 1), std::uint32_t{CSP_TYPE_ERROR});
    EXPECT_EQ(csp_function_param(many.get(), 5) + csp_function_result(many.get(), 4), 0u);
    const std::vector<csp_value> args{c::integer(30), c::string_value(c::string("text")), c::number(2),
                                      c::string_value(c::string("12345678"), CSP_TYPE_BYTES), c::boolean(true)};
    csp_value results[4];
    ASSERT_EQ(csp_function_call(many.get(), args.data(), 5, results, 4, nullptr), CSP_OK);
    EXPECT_EQ(results[0].as.integer, 42);
    EXPECT_EQ(c::text(results[1].as.text), "first text");
    EXPECT_EQ(c::text(results[2].as.text), "text!");
    EXPECT_EQ(results[3].as.text.data, nullptr);
    csp_value untouched = c::integer(7);
    c::Error error;
    EXPECT_EQ(c::call(c::function(echoes.instance, "Odd"), {}, &untouched, &error), CSP_FAILED);
    EXPECT_EQ(error.text(), "panic: in Error");
    EXPECT_EQ(untouched.as.integer, 7);
    EXPECT_EQ(c::call(c::function(echoes.instance, "Nothing"), {}, nullptr), CSP_OK);
}

TEST(CCall, RefusesWrongArguments) {
    const Echoes echoes;
    const auto wrong = [&](const char* name, const std::vector<csp_value>& args, csp_status expected, std::size_t results = 1) {
        csp_value result{};
        c::Error error;
        EXPECT_EQ(csp_function_call(c::function(echoes.instance, name).get(), args.data(), args.size(), &result, results, error.out()), expected);
        EXPECT_EQ(result.type, 0u);
        return error.text();
    };
    EXPECT_EQ(wrong("Int", {}, CSP_TYPE), "0 arguments, not 1");
    EXPECT_EQ(wrong("Int", {c::integer(1)}, CSP_TYPE, 0), "room for 0 results, not 1");
    EXPECT_EQ(wrong("Int", {c::number(1)}, CSP_TYPE), "argument 1: float64, not int");
    EXPECT_EQ(wrong("Int", {c::integer(1, 99)}, CSP_INVALID), "argument 1: type 99, not int");
    EXPECT_EQ(wrong("Int8", {c::integer(128, CSP_TYPE_INT8)}, CSP_TYPE), "argument 1: 128 is out of the range of int8");
    EXPECT_EQ(wrong("Uint16", {c::natural(65536, CSP_TYPE_UINT16)}, CSP_TYPE), "argument 1: 65536 is out of the range of uint16");
    EXPECT_EQ(wrong("String", {c::string_value({nullptr, 1})}, CSP_INVALID), "argument 1: a string without data, but with a size");
    EXPECT_EQ(wrong("Bytes", {c::string_value({"", std::size_t{1} << 31}, CSP_TYPE_BYTES)}, CSP_TYPE), "argument 1: more than 2147483647 bytes");
    c::Error error;
    csp_value result{};
    EXPECT_EQ(csp_function_call(c::function(echoes.instance, "Int").get(), nullptr, 1, &result, 1, error.out()), CSP_INVALID);
    EXPECT_EQ(error.text(), "args is NULL");
    const csp_value one = c::integer(1);
    EXPECT_EQ(csp_function_call(c::function(echoes.instance, "Int").get(), &one, 1, nullptr, 1, error.out()), CSP_INVALID);
    EXPECT_EQ(error.text(), "results is NULL");
}

TEST(CCall, ChecksSignatures) {
    const Echoes echoes;
    const auto look_up = [&](const char* name, const char* signature, csp_status expected) {
        c::Error error;
        csp_function* found = nullptr;
        EXPECT_EQ(csp_instance_function(echoes.instance.get(), c::string(name), csp_text(signature), &found, error.out()), expected) << name;
        csp_function_destroy(found);
        return error.text();
    };
    EXPECT_EQ(look_up("Many", "func(int,string,  float64, []uint8,bool)(int, error, string, error)", CSP_OK), "");
    EXPECT_EQ(look_up("Rune", "func(int32) rune", CSP_OK), "");
    EXPECT_EQ(look_up("Nothing", "func()", CSP_OK), "");
    EXPECT_EQ(look_up("Nothing", "func() ()", CSP_OK), "");
    EXPECT_EQ(look_up("Int", "func(int) string", CSP_TYPE), "Int has type func(int) int, not func(int) string");
    EXPECT_EQ(look_up("Map", "func(int)", CSP_TYPE), "Map has type func(map[string]int), not func(int)");
    EXPECT_EQ(look_up("Map", nullptr, CSP_TYPE), "Map has type func(map[string]int): no values of type map[string]int at byte 6");
    EXPECT_EQ(look_up("Takes", nullptr, CSP_TYPE), "Takes has type func(error): error is a type of results only at byte 12");
    EXPECT_EQ(look_up("None", nullptr, CSP_NOT_FOUND), "no exported function None");
    EXPECT_EQ(look_up("main", nullptr, CSP_NOT_FOUND), "no exported function main");
    EXPECT_EQ(look_up("Int", "int", CSP_TYPE), "signature \"int\": no func at byte 1");
    EXPECT_EQ(look_up("Int", "func", CSP_TYPE), "signature \"func\": no ( at byte 5");
    EXPECT_EQ(look_up("Int", "func(int", CSP_TYPE), "signature \"func(int\": no , at byte 9");
    EXPECT_EQ(look_up("Int", "func(int,", CSP_TYPE), "signature \"func(int,\": no type at byte 10");
    EXPECT_EQ(look_up("Int", "func(int) int x", CSP_TYPE), "signature \"func(int) int x\": something follows the signature at byte 15");
    EXPECT_EQ(look_up("Int", "", CSP_TYPE), "signature \"\": no func at byte 1");
    std::string many = "func(int";
    for (int i = 0; i < 64; ++i) many += ", int";
    EXPECT_NE(look_up("Int", (many + ")").c_str(), CSP_TYPE).find("more than 64 types"), std::string::npos);
    csp_function* found = nullptr;
    EXPECT_EQ(csp_instance_function(echoes.instance.get(), {nullptr, 1}, {}, &found, nullptr), CSP_INVALID);
    EXPECT_EQ(csp_instance_function(echoes.instance.get(), c::string("Int"), {}, nullptr, nullptr), CSP_INVALID);
}

TEST(CCall, FailuresLeaveTheInstanceAndLimitsEndIt) {
    const Echoes echoes;
    const auto count = c::function(echoes.instance, "Count");
    csp_value result{};
    c::Error error;
    ASSERT_EQ(c::call(count, {}, &result), CSP_OK);
    EXPECT_EQ(c::call(c::function(echoes.instance, "Fails"), {}, nullptr, &error), CSP_FAILED);
    EXPECT_EQ(error.text(), "panic: failed");
    EXPECT_EQ(csp_error_status(error.get()), CSP_FAILED);
    ASSERT_EQ(c::call(count, {}, &result), CSP_OK);
    EXPECT_EQ(result.as.integer, 2);
    csp_limits limits{};
    limits.size = sizeof limits;
    limits.fuel = 5000;
    ASSERT_EQ(csp_instance_limit(echoes.instance.get(), &limits, nullptr), CSP_OK);
    EXPECT_EQ(c::call(c::function(echoes.instance, "Spins"), {}, nullptr, &error), CSP_LIMIT);
    EXPECT_EQ(csp_error_limit(error.get()), CSP_LIMIT_FUEL);
    std::uint64_t fuel = 0;
    ASSERT_EQ(csp_instance_fuel(echoes.instance.get(), &fuel), CSP_OK);
    EXPECT_EQ(fuel, 5000u);
    ASSERT_EQ(csp_instance_limit(echoes.instance.get(), nullptr, nullptr), CSP_OK);
    EXPECT_EQ(c::call(count, {}, &result, &error), CSP_LIMIT);
    EXPECT_NE(error.text().find("the instance has ended: "), std::string::npos) << error.text();
    limits.time = -1;
    EXPECT_EQ(csp_instance_limit(echoes.instance.get(), &limits, nullptr), CSP_INVALID);
    EXPECT_EQ(csp_instance_fuel(echoes.instance.get(), nullptr), CSP_INVALID);
}

TEST(CCall, InitialisationThatFailsIsAnError) {
    const auto engine = c::engine();
    const auto program = c::compile(engine, "package main\nvar x = f()\nfunc f() int { panic(\"in f\") }\nfunc main() { _ = x }\n");
    csp_instance* instance = nullptr;
    c::Error error;
    EXPECT_EQ(csp_instantiate(engine.get(), program.get(), nullptr, &instance, error.out()), CSP_FAILED);
    EXPECT_EQ(error.text(), "panic: in f");
}

TEST(CHostFunction, GetsAndReturnsEveryType) {
    std::string out;
    const auto package = c::package("host/echo");
    const csp_callback echo = [](csp_call* call, void*) {
        ASSERT_EQ(csp_arg_count(call), 1u);
        csp_value value{};
        ASSERT_EQ(csp_arg(call, 0, &value), CSP_OK);
        ASSERT_EQ(csp_return(call, 0, &value), CSP_OK);
    };
    std::string script = "import (\"fmt\"; \"host/echo\")\nfmt.Println(";
    for (const auto& [type, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"bool", "true"}, {"int", "-1<<63"}, {"int8", "-128"}, {"int16", "-32768"}, {"rune", "-1<<31"}, {"int64", "-1<<63"},
             {"uint", "1<<64-1"}, {"byte", "255"}, {"uint16", "65535"}, {"uint32", "1<<32-1"}, {"uint64", "1<<64-1"}, {"uintptr", "7"},
             {"float32", "0.5"}, {"float64", "-2.25"}, {"string", "\"text\""}, {"[]byte", "[]byte{1, 2}"}}) {
        const std::string name = type == "[]byte" ? "Bytes" : "F" + type;
        c::add(package, c::definition(name, "func(" + type + ") " + type, echo));
        script += "echo." + name + "(" + value + "), ";
    }
    const auto engine = c::engine(&out, {package.get()});
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, script + "\"\")\n").get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(out, "true -9223372036854775808 -128 -32768 -2147483648 -9223372036854775808 18446744073709551615 255 65535 "
                   "4294967295 18446744073709551615 7 0.5 -2.25 text [1 2] \n");
}

TEST(CHostFunction, GetsAndReturnsByKind) {
    std::string out;
    const auto package = c::package("host");
    c::add(package, c::definition("All", "func(bool, int8, uint16, float32, string, []byte) (bool, int8, uint16, float32, string, []byte, error, error)",
        [](csp_call* call, void*) {
            bool boolean = false;
            std::int64_t integer = 0;
            std::uint64_t natural = 0;
            double number = 0;
            csp_string text{};
            csp_string bytes{};
            ASSERT_EQ(csp_arg_bool(call, 0, &boolean), CSP_OK);
            ASSERT_EQ(csp_arg_int(call, 1, &integer), CSP_OK);
            ASSERT_EQ(csp_arg_uint(call, 2, &natural), CSP_OK);
            ASSERT_EQ(csp_arg_float(call, 3, &number), CSP_OK);
            ASSERT_EQ(csp_arg_string(call, 4, &text), CSP_OK);
            ASSERT_EQ(csp_arg_bytes(call, 5, &bytes), CSP_OK);
            EXPECT_EQ(csp_return_bool(call, 0, !boolean), CSP_OK);
            EXPECT_EQ(csp_return_int(call, 1, integer + 1), CSP_OK);
            EXPECT_EQ(csp_return_uint(call, 2, natural + 1), CSP_OK);
            EXPECT_EQ(csp_return_float(call, 3, number * 2), CSP_OK);
            EXPECT_EQ(csp_return_string(call, 4, c::string(c::text(text) + "!")), CSP_OK);
            EXPECT_EQ(csp_return_bytes(call, 5, c::string(c::text(bytes) + "?")), CSP_OK);
            EXPECT_EQ(csp_return_error(call, 6, c::string("bad")), CSP_OK);
            EXPECT_EQ(csp_return_error(call, 7, {}), CSP_OK);
        }));
    const auto engine = c::engine(&out, {package.get()});
    const auto program = c::compile(engine, "import (\"fmt\"; \"host\")\nfmt.Println(host.All(true, -5, 6, 1.5, \"s\", []byte(\"b\")))\n");
    ASSERT_EQ(csp_run(engine.get(), program.get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(out, "false -4 7 3 s! [98 63] bad <nil>\n");
}

TEST(CHostFunction, ItsCallAnswersMisuse) {
    std::string out;
    const auto package = c::package("host");
    c::add(package, c::definition("F", "func(int, string) (int8, string)", [](csp_call* call, void*) {
        bool boolean = false;
        std::int64_t integer = 5;
        std::uint64_t natural = 0;
        double number = 0;
        csp_string text{};
        csp_value value{};
        EXPECT_EQ(csp_arg_bool(call, 0, &boolean), CSP_TYPE);
        EXPECT_EQ(csp_arg_int(call, 1, &integer), CSP_TYPE);
        EXPECT_EQ(csp_arg_uint(call, 0, &natural), CSP_TYPE);
        EXPECT_EQ(csp_arg_float(call, 0, &number), CSP_TYPE);
        EXPECT_EQ(csp_arg_string(call, 0, &text), CSP_TYPE);
        EXPECT_EQ(csp_arg_bytes(call, 1, &text), CSP_TYPE);
        EXPECT_EQ(csp_arg(call, 2, &value), CSP_INVALID);
        EXPECT_EQ(csp_arg_int(call, 2, &integer), CSP_INVALID);
        EXPECT_EQ(csp_arg_int(call, 0, nullptr), CSP_INVALID);
        EXPECT_EQ(integer, 5);
        EXPECT_EQ(csp_return_int(call, 0, 128), CSP_TYPE);
        EXPECT_EQ(csp_return_int(call, 1, 1), CSP_TYPE);
        EXPECT_EQ(csp_return_int(call, 2, 1), CSP_INVALID);
        EXPECT_EQ(csp_return_bool(call, 0, true), CSP_TYPE);
        EXPECT_EQ(csp_return_uint(call, 0, 1), CSP_TYPE);
        EXPECT_EQ(csp_return_float(call, 0, 1), CSP_TYPE);
        EXPECT_EQ(csp_return_error(call, 1, {}), CSP_TYPE);
        EXPECT_EQ(csp_return_string(call, 1, {nullptr, 1}), CSP_INVALID);
        EXPECT_EQ(csp_return(call, 0, nullptr), CSP_INVALID);
        value = c::integer(1);
        EXPECT_EQ(csp_return(call, 0, &value), CSP_TYPE);
        EXPECT_EQ(csp_panic(call, {nullptr, 1}), CSP_INVALID);
        std::thread([&] {
            EXPECT_EQ(csp_arg_int(call, 0, &integer), CSP_BUSY);
            EXPECT_EQ(csp_return_int(call, 0, 1), CSP_BUSY);
            EXPECT_EQ(csp_panic(call, {}), CSP_BUSY);
            EXPECT_EQ(csp_charge(call, 1), CSP_BUSY);
        }).join();
        EXPECT_EQ(csp_charge(call, 1), CSP_OK);
    }));
    const auto engine = c::engine(&out, {package.get()});
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "import (\"fmt\"; \"host\")\nn, s := host.F(1, \"\")\nfmt.Printf(\"%d %q\", n, s)\n").get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(out, "0 \"\"");
}

TEST(CHostFunction, Panics) {
    std::string out;
    const auto package = c::package("host");
    c::add(package, c::definition("Panic", "func(string)", [](csp_call* call, void*) {
        csp_string text{};
        EXPECT_EQ(csp_arg_string(call, 0, &text), CSP_OK);
        EXPECT_EQ(csp_panic(call, text), CSP_OK);
    }));
    const auto engine = c::engine(&out, {package.get()});
    const auto program = c::compile(engine, "import (\"fmt\"; \"host\")\nfunc f() { defer func() { fmt.Println(recover()) }(); host.Panic(\"caught\") }\n"
                                            "f()\nhost.Panic(\"not caught\")\n");
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), program.get(), nullptr, &got, nullptr), CSP_OK);
    EXPECT_EQ(c::text(csp_ended_message(c::Ended(got).get())), "panic: not caught");
    EXPECT_EQ(out.substr(0, 7), "caught\n");
}

TEST(CHostFunction, ReachesTheHeapLimit) {
    csp_options options{};
    options.heap_limit = 8 << 20;
    std::string out;
    const auto package = c::package("host");
    c::add(package, c::definition("Big", "func() (string, []byte, error)", [](csp_call* call, void*) {
        const std::string big(16 << 20, 'x');
        EXPECT_EQ(csp_return_string(call, 0, c::string(big)), CSP_NO_MEMORY);
        EXPECT_EQ(csp_return_bytes(call, 1, c::string("small")), CSP_NO_MEMORY);
        EXPECT_EQ(csp_charge(call, 1), CSP_NO_MEMORY);
    }));
    const auto engine = c::engine(&out, {package.get()}, options);
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "import \"host\"\nhost.Big()\n").get(), nullptr, &got, nullptr), CSP_OK);
    EXPECT_NE(c::text(csp_ended_message(c::Ended(got).get())).find("out of memory"), std::string::npos);
}

TEST(CHostFunction, IsEndedWhileItWorks) {
    const auto package = c::package("host");
    c::add(package, c::definition("Work", "func() int", [](csp_call* call, void*) {
        while (csp_charge(call, 100) == CSP_OK) {
        }
        EXPECT_EQ(csp_charge(call, 1), CSP_LIMIT);
        EXPECT_EQ(csp_return_int(call, 0, 1), CSP_LIMIT);
    }));
    const auto engine = c::engine(nullptr, {package.get()});
    csp_limits limits{};
    limits.size = sizeof limits;
    limits.fuel = 100'000;
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "import \"host\"\nhost.Work()\n").get(), &limits, &got, nullptr), CSP_OK);
    EXPECT_EQ(csp_ended_limit(c::Ended(got).get()), CSP_LIMIT_FUEL);
}

TEST(CHostFunction, MayBeAbandonedWhileOthersRun) {
    const auto package = c::package("host");
    c::add(package, c::definition("Work", "func() int", [](csp_call* call, void*) {
        while (csp_charge(call, 1000) == CSP_OK) {
        }
    }));
    for (const int workers : {1, 2}) {
        csp_options options{};
        options.workers = workers;
        const auto engine = c::engine(nullptr, {package.get()}, options);
        const auto instance = c::instantiate(engine, c::compile(engine, "package main\nimport (\"host\"; \"runtime\")\nfunc Start() { go host.Work(); runtime.Gosched() }\nfunc main() {}\n"));
        EXPECT_EQ(c::call(c::function(instance, "Start"), {}, nullptr), CSP_OK);
        EXPECT_EQ(c::call(c::function(instance, "Start"), {}, nullptr), CSP_OK);
    }
}

int descend(volatile const char* above, int depth) {
    volatile char room[1024];
    room[0] = static_cast<char>(depth);
    if (depth == 0) return above == nullptr ? 0 : room[0];
    return descend(room, depth - 1) + (room[0] == static_cast<char>(depth) ? 1 : 0);
}

TEST(CHostFunction, HasTheStackThatItAsksFor) {
    const auto package = c::package("host");
    auto deep = c::definition("Deep", "func() int", [](csp_call* call, void*) { EXPECT_EQ(csp_return_int(call, 0, descend(nullptr, 4000)), CSP_OK); });
    deep.stack = 16 << 20;
    c::add(package, deep);
    deep.name = c::string("TooDeep");
    deep.stack = (std::size_t{1} << 30) + 1;
    c::Error error;
    EXPECT_EQ(csp_package_function(package.get(), &deep, error.out()), CSP_INVALID);
    EXPECT_EQ(error.text(), "stack is more than 1 GB");
    const auto engine = c::engine(nullptr, {package.get()});
    const auto instance = c::instantiate(engine, c::compile(engine, "package main\nimport \"host\"\nfunc Deep() int { return host.Deep() }\nfunc main() {}\n"));
    csp_value result{};
    ASSERT_EQ(c::call(c::function(instance, "Deep"), {}, &result), CSP_OK);
    EXPECT_EQ(result.as.integer, 4000);
}

TEST(CPackage, RefusesWhatItCannotBind) {
    for (const char* path : {"", "/a", "a/", "a//b", "a b", "a/1b", "main", "runtime", "a/b-c"}) {
        csp_package* made = nullptr;
        c::Error error;
        EXPECT_EQ(csp_package_create(c::string(path), &made, error.out()), CSP_INVALID) << path;
        EXPECT_EQ(error.text(), "not an import path for a package: \"" + std::string(path) + "\"");
    }
    const auto package = c::package("example.com/x-y/host");
    const csp_callback nothing = [](csp_call*, void*) {};
    const auto refused = [&](const csp_definition& definition, csp_status expected = CSP_INVALID) {
        c::Error error;
        EXPECT_EQ(csp_package_function(package.get(), &definition, error.out()), expected);
        return error.text();
    };
    EXPECT_EQ(refused(c::definition("f", "func()", nothing)), "not an exported name: \"f\"");
    EXPECT_EQ(refused(c::definition("F(", "func()", nothing)), "not an exported name: \"F(\"");
    EXPECT_EQ(refused(c::definition("", "func()", nothing)), "not an exported name: \"\"");
    EXPECT_EQ(refused(c::definition("F", "func()", nullptr)), "callback is NULL");
    EXPECT_EQ(refused(c::definition("F", "func(", nothing), CSP_TYPE), "signature \"func(\": no type at byte 6");
    EXPECT_EQ(refused(c::definition("F", "func(error)", nothing), CSP_TYPE), "signature \"func(error)\": error is a type of results only at byte 12");
    EXPECT_EQ(refused(c::definition("F", "func(a chan int)", nothing), CSP_TYPE), "signature \"func(a chan int)\": no values of type a at byte 6");
    auto wrong = c::definition("F", "func()", nothing);
    wrong.size = 1;
    EXPECT_EQ(refused(wrong), "wrong size of csp_definition");
    wrong = c::definition("F", "func()", nothing);
    wrong.doc = {nullptr, 1};
    EXPECT_EQ(refused(wrong), "a string has no data, but a size");
    c::add(package, c::definition("F", "func()", nothing));
    EXPECT_EQ(refused(c::definition("F", "func()", nothing)), "there is a function F already");
    const auto engine = c::engine(nullptr, {package.get()});
    EXPECT_EQ(refused(c::definition("G", "func()", nothing)), "an engine has the package already");
    EXPECT_EQ(csp_package_function(package.get(), nullptr, nullptr), CSP_INVALID);
}

TEST(CPackage, UserDataGoesWithItsLastUser) {
    int gone = 0;
    const auto counted = [&gone](csp_definition definition) {
        definition.user_data = &gone;
        definition.destroy = [](void* count) { ++*static_cast<int*>(count); };
        return definition;
    };
    const csp_callback nothing = [](csp_call*, void*) {};
    auto package = c::package("host");
    c::add(package, counted(c::definition("F", "func()", nothing)));
    const auto twice = counted(c::definition("F", "func()", nothing));
    EXPECT_EQ(csp_package_function(package.get(), &twice, nullptr), CSP_INVALID);
    EXPECT_EQ(gone, 0);
    csp_options options{};
    options.user_data = &gone;
    options.destroy = [](void* count) { *static_cast<int*>(count) += 10; };
    auto engine = c::engine(nullptr, {package.get()}, options);
    auto program = c::compile(engine, "package main\nimport \"host\"\nfunc F() { host.F() }\nfunc main() {}\n");
    auto instance = c::instantiate(engine, program);
    auto function = c::function(instance, "F");
    package.reset();
    engine.reset();
    program.reset();
    instance.reset();
    EXPECT_EQ(gone % 10, 0);
    EXPECT_EQ(c::call(function, {}, nullptr), CSP_OK);
    function.reset();
    EXPECT_EQ(gone, 11);
}

struct Handles {
    c::Package package = c::package("host");
    c::Engine engine;
    c::Program program;
    c::Instance instance;
    c::Function function;
    std::string seen;
};

void make(Handles& all, csp_callback callback) {
    c::add(all.package, c::definition("F", "func() int", callback, &all));
    all.engine = c::engine(nullptr, {all.package.get()});
    all.program = c::compile(all.engine, "package main\nimport \"host\"\nfunc F() int { return host.F() }\nfunc main() { host.F() }\n");
    all.instance = c::instantiate(all.engine, all.program);
    all.function = c::function(all.instance, "F");
}

TEST(CHandles, InUseAnswerBusy) {
    Handles all;
    make(all, [](csp_call*, void* data) {
        auto& in_use = *static_cast<Handles*>(data);
        const auto try_all = [&] {
            c::Error error;
            csp_value result{};
            csp_function* function = nullptr;
            EXPECT_EQ(c::call(in_use.function, {}, &result, &error), CSP_BUSY);
            EXPECT_EQ(error.text(), "the instance is in use");
            EXPECT_EQ(csp_instance_limit(in_use.instance.get(), nullptr, nullptr), CSP_BUSY);
            EXPECT_EQ(csp_instance_function(in_use.instance.get(), c::string("F"), {}, &function, nullptr), CSP_BUSY);
            std::uint64_t fuel = 0;
            EXPECT_EQ(csp_instance_fuel(in_use.instance.get(), &fuel), CSP_BUSY);
        };
        try_all();
        std::thread(try_all).join();
    });
    csp_value result{};
    EXPECT_EQ(c::call(all.function, {}, &result), CSP_OK);
    EXPECT_EQ(c::call(all.function, {}, &result), CSP_OK);
}

TEST(CHandles, EnginesInUseAnswerBusyToCallbacks) {
    Handles all;
    make(all, [](csp_call*, void* data) {
        auto& in_use = *static_cast<Handles*>(data);
        c::Error error;
        csp_program* program = nullptr;
        csp_instance* instance = nullptr;
        csp_names* names = nullptr;
        const csp_source source{c::string("a"), c::string("package main")};
        EXPECT_EQ(csp_run(in_use.engine.get(), in_use.program.get(), nullptr, nullptr, error.out()), CSP_BUSY);
        EXPECT_EQ(error.text(), "the engine is in use");
        EXPECT_EQ(csp_compile(in_use.engine.get(), &source, 1, &program, nullptr), CSP_BUSY);
        EXPECT_EQ(csp_check(in_use.engine.get(), &source, 1, nullptr), CSP_BUSY);
        EXPECT_EQ(csp_instantiate(in_use.engine.get(), in_use.program.get(), nullptr, &instance, nullptr), CSP_BUSY);
        EXPECT_EQ(csp_engine_packages(in_use.engine.get(), &names, nullptr), CSP_BUSY);
        EXPECT_EQ(csp_engine_add(in_use.engine.get(), in_use.package.get(), nullptr), CSP_BUSY);
        EXPECT_EQ(csp_engine_add_standard(in_use.engine.get(), nullptr, 0, nullptr), CSP_BUSY);
        in_use.seen += "tried";
    });
    EXPECT_EQ(csp_run(all.engine.get(), all.program.get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(all.seen, "tried");
}

TEST(CHandles, CallbacksMayDestroyThem) {
    Handles all;
    const csp_callback destroy = [](csp_call*, void* data) {
        auto& to_destroy = *static_cast<Handles*>(data);
        to_destroy.function.reset();
        to_destroy.instance.reset();
        to_destroy.program.reset();
        to_destroy.engine.reset();
        to_destroy.package.reset();
        to_destroy.seen += "gone";
    };
    make(all, destroy);
    csp_value result{};
    csp_function* const function = all.function.get();
    EXPECT_EQ(csp_function_call(function, nullptr, 0, &result, 1, nullptr), CSP_OK);
    Handles others;
    make(others, destroy);
    EXPECT_EQ(csp_run(others.engine.get(), others.program.get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(all.seen + others.seen, "gonegone");
}

TEST(CHandles, CallbacksUseOtherInstances) {
    Handles inner;
    make(inner, [](csp_call* call, void*) { EXPECT_EQ(csp_return_int(call, 0, 41), CSP_OK); });
    Handles outer;
    auto nested = c::definition("F", "func() int", [](csp_call* call, void* data) {
        auto& other = *static_cast<Handles*>(data);
        csp_value result{};
        EXPECT_EQ(c::call(other.function, {}, &result), CSP_OK);
        EXPECT_EQ(csp_run(other.engine.get(), other.program.get(), nullptr, nullptr, nullptr), CSP_OK);
        c::compile(other.engine, "package main\nfunc main() {}\n");
        EXPECT_EQ(csp_return_int(call, 0, result.as.integer + 1), CSP_OK);
    }, &inner);
    nested.stack = 8 << 20;
    const auto package = c::package("host");
    c::add(package, nested);
    const auto engine = c::engine(nullptr, {package.get()});
    const auto instance = c::instantiate(engine, c::compile(engine, "package main\nimport \"host\"\nfunc F() int { return host.F() }\nfunc main() {}\n"));
    csp_value result{};
    ASSERT_EQ(c::call(c::function(instance, "F"), {}, &result), CSP_OK);
    EXPECT_EQ(result.as.integer, 42);
}

TEST(CHandles, AreUsedByThreadsAtOnce) {
    const auto engine = c::engine();
    const auto program = c::compile(engine, "package main\nfunc F(n int) int { s := 0; for i := range n { s += i }; return s }\nfunc main() {}\n");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&program] {
            const auto own = c::engine();
            const auto instance = c::instantiate(own, program);
            const auto function = c::function(instance, "F");
            csp_value result{};
            EXPECT_EQ(c::call(function, {c::integer(1000)}, &result), CSP_OK);
            EXPECT_EQ(result.as.integer, 499500);
        });
    for (std::thread& thread : threads) thread.join();
}

TEST(CHandles, StopsOfAnotherThread) {
    const auto package = c::package("host");
    csp_stop* stop = nullptr;
    ASSERT_EQ(csp_stop_create(&stop, nullptr), CSP_OK);
    const c::Stop held(stop);
    c::add(package, c::definition("Stop", "func()", [](csp_call*, void* data) {
        std::thread([data] { EXPECT_EQ(csp_stop_request(static_cast<csp_stop*>(data)), CSP_OK); }).join();
    }, stop));
    const auto engine = c::engine(nullptr, {package.get()});
    csp_limits limits{};
    limits.size = sizeof limits;
    limits.stop = stop;
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "import \"host\"\nhost.Stop()\nselect {}\n").get(), &limits, &got, nullptr), CSP_OK);
    const c::Ended ended(got);
    EXPECT_EQ(csp_ended_limit(ended.get()), CSP_LIMIT_STOP);
    EXPECT_EQ(c::text(csp_ended_message(ended.get())).substr(0, 19), "stopped by the host");
}

}  // namespace
