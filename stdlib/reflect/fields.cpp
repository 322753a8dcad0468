// Struct fields: what they are, how names find them, tags.

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Type;

namespace {

const runtime::Field* field_at(const Type* type, Slot index) {
    return type != nullptr && index < type->fields.size() ? &type->fields[index] : nullptr;
}

/// Results: name, package, tag, type, offset, embedded.
Status field(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Field* f = field_at(type_at(call, s[9]), s[10]);
    if (f == nullptr) return call.panic("reflect: Field index out of bounds");
    put_text(s, f->name);
    put_text(s + 2, f->exported ? std::string_view() : f->package);
    put_text(s + 4, f->tag);
    put_type(s + 6, f->type);
    s[7] = f->offset;
    s[8] = f->embedded;
    return Status::Ok;
}

Status field_name(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Field* f = field_at(type_at(call, s[2]), s[3]);
    if (f == nullptr) return call.panic("reflect: Field index out of bounds");
    put_text(s, f->name);
    return Status::Ok;
}

/// Go's rule for promoted fields: the least depth at which the name is found, if it is found once there.
std::vector<std::int64_t> find_field(const Type& type, std::string_view name) {
    struct Candidate {
        const Type* type;
        std::vector<std::int64_t> index;
        int count;  ///< How many ways lead to the type at this depth.
    };
    std::vector<Candidate> level = {{&type, {}, 1}};
    std::set<const Type*> visited;
    while (!level.empty()) {
        std::vector<Candidate> next;
        std::vector<std::int64_t> found;
        int matches = 0;
        for (const Candidate& candidate : level) {
            if (!visited.insert(candidate.type).second) continue;
            for (std::size_t i = 0; i < candidate.type->fields.size(); ++i) {
                const runtime::Field& f = candidate.type->fields[i];
                const auto extended = [&] {
                    std::vector<std::int64_t> index = candidate.index;
                    index.push_back(static_cast<std::int64_t>(i));
                    return index;
                };
                if (f.name == name) {
                    matches += candidate.count;
                    found = extended();
                    continue;
                }
                const Type* inner = f.type->kind == Kind::Pointer ? f.type->elem : f.type;
                if (!f.embedded || inner->kind != Kind::Struct) continue;
                const auto same = std::find_if(next.begin(), next.end(), [&](const Candidate& c) { return c.type == inner; });
                if (same != next.end())
                    same->count += 1;
                else
                    next.push_back({inner, extended(), candidate.count});
            }
        }
        if (matches == 1) return found;
        if (matches > 1) return {};
        level = std::move(next);
    }
    return {};
}

Status field_index(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[2]);
    if (type == nullptr) return nil_pointer(call);
    const std::vector<std::int64_t> index = find_field(*type, text_at(s + 3));
    s[0] = s[1] = 0;
    if (index.empty()) return Status::Ok;
    char* memory = call.allocate_bytes(index.size() * sizeof(std::int64_t));
    if (memory == nullptr) return Status::Panic;
    std::memcpy(memory, index.data(), index.size() * sizeof(std::int64_t));
    const auto count = static_cast<std::uint32_t>(index.size());
    put_slice(s, {memory, count, count});
    return Status::Ok;
}

/// `key:"value"` pairs, with spaces before each. The value keeps its quotes.

}  // namespace

bool find_tag(std::string_view tag, std::string_view key, std::string_view& value) {
    for (;;) {
        tag.remove_prefix(std::min(tag.find_first_not_of(' '), tag.size()));
        std::size_t end = 0;
        const auto is_name = [](unsigned char c) { return c > ' ' && c != ':' && c != '"' && c != 0x7f; };
        while (end < tag.size() && is_name(tag[end])) ++end;
        if (end == 0 || end + 1 >= tag.size() || tag[end] != ':' || tag[end + 1] != '"') return false;
        const std::string_view name = tag.substr(0, end);
        tag.remove_prefix(end + 1);
        std::size_t close = 1;
        while (close < tag.size() && tag[close] != '"') close += tag[close] == '\\' ? 2 : 1;
        if (close >= tag.size()) return false;
        if (name == key) {
            value = tag.substr(0, close + 1);
            return true;
        }
        tag.remove_prefix(close + 1);
    }
}

namespace {

Status lookup_tag(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    std::string_view value;
    s[2] = find_tag(text_at(s + 3), text_at(s + 5), value);
    put_text(s, value);
    return Status::Ok;
}

/// Parameters: names, packages, tags, types, whether embedded.
Status struct_of(Call& call, const NativeEntry&) {
    constexpr std::uint32_t kMostFields = 1000;
    constexpr std::uint64_t kMostBytes = 1 << 30;
    Slot* s = call.slots();
    const runtime::Slice names = slice_at(s + 1), packages = slice_at(s + 3), tags = slice_at(s + 5);
    const runtime::Slice list = slice_at(s + 7), embedded = slice_at(s + 9);
    const std::uint32_t count = names.size;
    if (packages.size != count || tags.size != count || list.size != count || embedded.size != count) return nil_pointer(call);
    if (count > kMostFields) return call.panic("reflect.StructOf: too many fields");
    const auto text = [](const runtime::Slice& slice, std::uint32_t i) { return text_at(static_cast<const Slot*>(slice.data) + i * 2); };
    std::vector<runtime::Field> fields;
    std::uint64_t size = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Type* type = type_at(call, static_cast<const Slot*>(list.data)[i]);
        if (type == nullptr) return nil_pointer(call);
        if (!may_make_of(call, *type)) return Status::Panic;
        runtime::Field f{};
        f.name = text(names, i);
        f.package = text(packages, i);
        f.tag = text(tags, i);
        f.type = type;
        f.embedded = static_cast<const bool*>(embedded.data)[i];
        f.exported = f.package.empty();
        size += std::uint64_t{type->size} + 16;
        fields.push_back(f);
    }
    if (size > kMostBytes) return call.panic("reflect.StructOf: struct size would exceed virtual address space");
    put_type(s, types(call).struct_of(fields));
    return Status::Ok;
}

}  // namespace

void add_fields(Package& package) {
    package.raw("rtype.field", field)
        .raw("rtype.fieldName", field_name)
        .raw("rtype.fieldIndex", field_index)
        .raw("lookupTag", lookup_tag)
        .raw("structOf", struct_of);
}

}  // namespace csp::stdlib::reflection
