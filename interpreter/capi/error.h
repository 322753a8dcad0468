#pragma once

// How functions of the C interface fail: a status and, for callers who want it, a csp_error. Nothing is thrown across.

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "csp/csp.h"
#include "csp/engine.hpp"

struct csp_error {
    csp_status status = CSP_OK;
    std::string text;
    csp_limit limit = CSP_LIMIT_NONE;
    std::vector<csp::Diagnostic> diagnostics;
};

namespace csp::capi {

inline csp_status fail(csp_error& failure, csp_status status, std::string text) {
    failure.text = std::move(text);
    return status;
}
inline csp_status invalid(csp_error& failure, std::string text) { return fail(failure, CSP_INVALID, std::move(text)); }
inline csp_status null(csp_error& failure, const char* what) { return invalid(failure, std::string(what) + " is NULL"); }

/// Calls body(failure), which returns a status and, if that is not CSP_OK, has filled `failure`.
template <class Body>
csp_status fenced(csp_error** error, Body&& body) noexcept {
    if (error != nullptr) *error = nullptr;
    csp_error failure;
    csp_status status = CSP_OK;
    // Only these: a fiber that goes is unwound by something else, which has to pass.
    try {
        status = body(failure);
        if (status == CSP_OK) return status;
        if (error != nullptr) *error = new csp_error(std::move(failure));
    } catch (const std::bad_alloc&) {
        status = CSP_NO_MEMORY;
        if (error != nullptr) *error = new (std::nothrow) csp_error();
    } catch (const std::exception& exception) {
        status = CSP_INTERNAL;
        if (error != nullptr) *error = new (std::nothrow) csp_error();
        try {
            if (error != nullptr && *error != nullptr) (*error)->text = exception.what();
        } catch (const std::bad_alloc&) {
            // It stays without a text.
        }
    }
    if (error != nullptr && *error != nullptr) (*error)->status = status;
    return status;
}

}  // namespace csp::capi
