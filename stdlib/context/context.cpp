#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

const runtime::Type* type_at(const Slot* s) { return reinterpret_cast<const runtime::Type*>(s[0]); }

Status type_name(Call& call, const NativeEntry&) {
    const runtime::Type* type = type_at(call.slots() + 2);
    const std::string_view name = type == nullptr ? "<nil>" : type->string;
    return call.put_string(call.slots(), name) ? Status::Ok : Status::Panic;
}

Status is_comparable(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Type* type = type_at(s + 1);
    s[0] = type == nullptr || type->equality != runtime::Equality::None;
    return Status::Ok;
}

}  // namespace

void bind_context(Package& package) {
    package.raw("typeName", type_name).raw("isComparable", is_comparable);
}

}  // namespace csp::stdlib
