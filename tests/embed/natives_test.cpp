// Every native of the library: what may take long ends under fuel, and soon when the host stops it. The scripts are in
// natives/, one a package: Run_name or RunName gets native `name` to work for long. What needs no script is in
// natives/bounded.txt, with its reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

/// Looks over the natives' shoulders.
struct Watch {
    std::string target;            ///< Of which native, as "package.name"; set before a run.
    std::atomic<int> entered{0};   ///< How often it has been called.
    std::atomic<bool> ended{false};  ///< A call of it was told that the run is being ended.
};

struct Watched {
    csp::NativeEntry original;
    std::string name;
    std::shared_ptr<Watch> watch;
};

csp::Status invoke(csp::Call& call, const csp::NativeEntry& entry) {
    const auto& watched = *static_cast<const Watched*>(entry.callable.get());
    const bool is_target = watched.name == watched.watch->target;
    if (is_target) ++watched.watch->entered;
    const csp::Status status = watched.original.invoke(call, watched.original);
    if (is_target && (call.ended() || status == csp::Status::Ended)) watched.watch->ended = true;
    return status;
}

/// The library with every native watched.
std::vector<csp::Package> watched_library(const std::shared_ptr<Watch>& watch) {
    std::vector<csp::Package> library = csp::standard_library();
    for (const csp::Package& package : library) {
        for (const csp::NativeEntry& native : package.natives()) {
            auto& entry = const_cast<csp::NativeEntry&>(native);
            entry.callable = std::make_shared<Watched>(Watched{entry, package.path() + "." + entry.name, watch});
            entry.invoke = invoke;
        }
    }
    return library;
}

const std::string kFolder = CSP_NATIVES_FOLDER;

std::optional<std::string> script_of(std::string path) {
    std::replace(path.begin(), path.end(), '/', '_');
    std::ifstream file(kFolder + "/" + path + ".csp");
    if (!file) return {};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string function_of(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return (name[0] >= 'A' && name[0] <= 'Z' ? "Run" : "Run_") + name;
}

/// Why a native needs no script, by "package.name".
std::map<std::string, std::string> bounded_natives() {
    const std::set<std::string> reasons = {
        "constant",  // whatever it is given
        "type",      // in proportion to a type, or to the size of a value that the compiler has seen
        "waits",     // for other goroutines, timers or the system, and is woken by the end of a run
        "system",    // one system call or a few
        "beside",    // the system's work, done beside the workers
        "charged",   // by what it gets, before it begins
        "engine",    // work of the engine itself: collections, stacks
    };
    std::map<std::string, std::string> all;
    std::ifstream file(kFolder + "/bounded.txt");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string package, reason;
        if (!(words >> package >> reason) || package[0] == '#') continue;
        EXPECT_TRUE(reasons.contains(reason)) << line;
        for (std::string name; words >> name;) EXPECT_TRUE(all.emplace(package + "." + name, reason).second) << name;
    }
    return all;
}

/// Natives of which this is not shown yet, and why, by "package.name".
std::map<std::string, std::string> unproven_natives() {
    std::map<std::string, std::string> all;
    std::ifstream file(kFolder + "/unproven.txt");
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
        all.emplace(line.substr(0, space), line.substr(space + 1));
    }
    return all;
}

/// A quarter of a millisecond.
constexpr std::uint64_t kFuel = 50'000;

class Natives : public testing::Test {
  protected:
    Natives() : engine_(options()) { engine_.add(watched_library(watch_)); }

    static csp::Options options() {
        csp::Options options;
        options.workers = 2;
        options.access = csp::Access::everything();
        options.output = [](int, std::string_view) {};
        return options;
    }

    std::optional<csp::Program> compile(const std::string& path) {
        const auto text = script_of(path);
        if (!text) return {};
        const auto compiled = engine_.compile({{path + ".csp", *text + "\nfunc main() {}\n"}});
        for (const csp::Diagnostic& diagnostic : compiled.diagnostics) ADD_FAILURE() << diagnostic.text();
        return compiled.program;
    }

