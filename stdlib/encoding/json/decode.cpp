#include "stdlib/encoding/json/decode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/value/map.h"
#include "runtime/value/slice_ops.h"
#include "stdlib/encoding/json/encode.h"
#include "stdlib/encoding/json/scanner.h"
#include "stdlib/encoding/json/text.h"
#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::json {

using runtime::Kind;
using runtime::Slice;

Decoder::Decoder(Call& call, Slot method_caller, std::string_view text, Slot options)
    : call_(call), work_(call), method_caller_(method_caller), text_(text), options_(options), plans_(Encoder::plans_of(call)) {}

void Decoder::out_of_memory() {
    if (status_ == Status::Ok) status_ = call_.out_of_memory();
}

void Decoder::save(Problem problem, std::string text, const Type* type, std::size_t offset) {
    if (problem_ != Problem::None) return;  // the first one counts
    problem_ = problem;
    problem_text_ = std::move(text);
    problem_type_ = type;
    problem_offset_ = static_cast<std::int64_t>(offset);
    if (struct_ != nullptr) struct_name_ = struct_->name;
    for (const std::string_view field : fields_) field_path_.append(field_path_.empty() ? "" : ".").append(field);
}

void Decoder::stop(Problem problem, std::string text, const Type* type) {
    if (stopped()) return;
    problem_ = Problem::None;
    field_path_.clear();
    save(problem, std::move(text), type, at_);
    stopped_ = true;
}

// ---- The text ----

void Decoder::space() {
    while (at_ < text_.size() && is_space(static_cast<unsigned char>(text_[at_])) && work_.read(1)) ++at_;
}

