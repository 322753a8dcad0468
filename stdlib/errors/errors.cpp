#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using runtime::Kind;
using runtime::Type;

Status is_comparable(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* type = reinterpret_cast<const Type*>(s[1]);
    s[0] = type == nullptr || type->equality != runtime::Equality::None;
    return Status::Ok;
}

Status assign_to(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* error = reinterpret_cast<const Type*>(s[1]);
    const auto* target = reinterpret_cast<const Type*>(s[3]);
    const Slot pointer = s[4];
    if (target == nullptr) {
        s[0] = 3;
        return Status::Ok;
    }
    if (target->kind != Kind::Pointer || pointer == 0) {
        s[0] = 2;
        return Status::Ok;
    }
    const Type& elem = *target->elem;
    s[0] = 0;
    auto* to = reinterpret_cast<void*>(pointer);
    heap(call).will_overwrite_elements(cache(call), elem, to, 1);
    if (elem.kind == Kind::Interface) {
        if (!runtime::implements(*error, elem, nullptr)) return Status::Ok;
        runtime::store_pair(to, s + 1);
    } else {
        if (error != &elem) {
            if (!runtime::implements(elem, *reinterpret_cast<const Type*>(s[5])->elem, nullptr)) s[0] = 4;
            return Status::Ok;
        }
        if (elem.inline_in_interface)
            runtime::store_value(to, s + 2, elem);
        else
            runtime::copy_memory(to, reinterpret_cast<const void*>(s[2]), elem.size, elem.align);
    }
    s[0] = 1;
    return Status::Ok;
}

}  // namespace

void bind_errors(Package& package) {
    package.raw("isComparable", is_comparable).raw("assignTo", assign_to);
}

}  // namespace csp::stdlib
