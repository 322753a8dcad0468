// Compiling and running.

#include "interpreter/capi/engine.h"
#include "interpreter/capi/stop.h"

using namespace csp::capi;

struct csp_ended {
    csp::Ended ended;
};

namespace {

constexpr std::size_t kMaxSource = std::size_t{1} << 30;

csp_status read_sources(const csp_source* from, std::size_t count, std::vector<csp::Source>& sources, csp_error& failure) {
    if (from == nullptr || count == 0) return invalid(failure, "no sources");
    for (std::size_t i = 0; i < count; ++i) {
        if (!valid(from[i].name) || !valid(from[i].text)) return invalid(failure, "a source's name or text has no data, but a size");
        if (from[i].text.size > kMaxSource) return invalid(failure, "a source of more than 1 GB");
        sources.push_back({std::string(view(from[i].name)), std::string(view(from[i].text))});
    }
    return CSP_OK;
}

csp_status wrong(std::vector<csp::Diagnostic> diagnostics, csp_error& failure) {
    failure.text = diagnostics.empty() ? "the program is wrong" : diagnostics.front().text();
    failure.diagnostics = std::move(diagnostics);
    return CSP_COMPILE;
}

}  // namespace

csp_status csp::capi::read_limits(const csp_limits* from, Limits& limits, csp_error& failure) {
    csp_limits known{};
    if (from != nullptr && !read_struct(from, known)) return invalid(failure, "wrong size of csp_limits");
    if (known.time < 0 || known.goroutines < 0) return invalid(failure, "a limit is negative");
    if (known.fuel > std::uint64_t{1} << 62) return invalid(failure, "fuel is more than 2^62");
    limits.time = std::chrono::nanoseconds(known.time);
    limits.goroutines = known.goroutines;
    limits.output = known.output;
    limits.fuel = known.fuel;
    if (known.stop != nullptr) limits.stop = known.stop->source.get_token();
    return CSP_OK;
}

csp_limit csp::capi::limit_of(Limit limit) {
    switch (limit) {
        case Limit::None: break;
        case Limit::Time: return CSP_LIMIT_TIME;
        case Limit::Goroutines: return CSP_LIMIT_GOROUTINES;
        case Limit::Output: return CSP_LIMIT_OUTPUT;
        case Limit::Fuel: return CSP_LIMIT_FUEL;
        case Limit::Stop: return CSP_LIMIT_STOP;
    }
    return CSP_LIMIT_NONE;
}

csp_status csp_compile(csp_engine* engine, const csp_source* sources, size_t count, csp_program** program, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& by, csp_error& failure) -> csp_status {
        if (program == nullptr) return null(failure, "program");
        std::vector<csp::Source> texts;
        if (const csp_status status = read_sources(sources, count, texts, failure); status != CSP_OK) return status;
        csp::Compiled compiled = by.compile(texts);
        if (!compiled.program) return wrong(std::move(compiled.diagnostics), failure);
        *program = new csp_program{std::move(*compiled.program)};
        return CSP_OK;
    });
}

csp_status csp_check(csp_engine* engine, const csp_source* sources, size_t count, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& by, csp_error& failure) -> csp_status {
        std::vector<csp::Source> texts;
        if (const csp_status status = read_sources(sources, count, texts, failure); status != CSP_OK) return status;
        std::vector<csp::Diagnostic> diagnostics = by.check(texts);
        return diagnostics.empty() ? CSP_OK : wrong(std::move(diagnostics), failure);
    });
}

void csp_program_destroy(csp_program* program) { delete program; }

csp_status csp_stop_create(csp_stop** stop, csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (stop == nullptr) return null(failure, "stop");
        *stop = new csp_stop;
        return CSP_OK;
    });
}

csp_status csp_stop_request(csp_stop* stop) {
    if (stop == nullptr) return CSP_INVALID;
    return fenced(nullptr, [&](csp_error&) {
        stop->source.request_stop();
        return csp_status{CSP_OK};
    });
}

void csp_stop_destroy(csp_stop* stop) { delete stop; }

csp_status csp_run(csp_engine* engine, const csp_program* program, const csp_limits* limits, csp_ended** ended, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& by, csp_error& failure) -> csp_status {
        if (program == nullptr) return null(failure, "program");
        csp::Limits bounds;
        if (const csp_status status = read_limits(limits, bounds, failure); status != CSP_OK) return status;
        const csp::Program held = program->program;
        auto result = std::make_unique<csp_ended>();
        result->ended = by.run(held, bounds);
        if (ended != nullptr) *ended = result.release();
        return CSP_OK;
    });
}

void csp_ended_destroy(csp_ended* ended) { delete ended; }
int32_t csp_ended_exit(const csp_ended* ended) { return ended == nullptr ? 0 : ended->ended.status; }
csp_string csp_ended_message(const csp_ended* ended) {
    return ended == nullptr ? csp_string{nullptr, 0} : string_of(ended->ended.message);
}
csp_limit csp_ended_limit(const csp_ended* ended) { return ended == nullptr ? CSP_LIMIT_NONE : limit_of(ended->ended.limit); }
uint64_t csp_ended_fuel(const csp_ended* ended) { return ended == nullptr ? 0 : ended->ended.fuel; }
