#include "csp/package.hpp"
#include "stdlib/support/sort_values.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// func Sort[S ~[]E, E cmp.Ordered](x S)
Status sort(Call& call, const NativeEntry&) {
    const auto& type = *static_cast<const runtime::Type*>(call.function_type());
    return sort_ordered(call, slice_at(call.slots()), *type.params[0]->elem);
}

}  // namespace

void bind_slices(Package& package) { package.raw("Sort", sort); }

}  // namespace csp::stdlib
