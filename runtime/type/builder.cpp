#include "runtime/type/builder.h"

#include <algorithm>
#include <functional>

namespace csp::runtime {

namespace {

struct BasicLayout {
    Kind kind;
    const char* name;
    std::uint32_t size;
    Equality equality;
};
constexpr BasicLayout kBasics[] = {
    {Kind::Bool, "bool", 1, Equality::Bits},         {Kind::Int, "int", 8, Equality::Bits},
    {Kind::Int8, "int8", 1, Equality::Bits},         {Kind::Int16, "int16", 2, Equality::Bits},
    {Kind::Int32, "int32", 4, Equality::Bits},       {Kind::Int64, "int64", 8, Equality::Bits},
    {Kind::Uint, "uint", 8, Equality::Bits},         {Kind::Uint8, "uint8", 1, Equality::Bits},
    {Kind::Uint16, "uint16", 2, Equality::Bits},     {Kind::Uint32, "uint32", 4, Equality::Bits},
    {Kind::Uint64, "uint64", 8, Equality::Bits},     {Kind::Uintptr, "uintptr", 8, Equality::Bits},
    {Kind::Float32, "float32", 4, Equality::Float32}, {Kind::Float64, "float64", 8, Equality::Float64},
    {Kind::Complex64, "complex64", 8, Equality::Complex64},
    {Kind::Complex128, "complex128", 16, Equality::Complex128},
    {Kind::String, "string", 16, Equality::String},
    {Kind::UnsafePointer, "unsafe.Pointer", 8, Equality::Bits},
};

std::uint32_t align_up(std::uint64_t value, std::uint32_t align) {
    return static_cast<std::uint32_t>((value + align - 1) / align * align);
}

/// Go quotes tags in type strings.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace

TypeTable::TypeTable() {
    for (const BasicLayout& b : kBasics) {
        Type* type = make(b.kind, b.name);
        type->size = b.size;
        type->align = static_cast<std::uint8_t>(b.kind == Kind::String     ? 16
                                                : b.kind == Kind::Complex128 ? 8
                                                : b.kind == Kind::Complex64  ? 4
                                                                             : b.size);
        type->slots = (b.size + 7) / 8;
        type->equality = b.equality;
        type->inline_in_interface = b.size <= 8;
        type->is_byte_like = b.kind == Kind::Uint8;
        type->has_pointers = b.kind == Kind::String || b.kind == Kind::UnsafePointer;
        if (b.kind != Kind::UnsafePointer) type->name = type->string;
        set_pointer_bits(type);
        basics_[static_cast<std::size_t>(b.kind)] = type;
    }
}

std::string_view TypeTable::keep(std::string text) { return texts_.emplace_back(std::move(text)); }

Type* TypeTable::make(Kind kind, std::string string) {
    Type& type = types_.emplace_back();
    type.kind = kind;
    type.string = keep(std::move(string));
    type.hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(type.string));
    return &type;
}

const Type* TypeTable::basic(Kind kind) { return basics_[static_cast<std::size_t>(kind)]; }

namespace {
void word_shaped(Type* type, Equality equality) {
    type->size = 8;
    type->align = 8;
    type->slots = 1;
    type->inline_in_interface = true;
    type->has_pointers = true;
    type->equality = equality;
}
void pair_shaped(Type* type, Equality equality) {
    type->size = 16;
    type->align = 16;
    type->slots = 2;
    type->has_pointers = true;
    type->equality = equality;
}
std::uintptr_t id(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }
std::uintptr_t id(Kind kind) { return static_cast<std::uintptr_t>(kind); }
}  // namespace

std::size_t TypeTable::size() const {
    const std::lock_guard lock(mutex_);
    return types_.size();
}

const Type* TypeTable::pointer_to(const Type* elem) {
    if (const Type* known = __atomic_load_n(&elem->pointer_to, __ATOMIC_ACQUIRE)) return known;
    const std::lock_guard lock(mutex_);
    return elem->pointer_to != nullptr ? elem->pointer_to : make_pointer_to(elem);
}

const Type* TypeTable::make_pointer_to(const Type* elem) {
    Type* type = make(Kind::Pointer, "*" + std::string(elem->string));
    word_shaped(type, Equality::Bits);
    type->elem = elem;
    set_pointer_bits(type);
    __atomic_store_n(&const_cast<Type*>(elem)->pointer_to, static_cast<const Type*>(type), __ATOMIC_RELEASE);
    return type;
}

const Type* TypeTable::slice_of(const Type* elem) {
    const std::lock_guard lock(mutex_);
    const Type*& known = made_[{id(Kind::Slice), id(elem)}];
    if (known != nullptr) return known;
    Type* type = make(Kind::Slice, "[]" + std::string(elem->string));
    pair_shaped(type, Equality::None);
    type->elem = elem;
    set_pointer_bits(type);
    return known = type;
}

const Type* TypeTable::array_of(const Type* elem, std::int64_t length) {
    const std::lock_guard lock(mutex_);
    const Type*& known = made_[{id(Kind::Array), id(elem), static_cast<std::uintptr_t>(length)}];
    if (known != nullptr) return known;
    Type* type = make(Kind::Array, "[" + std::to_string(length) + "]" + std::string(elem->string));
    type->elem = elem;
    type->length = length;
    type->align = elem->align;
    type->size = static_cast<std::uint32_t>(static_cast<std::uint64_t>(length) * elem->size);
    type->slots = (type->size + 7) / 8;
    type->has_pointers = elem->has_pointers && length > 0;
    type->equality = elem->equality == Equality::None   ? Equality::None
                     : elem->equality == Equality::Bits ? Equality::Bits
                                                        : Equality::Array;
    type->inline_in_interface = type->size == 0;
    set_pointer_bits(type);
    return known = type;
}

const Type* TypeTable::map_of(const Type* key, const Type* elem) {
    const std::lock_guard lock(mutex_);
    const Type*& known = made_[{id(Kind::Map), id(key), id(elem)}];
    if (known != nullptr) return known;
    Type* type = make(Kind::Map, "map[" + std::string(key->string) + "]" + std::string(elem->string));
    word_shaped(type, Equality::None);
    type->key = key;
    type->elem = elem;
    set_pointer_bits(type);
    return known = type;
}

const Type* TypeTable::chan_of(const Type* elem, ChanDir dir) {
    const std::lock_guard lock(mutex_);
    const Type*& known = made_[{id(Kind::Chan), id(elem), static_cast<std::uintptr_t>(dir)}];
    if (known != nullptr) return known;
    const std::string_view inner = elem->string;
    std::string text = dir == ChanDir::Recv ? "<-chan " : dir == ChanDir::Send ? "chan<- " : "chan ";
    if (dir != ChanDir::Send && inner.starts_with("<-"))
        text += "(" + std::string(inner) + ")";
    else
        text += inner;
    Type* type = make(Kind::Chan, text);
    word_shaped(type, Equality::Bits);
    type->elem = elem;
    type->chan_dir = dir;
    set_pointer_bits(type);
    return known = type;
}

const Type* TypeTable::func_of(const std::vector<const Type*>& params,
                               const std::vector<const Type*>& results, bool variadic) {
    const std::lock_guard lock(mutex_);
    Key key = {id(Kind::Func), params.size(), variadic};
    for (const Type* t : params) key.push_back(id(t));
    for (const Type* t : results) key.push_back(id(t));
    const Type*& known = made_[key];
    if (known != nullptr) return known;
    std::string text = "func(";
    for (std::size_t i = 0; i < params.size(); ++i) {
        if (i > 0) text += ", ";
        text += variadic && i + 1 == params.size() ? "..." + std::string(params[i]->elem->string)
                                                   : std::string(params[i]->string);
    }
    text += ")";
    if (results.size() == 1) text += " " + std::string(results[0]->string);
    if (results.size() > 1) {
        text += " (";
        for (std::size_t i = 0; i < results.size(); ++i)
            text += (i > 0 ? ", " : "") + std::string(results[i]->string);
        text += ")";
    }
    Type* type = make(Kind::Func, text);
    word_shaped(type, Equality::None);
    type->params = arena_.copy(params);
    type->results = arena_.copy(results);
    type->variadic = variadic;
    set_pointer_bits(type);
    return known = type;
}

const Type* TypeTable::struct_of(const std::vector<Field>& fields) {
    const std::lock_guard lock(mutex_);
    Key key = {id(Kind::Struct)};
    std::string text = "struct {";
    for (const Field& f : fields) {
        key.push_back(id(f.type));
        key.push_back(std::hash<std::string_view>{}(f.name));
        key.push_back(std::hash<std::string_view>{}(f.package));
        key.push_back(std::hash<std::string_view>{}(f.tag) * 2 + f.embedded);
        text += (&f == fields.data() ? " " : "; ");
        if (!f.embedded) text += std::string(f.name) + " ";
        text += f.type->string;
        if (!f.tag.empty()) text += " " + quoted(f.tag);
    }
    text += fields.empty() ? "}" : " }";
    const Type*& known = made_[key];
    if (known != nullptr) return known;
    Type* type = make(Kind::Struct, text);
    std::vector<Field> own = fields;
    for (Field& f : own) {
        f.name = keep(std::string(f.name));
        f.package = keep(std::string(f.package));
        f.tag = keep(std::string(f.tag));
    }
    type->fields = arena_.copy(own);
    lay_out_struct(type);
    return known = type;
}

void TypeTable::lay_out_struct(Type* type) {
    std::uint64_t at = 0;
    std::uint8_t align = 1;
    bool bits = true;
    bool comparable = true;
    auto* fields = const_cast<Field*>(type->fields.data());
    for (std::size_t i = 0; i < type->fields.size(); ++i) {
        Field& f = fields[i];
        const std::uint32_t start = align_up(at, f.type->align);
        // Padding and blank fields do not take part in ==, so such structs compare field by field.
        if (start != at || f.name == "_") bits = false;
        f.offset = start;
        at = std::uint64_t{start} + f.type->size;
        align = std::max(align, f.type->align);
        type->has_pointers = type->has_pointers || f.type->has_pointers;
        if (f.type->equality != Equality::Bits) bits = false;
        if (f.type->equality == Equality::None) comparable = false;
    }
    type->size = align_up(at, align);
    if (type->size != at) bits = false;
    type->align = align;
    type->slots = (type->size + 7) / 8;
    type->equality = !comparable ? Equality::None : bits ? Equality::Bits : Equality::Struct;
    type->inline_in_interface = type->size == 0;
    set_pointer_bits(type);
}

const Type* TypeTable::interface_of(const std::vector<Method>& methods) {
    const std::lock_guard lock(mutex_);
    Key key = {id(Kind::Interface)};
    std::vector<Method> own = methods;
    std::sort(own.begin(), own.end(),
              [](const Method& a, const Method& b) { return a.name < b.name; });
    std::string text = own.empty() ? "interface {}" : "interface { ";
    for (Method& m : own) {
        key.push_back(m.id);
        key.push_back(id(m.type));
        m.name = keep(std::string(m.name));
        m.package = keep(std::string(m.package));
        if (&m != own.data()) text += "; ";
        if (!m.package.empty()) text += std::string(m.package.substr(m.package.rfind('/') + 1)) + ".";
        text += std::string(m.name) + std::string(m.type->string.substr(4));
    }
    if (!own.empty()) text += " }";
    const Type*& known = made_[key];
    if (known != nullptr) return known;
    Type* type = make(Kind::Interface, text);
    pair_shaped(type, Equality::Interface);
    type->methods = arena_.copy(own);
    set_pointer_bits(type);
    return known = type;
}

Type* TypeTable::new_named(std::string_view package, std::string_view name, std::string_view string) {
    Type* type = make(Kind::Invalid, std::string(string));
    type->name = keep(std::string(name));
    type->package = keep(std::string(package));
    return type;
}

void TypeTable::set_underlying(Type* named, const Type* u) {
    const Type own = *named;
    *named = *u;
    named->string = own.string;
    named->name = own.name;
    named->package = own.package;
    named->hash = static_cast<std::uint32_t>(
        std::hash<std::string_view>{}(own.string) ^ reinterpret_cast<std::uintptr_t>(named) >> 4);
    named->pointer_to = own.pointer_to;
    if (u->kind != Kind::Interface) {
        named->methods = own.methods;
        named->method_table = own.method_table;
    }
}

void TypeTable::set_methods(Type* type, const std::vector<Method>& methods) {
    std::vector<Method> own = methods;
    std::sort(own.begin(), own.end(),
              [](const Method& a, const Method& b) { return a.name < b.name; });
    for (Method& m : own) {
        m.name = keep(std::string(m.name));
        m.package = keep(std::string(m.package));
    }
    type->methods = arena_.copy(own);
    std::size_t size = 4;
    while (size < own.size() * 2 + 1) size *= 2;
    std::vector<Type::MethodSlot> table(size, Type::MethodSlot{0, nullptr});
    for (const Method& m : own) {
        std::size_t i = m.id & (size - 1);
        while (table[i].id != 0) i = (i + 1) & (size - 1);
        table[i] = {m.id, m.code};
    }
    type->method_table = arena_.copy(table);
}

namespace {
/// Marks the pointer words of a value of `type` that lies `offset` bytes into another.
void mark(std::vector<std::uint64_t>& bits, const Type& type, std::uint64_t offset) {
    if (!type.has_pointers) return;
    const auto set = [&](std::uint64_t at) { bits[at / 8 / 64] |= std::uint64_t{1} << (at / 8 % 64); };
    switch (type.kind) {
        case Kind::Struct:
            for (const Field& f : type.fields) mark(bits, *f.type, offset + f.offset);
            break;
        case Kind::Array:
            for (std::int64_t i = 0; i < type.length; ++i)
                mark(bits, *type.elem, offset + static_cast<std::uint64_t>(i) * type.elem->size);
            break;
        case Kind::Interface:
            set(offset);
            set(offset + 8);
            break;
        default: set(offset); break;
    }
}
}  // namespace

void TypeTable::set_pointer_bits(Type* type) {
    if (!type->has_pointers) return;
    std::vector<std::uint64_t> bits((type->size / 8 + 63) / 64 + 1);
    mark(bits, *type, 0);
    type->pointer_bits = arena_.copy(bits);
}

}  // namespace csp::runtime
