// Types, methods of types, and types that are made at run time.

#include <algorithm>
#include <vector>

#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::ChanDir;
using runtime::Kind;
using runtime::Type;

namespace {

constexpr std::uint64_t kMostBytes = 1u << 31;
constexpr std::size_t kMostParameters = 128;

template <auto get>
Status word_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[1]);
    if (type == nullptr) return nil_pointer(call);
    s[0] = static_cast<Slot>(get(*type));
    return Status::Ok;
}

template <auto get>
Status text_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[2]);
    if (type == nullptr) return nil_pointer(call);
    put_text(s, get(*type));
    return Status::Ok;
}

/// The i'th type of a list.
template <auto list>
Status type_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[1]);
    if (type == nullptr) return nil_pointer(call);
    const auto types = list(*type);
    const std::uint64_t i = s[2];
    if (i >= types.size())
        return call.runtime_error("index out of range [" + std::to_string(static_cast<std::int64_t>(i)) +
                                  "] with length " + std::to_string(types.size()));
    put_type(s, types[i]);
    return Status::Ok;
}

template <auto test>
Status relation(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* a = type_at(call, s[1]);
    const Type* b = type_at(call, s[2]);
    if (a == nullptr || b == nullptr) return nil_pointer(call);
    s[0] = test(*a, *b);
    return Status::Ok;
}

Status type_of_interface(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = s[1];
    return Status::Ok;
}

Slot direction(const Type& type) {
    switch (type.chan_dir) {
        case ChanDir::Recv: return 1;
        case ChanDir::Send: return 2;
        case ChanDir::Both: break;
    }
    return 3;
}

Slot method_count(const Type& type) {
    if (type.kind == Kind::Interface) return type.methods.size();
    return static_cast<Slot>(std::count_if(type.methods.begin(), type.methods.end(),
                                           [](const runtime::Method& m) { return m.package.empty(); }));
}

Status method(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[5]);
    if (type == nullptr) return nil_pointer(call);
    const runtime::Method* found = method_at(*type, s[6]);
    if (found == nullptr) return call.panic("reflect: Method index out of range");
    put_text(s, found->name);
    put_text(s + 2, found->package);
    put_type(s + 4, found->type);
    return Status::Ok;
}

Status method_index(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[1]);
    if (type == nullptr) return nil_pointer(call);
    const std::string_view name = text_at(s + 2);
    std::int64_t at = 0;
    for (const runtime::Method& m : type->methods) {
        if (type->kind != Kind::Interface && !m.package.empty()) continue;
        if (m.name == name) {
            s[0] = static_cast<Slot>(at);
            return Status::Ok;
        }
        ++at;
    }
    s[0] = static_cast<Slot>(std::int64_t{-1});
    return Status::Ok;
}

/// Makes a type of one or two others.
template <auto make>
Status made(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* a = type_at(call, s[1]);
    if (a == nullptr) return nil_pointer(call);
    if (!may_make_of(call, *a)) return Status::Panic;
    put_type(s, make(types(call), a));
    return Status::Ok;
}

Status map_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* key = type_at(call, s[1]);
    const Type* elem = type_at(call, s[2]);
    if (key == nullptr || elem == nullptr) return nil_pointer(call);
    if (!may_make_of(call, *key) || !may_make_of(call, *elem)) return Status::Panic;
    put_type(s, types(call).map_of(key, elem));
    return Status::Ok;
}

Status array_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::uint64_t length = s[1];
    const Type* elem = type_at(call, s[2]);
    if (elem == nullptr) return nil_pointer(call);
    if (!may_make_of(call, *elem)) return Status::Panic;
    if (length >= kMostBytes || length * elem->size >= kMostBytes)
        return call.panic("reflect.ArrayOf: array size would exceed virtual address space");
    put_type(s, types(call).array_of(elem, static_cast<std::int64_t>(length)));
    return Status::Ok;
}

