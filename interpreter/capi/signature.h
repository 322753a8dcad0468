#pragma once

// Signatures of functions whose types are those that the C interface has values of.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csp/csp.h"

namespace csp::capi {

struct Signature {
    std::vector<csp_type> params;
    std::vector<csp_type> results;

    bool operator==(const Signature&) const = default;
    /// "func(string, int) (float64, error)".
    std::string text() const;
};

/// Of a frame or a value: 8-byte places.
std::size_t slots_of(csp_type type);
std::size_t slots_of(const std::vector<csp_type>& types);

std::string_view name_of(csp_type type);

/// None, with `error` ("no type map at byte 5"), if it is not one. error is a type of results only.
std::optional<Signature> parse_signature(std::string_view text, std::string& error);

}  // namespace csp::capi
