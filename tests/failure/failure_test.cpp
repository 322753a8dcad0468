// Host programs while allocations and system calls fail, each in turn: they get an error, and the engine can be used again.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <csp/csp.hpp>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "tests/failure/inject.h"

namespace {

using namespace std::chrono_literals;

/// What a program under test answers: nothing, or its error.
using Answer = std::string;

std::string with_imports(const std::string& body) {
    return "package main\nimport (\"errors\"; \"fmt\"; \"net\"; \"os\"; \"runtime\"; \"sort\"; \"strings\"; \"sync\"; \"time\")\n"
           "var _, _, _, _, _ = errors.New, fmt.Sprint, net.Dial, os.ReadFile, runtime.GC\n"
           "var _, _, _, _ = sort.Ints, strings.Fields, (*sync.Mutex).Lock, time.Sleep\n" + body;
}

csp::Options quiet(int workers = 2) {
    csp::Options options;
    options.access = csp::Access::everything();
    options.workers = workers;
    options.output = [](int, std::string_view) {};
    return options;
}

/// An engine and a program that is compiled already: what fails is the run.
struct Host {
    std::string errors;  ///< What the last run wrote to standard error.
    csp::Engine engine;
    std::optional<csp::Program> program;

    Host(const std::string& text, csp::Options options) : engine(with_errors(std::move(options))) {
        engine.add(csp::standard_library());
        csp::Compiled compiled = engine.compile({{"a.csp", text}});
        if (!compiled.program) std::abort();
        program = std::move(compiled.program);
    }
    Answer run(const csp::Limits& limits = {}) {
        errors.clear();
        const csp::Ended ended = engine.run(*program, limits);
        if (ended.status == 0) return {};
        return (ended.message.empty() ? "status " + std::to_string(ended.status) : ended.message) + "\n" + errors;
    }
    csp::Options with_errors(csp::Options options) {
        options.output = [this](int stream, std::string_view bytes) {
            if (stream == 2) errors += bytes;
        };
        return options;
    }
};

/// Where the process that makes things fail has got to. Shared with the one that watches it.
struct Progress {
    std::uint64_t next = 1;
    bool finished = false;
    char problem[4000] = {};
};

/// Every failure at first, then some: so many are much alike. CSP_FAILURES=all: every one. CSP_FAILURE=N: that one, and with
/// CSP_FAILURE_TRACE=1 where it is.
std::uint64_t after(std::uint64_t n) {
    static const bool all = std::getenv("CSP_FAILURES") != nullptr;
    constexpr std::uint64_t kAll = 1000;
    return n + 1 + (all || n < kAll ? 0 : n / 100);
}

/// An exception is an answer where the host itself has no memory: for what a function returns, or is given.
Answer answer_of(const std::function<Answer()>& work, Progress& progress) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return "no memory";
    } catch (const std::exception& error) {
        snprintf(progress.problem, sizeof progress.problem, "an exception: %s", error.what());
    }
    return progress.problem;
}

void try_all(Progress& progress, const std::function<Answer()>& work, std::uint64_t only) {
    constexpr unsigned kHangs = 20;
    answer_of(work, progress);  // what is made once in a process
    for (std::uint64_t n = only != 0 ? only : progress.next;; n = after(n)) {
        progress.next = n;
        alarm(kHangs);
        inject::arm(n);
        const Answer first = answer_of(work, progress);
        const bool failed = inject::disarm();
        if (only != 0) std::printf("%s\n", first.c_str());
        const Answer again = answer_of(work, progress);
        alarm(0);
        if (progress.problem[0] == '\0' && !again.empty()) snprintf(progress.problem, sizeof progress.problem, "cannot be used again: %s", again.c_str());
        if (progress.problem[0] != '\0') _exit(1);
        if (!failed || only != 0) break;
    }
    progress.finished = true;
}