/// The string, number or word that begins here.
std::string_view Decoder::literal_text() {
    const std::size_t start = at_;
    if (peek() == '"') {
        for (++at_; at_ < text_.size() && text_[at_] != '"' && work_.read(1); ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        at_ = std::min(at_ + 1, text_.size());
    } else {
        constexpr std::string_view kEnds = ",:]} \t\r\n";
        while (at_ < text_.size() && kEnds.find(text_[at_]) == std::string_view::npos && work_.read(4)) ++at_;
    }
    return text_.substr(start, at_ - start);
}

void Decoder::skip() {
    std::size_t depth = 0;
    do {
        space();
        const char c = peek();
        if (c == '{' || c == '[') {
            ++depth;
            ++at_;
        } else if (c == '}' || c == ']') {
            --depth;
            ++at_;
        } else if (c == ',' || c == ':') {
            ++at_;
        } else {
            literal_text();
        }
        if (!worked()) return;
    } while (depth > 0 && at_ < text_.size());
}

bool Decoder::next(char close) {
    if (!worked()) return false;
    space();
    if (peek() == ',') {
        ++at_;
        space();
    }
    if (at_ < text_.size() && peek() != close) return true;
    ++at_;
    return false;
}

std::string_view Decoder::name(std::string& buffer) {
    const std::string_view literal = literal_text();
    space();
    ++at_;
    return meaning(literal, buffer, &work_);
}

// ---- Variables ----

namespace {

template <class Pointer>
Pointer load_pointer(const void* place) {
    return static_cast<Pointer>(reinterpret_cast<void*>(__atomic_load_n(static_cast<const Slot*>(place), __ATOMIC_RELAXED)));
}

}  // namespace

void Decoder::assign(void* place, const Slot* pair) {
    heap(call_).will_overwrite_pair(cache(call_), place);
    runtime::store_pair(place, pair);
}

Decoder::Target Decoder::target_of(const Type& start, void* place, bool null) {
    const Type* type = &start;
    // The pointer that the script has given is no variable of its own: null goes to what it points to.
    bool settable = !std::exchange(at_root_, false);
    Slot held[2] = {};  // keeps what an interface holds
    for (std::size_t steps = 0;; ++steps) {
        if (steps > Scanner::kMaxDepth) {
            stop(Problem::Pointer, "json: cannot follow pointers in a circle", nullptr);
            return {type, place};
        }
        // A variable of a defined type may have methods on its pointer.
        if (type->kind != Kind::Pointer && !type->name.empty()) {
            const TypePlan& plan = plans_.of(call_, *type);
            if (plan.unmarshal_json) return {type, place, plan.pointer, place, true};
            if (plan.unmarshal_text && !null) return {type, place, plan.pointer, place, false};
        }
        if (type->kind == Kind::Interface) {
            runtime::copy_pair(held, static_cast<const Slot*>(place));
            const auto* const dynamic = reinterpret_cast<const Type*>(held[0]);
            if (dynamic == nullptr || dynamic->kind != Kind::Pointer || held[1] == 0) return {type, place};
            if (null && dynamic->elem->kind != Kind::Pointer) return {type, place};
            const TypePlan& plan = plans_.of(call_, *dynamic);
            if (plan.unmarshal_json) return {dynamic->elem, reinterpret_cast<void*>(held[1]), dynamic, reinterpret_cast<void*>(held[1]), true};
            if (plan.unmarshal_text && !null) return {dynamic->elem, reinterpret_cast<void*>(held[1]), dynamic, reinterpret_cast<void*>(held[1]), false};
            type = dynamic->elem;
            if (place == reinterpret_cast<void*>(held[1])) return {type, place};  // it holds its own address
            place = reinterpret_cast<void*>(held[1]);
            continue;
        }
        if (type->kind != Kind::Pointer || (null && settable)) return {type, place};
        settable = true;
        auto* to = load_pointer<void*>(place);
        if (to == nullptr) {
            to = heap(call_).allocate(cache(call_), *type->elem);
            if (to == nullptr) {
                out_of_memory();
                return {type, place};
            }
            heap(call_).will_overwrite(cache(call_), place);
            const auto word = reinterpret_cast<Slot>(to);
            runtime::store_value(place, &word, *type);
        }
        const TypePlan& plan = plans_.of(call_, *type);
        if (plan.unmarshal_json) return {type->elem, to, type, to, true};
        if (plan.unmarshal_text) return {type->elem, to, type, to, false};
        type = type->elem;
        place = to;
    }
}

bool Decoder::call_method(const Target& target, Method method, std::string_view text) {
    char* const bytes = call_.allocate_bytes(text.size());
    if (bytes == nullptr) {
        status_ = Status::Panic;
        return false;
    }
    std::memcpy(bytes, text.data(), text.size());
    if (!work_.moved(text.size())) return false;
    const Slot args[] = {reinterpret_cast<Slot>(target.receiver), reinterpret_cast<Slot>(target.pointer), method,
                         reinterpret_cast<Slot>(bytes), text.size() | text.size() << 32};
    Slot result = 0;
    const Status status = call_.call(method_caller_, args, std::size(args), &result, 1);
    if (status != Status::Ok) {
        status_ = status;
        return false;
    }
    if (result != 0) return true;
    stop(Problem::Method, {}, nullptr);
    return false;
}

/// Gives an object or array to a method, if the target has one.
bool Decoder::by_method(const Target& target, const Type& type, std::size_t start, std::string_view what) {
    if (target.pointer == nullptr) return false;
    if (target.json) {
        at_ = start;
        skip();
        call_method(target, kUnmarshalJson, text_.substr(start, at_ - start));
        return true;
    }
    mismatch(std::string(what), type, start + 1);
    at_ = start;
    skip();
    return true;
}

void Decoder::value(const Type& type, void* place) {
    if (stopped() || !worked()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_value(type, place); })) status_ = call_.fatal("stack overflow");
}

void Decoder::plain_value(const Type& type, void* place) {
    space();
    const std::size_t start = at_;
    const char c = peek();
    if (c == '{' || c == '[') {
        const Target target = target_of(type, place, false);
        if (stopped() || by_method(target, type, start, c == '{' ? "object" : "array")) return;
        if (c == '{') object(target, start);
        else array(target, start);
        return;
    }
    literal(type, place, literal_text(), false);
}

// ---- Objects ----

