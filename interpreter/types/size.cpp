// Sizes of values, by the layout rules of runtime/type/builder.h.

#include "interpreter/types/size.h"

#include <algorithm>

namespace csp::types {

namespace {

constexpr int kMaxDepth = 1000;

struct Layout {
    std::uint64_t size = 0;
    std::uint64_t align = 1;
};

Layout basic_layout(BasicKind kind) {
    switch (kind) {
        case BasicKind::Bool:
        case BasicKind::Int8:
        case BasicKind::Uint8: return {1, 1};
        case BasicKind::Int16:
        case BasicKind::Uint16: return {2, 2};
        case BasicKind::Int32:
        case BasicKind::Uint32:
        case BasicKind::Float32: return {4, 4};
        case BasicKind::Complex64: return {8, 4};
        case BasicKind::Complex128: return {16, 8};
        case BasicKind::String: return {16, 16};
        default: return {8, 8};
    }
}

Layout layout_of(Type* type, int depth) {
    if (type == nullptr || depth > kMaxDepth) return {};
    Type* under = types::under(type);
    switch (under->kind) {
        case TypeKind::Basic: return basic_layout(as<Basic>(under)->basic);
        case TypeKind::Slice:
        case TypeKind::Interface: return type->kind == TypeKind::TypeParam ? Layout{} : Layout{16, 16};
        case TypeKind::Array: {
            const auto* array = as<Array>(under);
            Layout elem = layout_of(array->elem, depth + 1);
            const auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(array->length, 0));
            const bool fits = elem.size == 0 || length <= kHuge / elem.size;
            return {fits ? elem.size * length : kHuge, elem.align};
        }
        case TypeKind::Struct: {
            Layout whole;
            for (const Var* field : as<Struct>(under)->fields) {
                const Layout part = layout_of(field->type, depth + 1);
                whole.size = (whole.size + part.align - 1) / part.align * part.align + part.size;
                whole.size = std::min(whole.size, kHuge);
                whole.align = std::max(whole.align, part.align);
            }
            whole.size = (whole.size + whole.align - 1) / whole.align * whole.align;
            return whole;
        }
        case TypeKind::Pointer:
        case TypeKind::Map:
        case TypeKind::Chan:
        case TypeKind::Signature: return {8, 8};
        default: return {};
    }
}

}  // namespace

std::uint64_t size_of(Type* type) { return std::min(layout_of(type, 0).size, kHuge); }

}  // namespace csp::types
