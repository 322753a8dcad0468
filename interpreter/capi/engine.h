#pragma once

// Engines and programs behind the handles.

#include <memory>
#include <utility>

#include "csp/csp.h"
#include "csp/engine.hpp"
#include "interpreter/capi/arguments.h"
#include "interpreter/capi/error.h"

namespace csp::capi {

struct HostEngine {
    explicit HostEngine(Options options) : engine(std::move(options)) {}

    Exclusive exclusive;
    Engine engine;
    std::shared_ptr<UserData> user_data;
};

}  // namespace csp::capi

struct csp_engine {
    std::shared_ptr<csp::capi::HostEngine> engine;
};

struct csp_program {
    csp::Program program;
};

namespace csp::capi {

/// Calls body(engine, failure) while nobody else uses the engine, which stays until then.
template <class Body>
csp_status with_engine(csp_engine* handle, csp_error** error, Body&& body) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (handle == nullptr) return null(failure, "engine");
        const std::shared_ptr<HostEngine> held = handle->engine;
        const Exclusive::Use use(held->exclusive);
        if (!use) return fail(failure, CSP_BUSY, "the engine is in use");
        return body(held->engine, failure);
    });
}

/// Limits as the engine has them. NULL: none.
csp_status read_limits(const csp_limits* from, Limits& limits, csp_error& failure);
csp_limit limit_of(Limit limit);

}  // namespace csp::capi