void Decoder::object(const Target& target, std::size_t start) {
    const Type& type = *target.type;
    switch (type.kind) {
        case Kind::Interface:
            if (type.methods.empty()) {
                Slot pair[2] = {};
                any(pair);
                if (!stopped()) assign(target.place, pair);
                return;
            }
            break;
        case Kind::Struct: return structure(type, static_cast<char*>(target.place));
        case Kind::Map: {
            const Kind key = type.key->kind;
            if (key == Kind::String || is_signed(key) || is_unsigned(key) || plans_.of(call_, *type.key).unmarshal_text) return map(type, target.place);
            break;
        }
        default: break;
    }
    mismatch("object", type, start + 1);
    skip();
}

char* Decoder::field_place(const FieldPlan& field, char* place) {
    for (const FieldPlan::Step& step : field.path) {
        place += step.offset;
        if (step.type->kind != Kind::Pointer) continue;
        auto* to = load_pointer<char*>(place);
        if (to == nullptr) {
            if (!step.exported) {
                save(Problem::Pointer, "json: cannot set embedded pointer to unexported struct: " + std::string(step.type->elem->string), nullptr, at_);
                return nullptr;
            }
            to = static_cast<char*>(heap(call_).allocate(cache(call_), *step.type->elem));
            if (to == nullptr) {
                out_of_memory();
                return nullptr;
            }
            heap(call_).will_overwrite(cache(call_), place);
            const auto word = reinterpret_cast<Slot>(to);
            runtime::store_value(place, &word, *step.type);
        }
        place = to;
    }
    return place + field.offset;
}

void Decoder::structure(const Type& type, char* place) {
    const TypePlan& plan = plans_.of(call_, type);
    const Type* const outer = struct_;
    std::string buffer;
    ++at_;
    while (next('}')) {
        const std::string_view key = name(buffer);
        if (!work_.read(4 * key.size())) status_ = Status::Ended;
        if (stopped()) return;
        const FieldPlan* const field = plan.find(key);
        if (field == nullptr) {
            if ((options_ & kDisallowUnknownFields) != 0) {
                std::string quoted;
                append_string(quoted, key, false);
                save(Problem::Text, "json: unknown field " + quoted, nullptr, at_);
            }
            skip();
            continue;
        }
        struct_ = &type;
        const std::size_t outer_fields = fields_.size();
        for (const FieldPlan::Step& step : field->path) fields_.push_back(step.name);
        fields_.push_back(field->name);
        if (char* const to = field_place(*field, place); to != nullptr) {
            if (field->quoted) quoted_value(*field->type, to);
            else value(*field->type, to);
        } else if (!stopped()) {
            skip();
        }
        if (stopped()) return;
        fields_.resize(outer_fields);
        struct_ = outer;
    }
}

bool Decoder::map_key(const Type& type, std::string_view text, std::size_t at, Slot* key) {
    if (type.kind == Kind::String) return put_text(key, text);
    if (parse_integer(text, type, *key)) return true;
    mismatch("number " + std::string(text), type, at + 1);
    return false;
}

