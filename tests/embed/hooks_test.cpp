// What engines tell their hosts: Options::log and Options::trace.

#include <gtest/gtest.h>

#include <csp/csp.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

using Kind = csp::TraceEvent::Kind;

csp::Program compile(csp::Engine& engine, const std::string& body) {
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", "package main\nimport (\"runtime\"; \"time\")\nvar _, _ = runtime.GC, time.Sleep\n" + body}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

TEST(Log, GetsTheTextsOfPanicsInPlaceOfStandardError) {
    std::string out;
    std::vector<std::string> logged;
    csp::Options options;
    options.output = [&](int, std::string_view bytes) { out += bytes; };
    options.log = [&](csp::LogLevel level, std::string_view text) {
        EXPECT_EQ(level, csp::LogLevel::Error);
        logged.emplace_back(text);
    };
    csp::Engine engine(options);
    engine.run(compile(engine, "func main() { println(\"script\"); panic(\"boom\") }"));
    engine.run(compile(engine, "func main() { select {} }"));
    EXPECT_EQ(out, "script\n");
    ASSERT_EQ(logged.size(), 2U);
    EXPECT_TRUE(logged[0].starts_with("panic: boom\n\ngoroutine 1 [running]:\nmain.main(...)\n\ta.csp:4")) << logged[0];
    EXPECT_TRUE(logged[1].starts_with("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select (no cases)]:\n")) << logged[1];
}

TEST(Log, GetsTheTraceOfCollections) {
    std::string logged;
    csp::Options options;
    options.workers = 1;
    options.gc_trace = true;
    options.log = [&](csp::LogLevel level, std::string_view text) {
        EXPECT_EQ(level, csp::LogLevel::Info);
        logged += text;
    };
    csp::Engine engine(options);
    engine.run(compile(engine, "func main() { runtime.GC() }"));
    EXPECT_TRUE(logged.starts_with("gc 1: ")) << logged;
    EXPECT_TRUE(logged.ends_with("\n"));
}

struct Trace {
    std::mutex mutex;
    std::map<std::uint64_t, std::string> of;  ///< By goroutine: a letter an event.
    std::map<Kind, int> counts;
    std::map<std::string, int> what;

    csp::TraceFunction function() {
        return [this](const csp::TraceEvent& event) {
            const std::lock_guard lock(mutex);
            ++counts[event.kind];
            ++what[std::string(event.what)];
            if (event.goroutine != 0) of[event.goroutine] += "sbue"[static_cast<int>(event.kind)];
        };
    }
};

void traced(Trace& trace, int workers, const std::string& body) {
    csp::Options options;
    options.workers = workers;
    options.native = csp::Native::Hot;
    options.output = [](int, std::string_view) {};
    options.trace = trace.function();
    csp::Engine engine(options);
    EXPECT_EQ(engine.run(compile(engine, body)).message, "");
}

TEST(Trace, TellsOfEachGoroutineInOrder) {
    for (const int workers : {1, 3}) {
        Trace trace;
        traced(trace, workers, "func work(in, out chan int) { for n := range in { out <- n } }\n"
                               "func main() { in, out := make(chan int), make(chan int); go work(in, out)\n"
                               " for i := range 200 { in <- i; <-out }\n close(in); time.Sleep(time.Microsecond); runtime.Gosched() }");
        EXPECT_EQ(trace.what["main.work"], 1);
        EXPECT_GT(trace.what["chan send"], 0);
        EXPECT_GT(trace.what["sleep"], 0);
        EXPECT_EQ(trace.of.size(), 2U);
        for (const auto& [id, events] : trace.of) {
            EXPECT_EQ(events[0], 's') << events;
            for (std::size_t i = 1; i < events.size(); ++i)
                EXPECT_TRUE(events[i] == 'b' ? events[i - 1] != 'b' : events[i] == 'u' ? events[i - 1] == 'b' : events[i - 1] != 'e') << events;
        }
    }
}

TEST(Trace, TellsOfCollectionsAndTranslations) {
    Trace trace;
    traced(trace, 1, "func hot(n int) int { s := 0; for i := range n { s += i * i }; return s }\n"
                     "func main() { runtime.GC(); runtime.GC(); for range 1000 { hot(100000) } }");
    EXPECT_EQ(trace.counts[Kind::CollectionBegun], 2);
    EXPECT_EQ(trace.counts[Kind::CollectionEnded], 2);
    EXPECT_GT(trace.counts[Kind::FunctionTranslated], 0);
}

}  // namespace