Status chan_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* elem = type_at(call, s[1]);
    if (elem == nullptr) return nil_pointer(call);
    if (!may_make_of(call, *elem)) return Status::Panic;
    if (elem->size >= 1 << 16) return call.panic("reflect.ChanOf: element size too large");
    const ChanDir dir = s[2] == 1 ? ChanDir::Recv : s[2] == 2 ? ChanDir::Send : ChanDir::Both;
    put_type(s, types(call).chan_of(elem, dir));
    return Status::Ok;
}

bool read_types(Call& call, const Slot* s, std::vector<const Type*>& out, Status& problem) {
    const runtime::Slice list = slice_at(s);
    for (std::uint32_t i = 0; i < list.size; ++i) {
        const Type* type = type_at(call, static_cast<const Slot*>(list.data)[i]);
        if (type == nullptr) {
            problem = nil_pointer(call);
            return false;
        }
        if (!may_make_of(call, *type)) {
            problem = Status::Panic;
            return false;
        }
        out.push_back(type);
    }
    return true;
}

Status func_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (slice_at(s + 1).size > kMostParameters || slice_at(s + 3).size > kMostParameters)
        return call.panic("reflect.FuncOf: too many arguments");
    std::vector<const Type*> params, results;
    Status problem = Status::Ok;
    if (!read_types(call, s + 1, params, problem) || !read_types(call, s + 3, results, problem)) return problem;
    const bool variadic = s[5] != 0 && !params.empty() && params.back()->kind == Kind::Slice;
    put_type(s, types(call).func_of(params, results, variadic));
    return Status::Ok;
}

}  // namespace

void add_types(Package& package) {
    package.raw("typeOf", type_of_interface)
        .raw("rtype.Kind", word_of<[](const Type& t) { return t.kind; }>)
        .raw("rtype.Size", word_of<[](const Type& t) { return t.size; }>)
        .raw("rtype.Align", word_of<[](const Type& t) { return t.align; }>)
        .raw("rtype.Comparable", word_of<[](const Type& t) { return t.equality != runtime::Equality::None; }>)
        .raw("rtype.String", text_of<[](const Type& t) { return t.string; }>)
        .raw("rtype.Name", text_of<[](const Type& t) { return t.name; }>)
        .raw("rtype.PkgPath", text_of<[](const Type& t) { return t.package; }>)
        .raw("rtype.elem", word_of<[](const Type& t) { return reinterpret_cast<Slot>(t.elem); }>)
        .raw("rtype.key", word_of<[](const Type& t) { return reinterpret_cast<Slot>(t.key); }>)
        .raw("rtype.length", word_of<[](const Type& t) { return t.length; }>)
        .raw("rtype.chanDir", word_of<direction>)
        .raw("rtype.isVariadic", word_of<[](const Type& t) { return t.variadic; }>)
        .raw("rtype.numIn", word_of<[](const Type& t) { return t.params.size(); }>)
        .raw("rtype.numOut", word_of<[](const Type& t) { return t.results.size(); }>)
        .raw("rtype.numField", word_of<[](const Type& t) { return t.fields.size(); }>)
        .raw("rtype.in", type_of<[](const Type& t) { return t.params; }>)
        .raw("rtype.out", type_of<[](const Type& t) { return t.results; }>)
        .raw("rtype.numMethod", word_of<method_count>)
        .raw("rtype.method", method)
        .raw("rtype.methodIndex", method_index)
        .raw("implements", relation<[](const Type& t, const Type& u) { return runtime::implements(t, u, nullptr); }>)
        .raw("assignable", relation<assignable>)
        .raw("convertible", relation<convertible>)
        .raw("pointerTo", made<[](runtime::TypeTable& table, const Type* t) { return table.pointer_to(t); }>)
        .raw("sliceOf", made<[](runtime::TypeTable& table, const Type* t) { return table.slice_of(t); }>)
        .raw("mapOf", map_of)
        .raw("arrayOf", array_of)
        .raw("chanOf", chan_of)
        .raw("funcOf", func_of);
}

}  // namespace csp::stdlib::reflection
