#pragma once

// Values of the C interface as what scripts have: slots.

#include <string>

#include "csp/csp.h"
#include "csp/native.hpp"

namespace csp::capi {

constexpr bool is_integer(csp_type type) { return type >= CSP_TYPE_INT && type <= CSP_TYPE_INT64; }
constexpr bool is_natural(csp_type type) { return type >= CSP_TYPE_UINT && type <= CSP_TYPE_UINTPTR; }
constexpr bool is_number(csp_type type) { return type == CSP_TYPE_FLOAT32 || type == CSP_TYPE_FLOAT64; }

/// CSP_OK if `value` is one of that type; else why not, in `error`.
csp_status check(csp_type type, const csp_value& value, std::string& error);

/// A bool or number, checked before, in its slot.
Slot slot_of(const csp_value& value);
/// The address and length of a []byte, in its two slots.
void put_bytes(Slot* to, const char* data, std::size_t size);

/// Gets what is there from its slots; of an error whether there is one only, with an empty text.
csp_value value_of(csp_type type, const Slot* slots);

}  // namespace csp::capi
