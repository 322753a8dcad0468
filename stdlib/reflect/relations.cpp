// How types stand to each other: identity, assignability, convertibility.

#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Type;

namespace {

bool identical(const Type& a, const Type& b, bool with_tags) {
    if (&a == &b) return true;
    if (with_tags || !a.name.empty() || !b.name.empty()) return false;
    return identical_underlying(a, b, with_tags);
}

bool identical(std::span<const Type* const> a, std::span<const Type* const> b, bool with_tags) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!identical(*a[i], *b[i], with_tags)) return false;
    return true;
}

bool identical_fields(const Type& a, const Type& b, bool with_tags) {
    if (a.fields.size() != b.fields.size()) return false;
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
        const runtime::Field& f = a.fields[i];
        const runtime::Field& g = b.fields[i];
        if (f.name != g.name || f.package != g.package || f.embedded != g.embedded) return false;
        if (with_tags && f.tag != g.tag) return false;
        if (!identical(*f.type, *g.type, with_tags)) return false;
    }
    return true;
}

bool identical_methods(const Type& a, const Type& b) {
    if (a.methods.size() != b.methods.size()) return false;
    for (std::size_t i = 0; i < a.methods.size(); ++i)
        if (a.methods[i].id != b.methods[i].id) return false;
    return true;
}

bool is_defined(const Type& type) { return !type.name.empty(); }

bool is_number(Kind kind) { return is_signed(kind) || is_unsigned(kind) || is_float(kind); }

bool is_text_elem(const Type& slice) {
    const Type& elem = *slice.elem;
    return elem.package.empty() && (elem.kind == Kind::Uint8 || elem.kind == Kind::Int32);
}

}  // namespace

bool identical_underlying(const Type& a, const Type& b, bool with_tags) {
    if (&a == &b) return true;
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Kind::Array: return a.length == b.length && identical(*a.elem, *b.elem, with_tags);
        case Kind::Chan: return a.chan_dir == b.chan_dir && identical(*a.elem, *b.elem, with_tags);
        case Kind::Map: return identical(*a.key, *b.key, with_tags) && identical(*a.elem, *b.elem, with_tags);
        case Kind::Pointer:
        case Kind::Slice: return identical(*a.elem, *b.elem, with_tags);
        case Kind::Struct: return identical_fields(a, b, with_tags);
        case Kind::Interface: return identical_methods(a, b);
        case Kind::Func:
            return a.variadic == b.variadic && identical(a.params, b.params, with_tags) &&
                   identical(a.results, b.results, with_tags);
        default: return true;
    }
}

bool assignable(const Type& from, const Type& to) {
    if (&from == &to) return true;
    if (to.kind == Kind::Interface) return runtime::implements(from, to, nullptr);
    if (is_defined(from) && is_defined(to)) return false;
    if (from.kind != to.kind) return false;
    if (from.kind == Kind::Chan && from.chan_dir == runtime::ChanDir::Both && from.elem == to.elem) return true;
    return identical_underlying(from, to, true);
}

bool convertible(const Type& from, const Type& to) {
    if (is_number(from.kind) && is_number(to.kind)) return true;
    if (is_complex(from.kind) && is_complex(to.kind)) return true;
    if ((is_signed(from.kind) || is_unsigned(from.kind)) && to.kind == Kind::String) return true;
    if (from.kind == Kind::String && to.kind == Kind::Slice && is_text_elem(to)) return true;
    if (from.kind == Kind::Slice) {
        if (to.kind == Kind::String && is_text_elem(from)) return true;
        if (to.kind == Kind::Pointer && to.elem->kind == Kind::Array && from.elem == to.elem->elem) return true;
        if (to.kind == Kind::Array && from.elem == to.elem) return true;
    }
    if (assignable(from, to)) return true;
    if (identical_underlying(from, to, false)) return true;
    return from.kind == Kind::Pointer && to.kind == Kind::Pointer && !is_defined(from) && !is_defined(to) &&
           identical_underlying(*from.elem, *to.elem, false);
}

}  // namespace csp::stdlib::reflection