    std::optional<csp::Instance> instantiate(const csp::Program& program, const std::string& native) {
        watch_->target = native;
        watch_->entered = 0;
        watch_->ended = false;
        std::string error;
        auto instance = engine_.instantiate(program, error);
        EXPECT_TRUE(instance) << native << ": " << error;
        watch_->entered = 0;
        return instance;
    }

    /// Calls `body` for each native that has a script.
    template <class Body>
    void for_each(Body body) {
        const auto bounded = bounded_natives();
        const auto unproven = unproven_natives();
        std::cout << "SKIPPED: " << unproven.size() << " natives, see unproven.txt\n";
        for (const csp::Package& package : csp::standard_library()) {
            std::optional<csp::Program> program;
            for (const csp::NativeEntry& native : package.natives()) {
                const std::string name = package.path() + "." + native.name;
                if (bounded.contains(name) || unproven.contains(name)) continue;
                if (!program) program = compile(package.path());
                if (program) body(*program, name, function_of(native.name));
            }
        }
    }

    std::shared_ptr<Watch> watch_ = std::make_shared<Watch>();
    csp::Engine engine_;
};

TEST_F(Natives, EachHasAScriptOrAReason) {
    auto bounded = bounded_natives();
    const auto unproven = unproven_natives();
    for (const csp::Package& package : csp::standard_library()) {
        const std::string text = script_of(package.path()).value_or("");
        for (const csp::NativeEntry& native : package.natives()) {
            const bool has_script = text.find("func " + function_of(native.name) + "()") != std::string::npos;
            const bool has_reason = bounded.erase(package.path() + "." + native.name) > 0;
            EXPECT_TRUE(has_script || has_reason || unproven.contains(package.path() + "." + native.name)) << package.path() << "." << native.name << " may work for ever, for all that is known";
            EXPECT_FALSE(has_script && has_reason) << package.path() << "." << native.name;
        }
    }
    for (const auto& [name, reason] : bounded) ADD_FAILURE() << "there is no " << name;
}

TEST_F(Natives, EndUnderFuel) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "takes minutes here";
#endif
    for_each([this](const csp::Program& program, const std::string& native, const std::string& function) {
        std::optional<csp::Instance> instance;
        csp::Result<void> result;
        // What the script does before the native may need more.
        for (std::uint64_t fuel = kFuel; fuel < 1000 * kFuel; fuel *= 8) {
            instance = instantiate(program, native);
            ASSERT_TRUE(instance);
            instance->limit({.fuel = fuel});
            result = instance->call<void>(function);
            if (watch_->entered > 0) break;
        }
        EXPECT_TRUE(result.error.starts_with("fuel limit exceeded")) << native << ": " << result.error;
        EXPECT_EQ(watch_->entered, 1) << native;
        EXPECT_TRUE(watch_->ended) << native;
    });
}

TEST_F(Natives, EndSoonWhenTheHostStopsThem) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "takes minutes here";
#endif
    using Milliseconds = std::chrono::duration<double, std::milli>;
    std::vector<std::pair<double, std::string>> latencies;
    for_each([&](const csp::Program& program, const std::string& native, const std::string& function) {
        auto instance = instantiate(program, native);
        ASSERT_TRUE(instance);
        std::stop_source source;
        instance->limit({.stop = source.get_token()});
        Clock::time_point stopped;
        std::jthread host([&](const std::stop_token& over) {
            while (watch_->entered == 0 && !over.stop_requested()) std::this_thread::yield();
            for (int i = 0; i < 100; ++i) std::this_thread::yield();
            stopped = Clock::now();
            source.request_stop();
        });
        std::string error;
        while (error.empty()) {
            error = instance->call<void>(function).error;
            if (watch_->entered == 0) error = "it is not called";
        }
        const auto end = Clock::now();
        host.request_stop();
        host.join();
        EXPECT_TRUE(error.starts_with("stopped by the host")) << native << ": " << error;
        latencies.emplace_back(Milliseconds(end - stopped).count(), native);
    });
    std::sort(latencies.rbegin(), latencies.rend());
    for (std::size_t i = 0; i < std::min<std::size_t>(latencies.size(), 10); ++i)
        std::cout << latencies[i].second << " ended " << latencies[i].first << " ms after the host had stopped it\n";
}

}  // namespace
