#include "stdlib/encoding/json/plan.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>

#include "runtime/value/string_ops.h"
#include "stdlib/encoding/json/text.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib::json {

using runtime::Field;
using runtime::Kind;
using runtime::Type;

namespace {

bool has_method(const Type& type, std::string_view name, std::string_view signature) {
    return std::any_of(type.methods.begin(), type.methods.end(),
                       [&](const runtime::Method& m) { return m.name == name && m.type->string == signature; });
}

constexpr std::string_view kMarshal = "func() ([]uint8, error)";
constexpr std::string_view kUnmarshal = "func([]uint8) error";

/// The tag of a field for this package.
std::string tag_of(const Field& field) {
    std::string_view quoted;
    std::string tag;
    const bool good = reflection::find_tag(field.tag, "json", quoted) && unquote_prefix(quoted, tag) == quoted.size();
    return good ? tag : std::string();
}

/// Whether a tag's name may be a key.
bool is_key(std::string_view name) {
    if (name.empty()) return false;
    for (std::string_view rest = name; !rest.empty();) {
        const runtime::DecodedRune r = runtime::decode_rune(rest);
        const bool mark = r.rune < 0x80 && std::string_view("!#$%&()*+-./:;<=>?@[]^_{|}~ ").find(static_cast<char>(r.rune)) != std::string_view::npos;
        if (!mark && !is_letter(r.rune) && !is_digit(r.rune)) return false;
        rest.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return true;
}

/// Names that differ in case only have the same folded form: the smallest rune that folds to the same.
std::string folded(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const runtime::DecodedRune r = runtime::decode_rune(name);
        name.remove_prefix(static_cast<std::size_t>(r.size));
        std::int32_t rune = to_upper(r.rune);
        if (rune == 0x212A) rune = 'K';       // the Kelvin sign
        else if (rune == 0x017F) rune = 'S';  // the long s
        char bytes[4];
        out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(rune, bytes)));
    }
    return out;
}

struct Candidate {
    FieldPlan plan;
    bool tagged = false;
    std::vector<std::size_t> index;
};

/// A struct whose fields are looked at, and how it is reached.
struct Level {
    const Type* type;
    std::vector<FieldPlan::Step> path;
    std::vector<std::size_t> index;
};

void note_options(std::string_view options, const Type& type, FieldPlan& plan) {
    const auto has = [&](std::string_view option) {
        for (std::string_view rest = options; !rest.empty();) {
            const std::size_t comma = rest.find(',');
            if (rest.substr(0, comma) == option) return true;
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
        return false;
    };
    plan.omit_empty = has("omitempty");
    plan.omit_zero = has("omitzero");
    const Type& target = type.kind == Kind::Pointer && type.name.empty() ? *type.elem : type;
    const bool scalar = target.kind == Kind::Bool || target.kind == Kind::String || is_signed(target.kind) || is_unsigned(target.kind) || is_float(target.kind);
    plan.quoted = scalar && has("string");
}

/// Takes the fields of a level; embedded structs go to `next`.
void look_at(const Level& level, std::vector<Candidate>& found, std::vector<Level>& next) {
    for (std::size_t i = 0; i < level.type->fields.size(); ++i) {
        const Field& field = level.type->fields[i];
        const Type& base = field.type->kind == Kind::Pointer && field.type->name.empty() ? *field.type->elem : *field.type;
        if (field.embedded ? !field.exported && base.kind != Kind::Struct : !field.exported) continue;
        const std::string tag = tag_of(field);
        if (tag == "-") continue;
        const std::size_t comma = tag.find(',');
        std::string name = tag.substr(0, comma);
        if (!is_key(name)) name.clear();
        std::vector<std::size_t> index = level.index;
        index.push_back(i);
        if (name.empty() && field.embedded && base.kind == Kind::Struct) {
            Level inner{&base, level.path, std::move(index)};
            inner.path.push_back({field.offset, field.type, field.exported, field.name});
            next.push_back(std::move(inner));
            continue;
        }
        Candidate candidate;
        candidate.tagged = !name.empty();
        candidate.index = std::move(index);
        FieldPlan& plan = candidate.plan;
        plan.name = name.empty() ? std::string(field.name) : name;
        plan.path = level.path;
        plan.offset = field.offset;
        plan.type = field.type;
        note_options(comma == std::string::npos ? std::string_view() : std::string_view(tag).substr(comma + 1), *field.type, plan);
        found.push_back(std::move(candidate));
    }
}

/// The fields by Go's rules: the least deep one of a name wins, then one with a tag; of several, none.
std::vector<FieldPlan> fields_of(const Type& type) {
    std::vector<Candidate> all;
    std::vector<Level> levels{{&type, {}, {}}};
    std::unordered_set<const Type*> visited;
    while (!levels.empty()) {
        std::unordered_map<const Type*, int> times;
        for (const Level& level : levels) ++times[level.type];
        std::vector<Level> next;
        std::unordered_set<const Type*> here;
        for (const Level& level : levels) {
            if (visited.contains(level.type) || !here.insert(level.type).second) continue;
            const std::size_t first = all.size();
            look_at(level, all, next);
            // Two of the same type at one depth annihilate each other.
            if (times[level.type] > 1) {
                const std::vector<Candidate> copies(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
                all.insert(all.end(), copies.begin(), copies.end());
            }
        }
        visited.insert(here.begin(), here.end());
        levels = std::move(next);
    }
    std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
        if (a.plan.name != b.plan.name) return a.plan.name < b.plan.name;
        if (a.index.size() != b.index.size()) return a.index.size() < b.index.size();
        if (a.tagged != b.tagged) return a.tagged;
        return a.index < b.index;
    });
    std::vector<Candidate> winners;
    for (std::size_t i = 0, end = 0; i < all.size(); i = end) {
        end = i + 1;
        while (end < all.size() && all[end].plan.name == all[i].plan.name) ++end;
        if (end == i + 1 || all[i + 1].index.size() != all[i].index.size() || all[i + 1].tagged != all[i].tagged) winners.push_back(all[i]);
    }
    std::sort(winners.begin(), winners.end(), [](const Candidate& a, const Candidate& b) { return a.index < b.index; });
    std::vector<FieldPlan> fields;
    for (Candidate& winner : winners) fields.push_back(std::move(winner.plan));
    return fields;
}

}  // namespace