/// Makes each thing fail that can in `work`, in processes of their own.
void expect_errors(const std::function<std::function<Answer()>()>& make) {
    const char* const only = std::getenv("CSP_FAILURE");
    auto* const progress = new (mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Progress;
    for (int crashes = 0; !progress->finished && crashes < 20;) {
        const pid_t child = fork();
        if (child == 0) {
            try_all(*progress, make(), only != nullptr ? std::strtoull(only, nullptr, 10) : 0);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (status == 0 && progress->problem[0] == '\0') continue;
        ++crashes;
        const std::string how = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "status " + std::to_string(WEXITSTATUS(status));
        ADD_FAILURE() << "when number " << progress->next << " fails: " << (progress->problem[0] != '\0' ? progress->problem : how.c_str());
        progress->problem[0] = '\0';
        progress->next = after(progress->next);
        if (only != nullptr) break;
    }
    munmap(progress, sizeof(Progress));
}

/// Makes things fail in runs of a program with this text.
void expect_errors_of_runs(const std::string& body, csp::Options options = quiet(), const csp::Limits& limits = {}) {
    expect_errors([&]() -> std::function<Answer()> {
        auto host = std::make_shared<Host>(with_imports(body), options);
        return [host, limits] { return host->run(limits); };
    });
}

TEST(Failures, OfMakingAnEngine) {
    expect_errors([]() -> std::function<Answer()> {
        return []() -> Answer {
            csp::Engine engine(quiet());
            engine.add(csp::standard_library());
            return {};
        };
    });
}

Answer compile(csp::Engine& engine, const std::string& text) {
    const csp::Compiled compiled = engine.compile({{"a.csp", text}});
    if (compiled.program) return {};
    return compiled.diagnostics.empty() ? "neither a program nor a message" : compiled.diagnostics[0].text();
}

TEST(Failures, OfCompiling) {
    expect_errors([]() -> std::function<Answer()> {
        auto engine = std::make_shared<csp::Engine>(quiet());
        return [engine] {
            return compile(*engine, "package main\ntype T struct { a int; b []string }\nfunc (t *T) f(n int) string { return t.b[n] }\n"
                                    "func g[P any](p P) func() P { return func() P { return p } }\n"
                                    "func main() { c := make(chan int); go func() { c <- 1 }(); println(g(<-c)(), (&T{}).f(0)) }\n");
        };
    });
}

TEST(Failures, OfCompilingWithTheLibrary) {
    expect_errors([]() -> std::function<Answer()> {
        auto engine = std::make_shared<csp::Engine>(quiet());
        engine->add(csp::standard_library());
        return [engine] { return compile(*engine, "package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n"); };
    });
}

TEST(Failures, OfChecking) {
    expect_errors([]() -> std::function<Answer()> {
        auto engine = std::make_shared<csp::Engine>(quiet());
        return [engine]() -> Answer {
            const auto found = engine->check({{"a.csp", "package main\nfunc main() { x := 1; y + 2 }\nfunc f( {\n"}});
            return found.empty() ? "no message" : "";
        };
    });
}

TEST(Failures, OfDescribing) {
    expect_errors([]() -> std::function<Answer()> {
        auto engine = std::make_shared<csp::Engine>(quiet());
        engine->add(csp::standard_library());
        return [engine]() -> Answer { return engine->packages().empty() || !engine->describe("sort") ? "nothing" : ""; };
    });
}

TEST(Failures, OfGoroutinesAndChannels) {
    expect_errors_of_runs("func main() { c := make(chan int, 3); var wg sync.WaitGroup\n"
                          "for i := range 50 { wg.Add(1); go func() { defer wg.Done(); c <- i }() }\n"
                          "go func() { wg.Wait(); close(c) }()\n"
                          "d := make(chan int); go func() { for { select { case d <- 1: case <-time.After(time.Hour): return } } }()\n"
                          "n := <-d; for v := range c { n += v }; fmt.Println(n) }\n");
}

TEST(Failures, OfMapsTextsAndCollections) {
    expect_errors_of_runs("func main() { m := map[string][]int{}\n"
                          "for i := range 2000 { k := fmt.Sprint(i % 100); m[k] = append(m[k], i) }\n"
                          "runtime.GC(); s := \"\"; for k := range m { s += k }; clear(m); runtime.GC()\n"
                          "f := strings.Fields(strings.Repeat(s+\" \", 1000)); sort.Strings(f) }\n");
}

TEST(Failures, OfMachineCode) {
    csp::Options options = quiet(1);
    options.native = csp::Native::Always;
    expect_errors_of_runs("type T struct { n int; next *T }\n"
                          "func main() { var list *T; for i := range 5000 { list = &T{i, list} }; n := 0\n"
                          "for t := list; t != nil; t = t.next { n += t.n }\n"
                          "m := map[int]string{}; for i := range 100 { m[i] = fmt.Sprint(n) + \"x\" }\n"
                          "c := make(chan any); go func() { for i := range 10 { c <- i }; close(c) }(); for v := range c { n += v.(int) }\n"
                          "func() { defer func() { recover() }(); defer func() { n++ }(); var p *T; p.n = 1 }() }\n", options);
}

TEST(Failures, OfPanicsAndDeepRecursion) {
    expect_errors_of_runs("func f(n int) int { if n == 0 { return 0 }; return f(n-1) + 1 }\n"
                          "func g(n int) { defer func() { if recover() != nil && n > 0 { g(n-1) } }(); panic(errors.New(\"x\")) }\n"
                          "func main() { f(20000); g(20); go f(20000); runtime.Gosched()\n"
                          "sort.Slice(make([]int, 50), func(i, j int) bool { return f(i) < f(j) }) }\n");
}

TEST(Failures, OfAProgramThatPanics) {
    expect_errors([]() -> std::function<Answer()> {
        auto host = std::make_shared<Host>(with_imports("func f(m map[string]int) { m[\"x\"] = 1 }\nfunc main() { defer fmt.Println(); f(nil) }\n"), quiet());
        return [host]() -> Answer { return host->run().empty() ? "no panic" : ""; };
    });
}

TEST(Failures, OfTimersAndSleep) {
    csp::Options options = quiet();
    options.virtual_time = true;
    expect_errors_of_runs("func main() { t := time.NewTicker(time.Second); <-t.C; t.Stop(); time.Sleep(time.Hour)\n"
                          "done := make(chan bool); time.AfterFunc(time.Minute, func() { close(done) }); <-done\n"
                          "for i := range 100 { go time.Sleep(time.Duration(i)) }; time.Sleep(time.Hour) }\n", options);
}

TEST(Failures, OfLocksAndSyncBlocks) {
    expect_errors_of_runs("func main() { var mu sync.RWMutex; n := 0; cond := sync.NewCond(&mu)\n"
                          "sync { for range 20 { go func() { sync mu { n++; cond.Broadcast() } }() } }\n"
                          "sync mu { for n < 20 { cond.Wait() } }\n"
                          "var once sync.Once; once.Do(func() {}); var m sync.Map; m.Store(1, 2); p := sync.Pool{}; p.Put(1); p.Get() }\n");
}

TEST(Failures, OfFilesAndBlockingCalls) {
    expect_errors_of_runs("func main() { var wg sync.WaitGroup\n"
                          "for range 5 { wg.Add(1); go func() { defer wg.Done(); os.ReadFile(\"/proc/self/stat\"); os.Stat(\"/\") }() }; wg.Wait()\n"
                          "r, w, err := os.Pipe(); if err != nil { return }; defer r.Close(); defer w.Close()\n"
                          "go w.Write([]byte(\"x\")); b := make([]byte, 1); r.Read(b) }\n");
}

TEST(Failures, OfSockets) {
    expect_errors_of_runs("func main() { l, err := net.Listen(\"tcp\", \"127.0.0.1:0\"); if err != nil { return }; defer l.Close()\n"
                          "go func() { c, err := net.Dial(\"tcp\", l.Addr().String()); if err != nil { l.Close(); return }\n"
                          "c.SetDeadline(time.Now().Add(time.Minute)); fmt.Fprintln(c, \"x\"); c.Close() }()\n"
                          "c, err := l.Accept(); if err != nil { return }; c.SetDeadline(time.Now().Add(time.Second)); b := make([]byte, 9); c.Read(b); c.Close() }\n");
}

TEST(Failures, OfLimits) {
    std::stop_source stop;
    csp::Limits limits;
    limits.time = 1h;
    limits.stop = stop.get_token();
    limits.goroutines = 100;
    expect_errors_of_runs("func main() { c := make(chan int); go func() { c <- 1 }(); fmt.Println(<-c) }\n", quiet(), limits);
}

TEST(Failures, OfCallsByTheHost) {
    expect_errors([]() -> std::function<Answer()> {
        auto host = std::make_shared<Host>(with_imports("var m = map[string]int{}\n"
                                                        "func Add(k string, n int) int { m[k] += n; go func() {}(); return len(k + fmt.Sprint(m[k])) }\nfunc main() {}\n"),
                                           quiet(1));
        return [host]() -> Answer {
            std::string error;
            auto instance = host->engine.instantiate(*host->program, error);
            if (!instance) return error.empty() ? "no message" : error;
            const auto add = instance->function<std::int64_t(std::string_view, std::int64_t)>("Add");
            if (!add) return add.error;
            for (const std::string& key : {std::string(100, 'x'), std::string("y")}) {
                const auto result = (*add.value)(key, 5);
                if (!result) return result.error.empty() ? "no message" : result.error;
            }
            return {};
        };
    });
}

}  // namespace