void Decoder::map(const Type& type, void* place) {
    auto* table = load_pointer<runtime::Map*>(place);
    if (table == nullptr) {
        table = runtime::make_map(heap(call_), cache(call_), type, 0, reinterpret_cast<Slot>(place) ^ goroutine(call_).id * 0x9E3779B97F4A7C15ULL);
        if (table == nullptr) return out_of_memory();
        heap(call_).will_overwrite(cache(call_), place);
        const auto word = reinterpret_cast<Slot>(table);
        runtime::store_value(place, &word, type);
    }
    const Type& key_type = *type.key;
    const Type& elem_type = *type.elem;
    const bool key_method = plans_.of(call_, key_type).unmarshal_text;
    // The key and the element are built in variables of their own.
    void* const key = heap(call_).allocate(cache(call_), key_type);
    void* const elem = heap(call_).allocate(cache(call_), elem_type);
    auto* const key_slots = static_cast<Slot*>(heap(call_).allocate_slots(cache(call_), key_type.slots + elem_type.slots + 1));
    if (key == nullptr || elem == nullptr || key_slots == nullptr) return out_of_memory();
    Slot* const elem_slots = key_slots + key_type.slots;
    std::string buffer;
    ++at_;
    while (next('}')) {
        const std::size_t start = at_;
        const std::string_view text = name(buffer);
        bool good = true;
        if (key_method) {
            heap(call_).will_overwrite_elements(cache(call_), key_type, key, 1);
            runtime::clear_elements(key, key_type.size, key_type.align);
            const TypePlan& plan = plans_.of(call_, key_type);
            good = call_method({&key_type, key, plan.pointer, key, false}, kUnmarshalText, text);
            if (good && key_type.slots > 0) runtime::load_value(key_slots, key, key_type);
        } else {
            good = map_key(key_type, text, start, key_slots);
        }
        if (stopped()) return;
        heap(call_).will_overwrite_elements(cache(call_), elem_type, elem, 1);
        runtime::clear_elements(elem, elem_type.size, elem_type.align);
        value(elem_type, elem);
        if (stopped()) return;
        if (!good) continue;
        if (elem_type.slots > 0) runtime::load_value(elem_slots, elem, elem_type);
        const runtime::MapResult entry = runtime::map_assign(heap(call_), cache(call_), table, key_slots);
        switch (entry.status) {
            case runtime::MapStatus::Ok: break;
            case runtime::MapStatus::OutOfMemory: return out_of_memory();
            case runtime::MapStatus::Unhashable:
                status_ = call_.runtime_error("hash of unhashable type " + std::string(entry.unhashable->string));
                return;
            default: status_ = call_.fatal("concurrent map writes"); return;
        }
        heap(call_).will_overwrite_slots(cache(call_), entry.value, elem_type);
        runtime::copy_slots(entry.value, elem_slots, elem_type);
    }
}

// ---- Arrays ----

void Decoder::array(const Target& target, std::size_t start) {
    const Type& type = *target.type;
    if (type.kind == Kind::Interface && type.methods.empty()) {
        Slot pair[2] = {};
        any(pair);
        if (!stopped()) assign(target.place, pair);
        return;
    }
    if (type.kind != Kind::Array && type.kind != Kind::Slice) {
        mismatch("array", type, start + 1);
        return skip();
    }
    const bool fixed = type.kind == Kind::Array;
    const Type& elem = *type.elem;
    Slice slice;
    if (!fixed) {
        Slot pair[2];
        runtime::copy_pair(pair, static_cast<const Slot*>(target.place));
        slice = slice_at(pair);
        slice.size = 0;
    }
    const auto store_slice = [&] {
        Slot pair[2];
        put_slice(pair, slice);
        assign(target.place, pair);
    };
    std::int64_t count = 0;
    ++at_;
    while (next(']')) {
        if (fixed && count >= type.length) {
            skip();
            continue;
        }
        if (!fixed) {
            if (slice.size == slice.capacity && !runtime::grow_slice(heap(call_), cache(call_), elem, slice, std::int64_t{slice.size} + 1))
                return out_of_memory();
            ++slice.size;
        }
        char* const base = fixed ? static_cast<char*>(target.place) : static_cast<char*>(slice.data);
        value(elem, elem.size == 0 ? runtime::zero_size_address() : base + static_cast<std::size_t>(count) * elem.size);
        ++count;
        if (stopped()) {
            if (!fixed) store_slice();
            return;
        }
    }
    if (fixed) {
        if (count < type.length && elem.size > 0) {
            char* const rest = static_cast<char*>(target.place) + static_cast<std::size_t>(count) * elem.size;
            const auto left = static_cast<std::size_t>(type.length - count);
            heap(call_).will_overwrite_elements(cache(call_), elem, rest, left);
            runtime::clear_elements(rest, left * elem.size, elem.align);
        }
        return;
    }
    if (count == 0) {
        slice = {heap(call_).allocate_array(cache(call_), elem, 0), 0, 0};
        if (slice.data == nullptr) return out_of_memory();
    }
    store_slice();
}

}  // namespace csp::stdlib::json