const FieldPlan* TypePlan::find(std::string_view name) const {
    if (const auto exact = by_name.find(name); exact != by_name.end()) return &fields[exact->second];
    const auto same = by_folded_name.find(folded(name));
    return same == by_folded_name.end() ? nullptr : &fields[same->second];
}

const TypePlan& Plans::of(Call& call, const Type& type) {
    {
        const std::shared_lock lock(mutex_);
        if (const auto known = plans_.find(&type); known != plans_.end()) return *known->second;
    }
    auto plan = std::make_unique<TypePlan>();
    auto& table = *static_cast<runtime::TypeTable*>(call.type_table());
    plan->pointer = table.pointer_to(&type);
    plan->marshal_json = has_method(type, "MarshalJSON", kMarshal);
    plan->marshal_text = has_method(type, "MarshalText", kMarshal);
    if (type.kind != Kind::Pointer && type.kind != Kind::Interface) {
        plan->pointer_marshal_json = has_method(*plan->pointer, "MarshalJSON", kMarshal);
        plan->pointer_marshal_text = has_method(*plan->pointer, "MarshalText", kMarshal);
    }
    const Type& settable = type.kind == Kind::Pointer ? type : *plan->pointer;
    plan->unmarshal_json = has_method(settable, "UnmarshalJSON", kUnmarshal);
    plan->unmarshal_text = has_method(settable, "UnmarshalText", kUnmarshal);
    plan->is_number = type.name == "Number" && type.package == "encoding/json";
    if (type.kind == Kind::Struct) {
        plan->fields = fields_of(type);
        for (std::size_t i = 0; i < plan->fields.size(); ++i) {
            FieldPlan& field = plan->fields[i];
            append_string(field.key, field.name, false);
            append_string(field.html_key, field.name, true);
            field.key += ':';
            field.html_key += ':';
            if (field.omit_zero) {
                field.zero_method = has_method(*field.type, "IsZero", "func() bool");
                field.zero_pointer_method = !field.zero_method && has_method(*table.pointer_to(field.type), "IsZero", "func() bool");
            }
            plan->by_name.emplace(field.name, i);
            plan->by_folded_name.emplace(folded(field.name), i);
        }
    }
    const std::unique_lock lock(mutex_);
    return *plans_.emplace(&type, std::move(plan)).first->second;
}

const Plans::Dynamic& Plans::dynamic(Call& call) {
    {
        const std::shared_lock lock(mutex_);
        if (dynamic_ != nullptr) return *dynamic_;
    }
    auto& table = *static_cast<runtime::TypeTable*>(call.type_table());
    const Type* const any = table.interface_of({});
    const Type* const text = table.basic(Kind::String);
    auto made = std::make_unique<const Dynamic>(
        Dynamic{any, table.map_of(text, any), table.slice_of(any), text, table.basic(Kind::Bool), table.basic(Kind::Float64)});
    const std::unique_lock lock(mutex_);
    if (dynamic_ == nullptr) dynamic_ = std::move(made);
    return *dynamic_;
}

}  // namespace csp::stdlib::json
