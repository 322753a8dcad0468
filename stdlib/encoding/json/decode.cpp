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
    : call_(call), method_caller_(method_caller), text_(text), options_(options), plans_(Encoder::plans_of(call)) {}

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
    while (at_ < text_.size() && is_space(static_cast<unsigned char>(text_[at_]))) ++at_;
}

/// The string, number or word that begins here.
std::string_view Decoder::literal_text() {
    const std::size_t start = at_;
    if (peek() == '"') {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        at_ = std::min(at_ + 1, text_.size());
    } else {
        constexpr std::string_view kEnds = ",:]} \t\r\n";
        at_ = std::min(text_.find_first_of(kEnds, at_), text_.size());
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
    } while (depth > 0 && at_ < text_.size());
}

namespace {

/// What a string literal stands for: a part of it, or made in `buffer`.
std::string_view meaning(std::string_view literal, std::string& buffer) {
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    const bool simple = std::all_of(inside.begin(), inside.end(), [](char c) { return c != '\\' && static_cast<unsigned char>(c) < 0x80; });
    if (simple) return inside;
    buffer = unquote(literal);
    return buffer;
}

}  // namespace

std::string_view Decoder::name(std::string& buffer) { return meaning(literal_text(), buffer); }

// ---- Variables ----

namespace {

template <class Pointer>
Pointer load_pointer(const void* place) {
    return static_cast<Pointer>(reinterpret_cast<void*>(__atomic_load_n(static_cast<const Slot*>(place), __ATOMIC_RELAXED)));
}

}  // namespace

Decoder::Target Decoder::target_of(const Type& start, void* place, bool null) {
    const Type* type = &start;
    // The pointer that the script has given is no variable of its own: null goes to what it points to.
    bool settable = !std::exchange(at_root_, false);
    Slot held[2] = {};  // keeps what an interface holds
    for (;;) {
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
bool Decoder::by_method(const Target& target, std::size_t start, std::string_view what) {
    if (target.pointer == nullptr) return false;
    if (target.json) {
        at_ = start;
        skip();
        call_method(target, kUnmarshalJson, text_.substr(start, at_ - start));
        return true;
    }
    mismatch(std::string(what), *target.receiver, start + 1);
    at_ = start;
    skip();
    return true;
}

void Decoder::value(const Type& type, void* place) {
    if (stopped()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_value(type, place); })) status_ = call_.fatal("stack overflow");
}

void Decoder::plain_value(const Type& type, void* place) {
    space();
    const std::size_t start = at_;
    const char c = peek();
    if (c == '{' || c == '[') {
        const Target target = target_of(type, place, false);
        if (stopped() || by_method(target, start, c == '{' ? "object" : "array")) return;
        if (c == '{') object(target, start);
        else array(target, start);
        return;
    }
    literal(type, place, literal_text(), false);
}

void Decoder::literal(const Type& start, void* place, std::string_view text, bool from_string) {
    if (text.empty()) {
        return save(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal \"\" into " + std::string(start.string), nullptr, at_);
    }
    const bool null = text == "null";
    const Target target = target_of(start, place, null);
    if (stopped()) return;
    if (target.pointer != nullptr && !(null && !target.json)) {
        if (target.json) {
            call_method(target, kUnmarshalJson, text);
        } else if (text[0] == '"') {
            call_method(target, kUnmarshalText, unquote(text));
        } else {
            mismatch(text[0] == 't' || text[0] == 'f' ? "bool" : "number", *target.receiver, at_);
        }
        return;
    }
    const Type& type = *target.type;
    place = target.place;
    if (null) return store_null(type, place);
    switch (text[0]) {
        case 't':
        case 'f': {
            const bool is_true = text[0] == 't';
            if (type.kind == Kind::Bool) {
                const Slot bit = is_true;
                runtime::store_value(place, &bit, type);
            } else if (type.kind == Kind::Interface && type.methods.empty()) {
                const Slot pair[] = {reinterpret_cast<Slot>(plans_.dynamic(call_).boolean), is_true};
                heap(call_).will_overwrite_pair(cache(call_), place);
                runtime::store_pair(place, pair);
            } else {
                mismatch("bool", type, at_);
            }
            return;
        }
        case '"': return store_string(type, place, text, from_string);
        default: return store_number(type, place, text, from_string);
    }
}

void Decoder::store_null(const Type& type, void* place) {
    switch (type.kind) {
        case Kind::Interface:
        case Kind::Pointer:
        case Kind::Map:
        case Kind::Slice:
            heap(call_).will_overwrite_elements(cache(call_), type, place, 1);
            runtime::clear_elements(place, type.size, type.align);
            break;
        default: break;
    }
}

bool Decoder::put_text(Slot* to, std::string_view text) {
    if (call_.put_string(to, text)) return true;
    status_ = Status::Panic;
    return false;
}

/// Makes an interface that holds a text of a string type.
bool Decoder::box_text(Slot* to, const Type& type, std::string_view text) {
    Slot pair[2] = {};
    if (!put_text(pair, text)) return false;
    void* const box = heap(call_).allocate(cache(call_), type);
    if (box == nullptr) {
        out_of_memory();
        return false;
    }
    runtime::store_pair(box, pair);
    to[0] = reinterpret_cast<Slot>(&type);
    to[1] = reinterpret_cast<Slot>(box);
    return true;
}

void Decoder::store_string(const Type& type, void* place, std::string_view literal, bool from_string) {
    std::string buffer;
    const std::string_view text = meaning(literal, buffer);
    if (type.kind == Kind::String) {
        if (!type.name.empty() && plans_.of(call_, type).is_number && !is_number(text)) {
            std::string shown;
            append_string(shown, literal, false);
            return stop(Problem::Text, "json: invalid number literal, trying to unmarshal " + shown + " into Number", nullptr);
        }
        Slot pair[2] = {};
        if (!put_text(pair, text)) return;
        heap(call_).will_overwrite_pair(cache(call_), place);
        runtime::store_pair(place, pair);
        return;
    }
    if (type.kind == Kind::Interface && type.methods.empty()) {
        Slot pair[2] = {};
        if (!box_text(pair, *plans_.dynamic(call_).text, text)) return;
        heap(call_).will_overwrite_pair(cache(call_), place);
        runtime::store_pair(place, pair);
        return;
    }
    if (type.kind == Kind::Slice && type.elem->kind == Kind::Uint8) return store_bytes(place, std::string(text));
    if (from_string) {
        std::string shown;
        append_string(shown, literal, false);
        return stop(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal " + shown + " into " + std::string(type.string), nullptr);
    }
    mismatch("string", type, at_);
}

void Decoder::store_bytes(void* place, const std::string& text) {
    std::string bytes;
    std::array<unsigned char, 4> group{};
    std::size_t filled = 0, padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        int bits = -1;
        if (c == '\r' || c == '\n') continue;
        if (c >= 'A' && c <= 'Z') bits = c - 'A';
        else if (c >= 'a' && c <= 'z') bits = c - 'a' + 26;
        else if (c >= '0' && c <= '9') bits = c - '0' + 52;
        else if (c == '+') bits = 62;
        else if (c == '/') bits = 63;
        else if (c == '=' && filled >= 2) bits = 0, ++padding;
        if (bits < 0 || (padding > 0 && c != '=') || padding > 2) return save(Problem::Base64, std::to_string(i), nullptr, at_);
        group[filled++] = static_cast<unsigned char>(bits);
        if (filled < 4) continue;
        filled = 0;
        const unsigned all = static_cast<unsigned>(group[0]) << 18 | static_cast<unsigned>(group[1]) << 12 | static_cast<unsigned>(group[2]) << 6 | group[3];
        bytes += static_cast<char>(all >> 16);
        if (padding < 2) bytes += static_cast<char>(all >> 8);
        if (padding < 1) bytes += static_cast<char>(all);
        if (padding > 0 && text.find_first_not_of("\r\n", i + 1) != std::string::npos) {
            return save(Problem::Base64, std::to_string(text.find_first_not_of("\r\n", i + 1)), nullptr, at_);
        }
    }
    if (filled > 0) return save(Problem::Base64, std::to_string(text.size() - filled), nullptr, at_);
    char* const memory = call_.allocate_bytes(bytes.size());
    if (memory == nullptr) {
        status_ = Status::Panic;
        return;
    }
    std::memcpy(memory, bytes.data(), bytes.size());
    const Slot pair[] = {reinterpret_cast<Slot>(memory), bytes.size() | bytes.size() << 32};
    heap(call_).will_overwrite_pair(cache(call_), place);
    runtime::store_pair(place, pair);
}

void Decoder::store_number(const Type& type, void* place, std::string_view text, bool from_string) {
    const char* const end = text.data() + text.size();
    const auto integer = [&](auto number) {
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        const unsigned bits = type.size * 8;
        bool fits = error == std::errc() && stop == end;
        if (fits && bits < 64) {
            if constexpr (std::is_signed_v<decltype(number)>) fits = number >= -(std::int64_t{1} << (bits - 1)) && number < (std::int64_t{1} << (bits - 1));
            else fits = number < (std::uint64_t{1} << bits);
        }
        if (!fits) return mismatch("number " + std::string(text), type, at_);
        const auto slot = static_cast<Slot>(number);
        runtime::store_value(place, &slot, type);
    };
    if (is_signed(type.kind)) return integer(std::int64_t{0});
    if (is_unsigned(type.kind)) return integer(std::uint64_t{0});
    switch (type.kind) {
        case Kind::Float32: {
            float number = 0;
            const auto result = std::from_chars(text.data(), end, number);
            if (result.ec == std::errc::result_out_of_range) {
                double wide = 0;
                std::from_chars(text.data(), end, wide);
                if (std::abs(wide) >= 1) return mismatch("number " + std::string(text), type, at_);
                number = static_cast<float>(wide);
            }
            Slot slot = 0;
            std::memcpy(&slot, &number, sizeof number);
            return runtime::store_value(place, &slot, type);
        }
        case Kind::Float64: {
            double number = 0;
            const auto result = std::from_chars(text.data(), end, number);
            if (result.ec == std::errc::result_out_of_range) {
                number = std::strtod(std::string(text).c_str(), nullptr);
                if (std::isinf(number)) return mismatch("number " + std::string(text), type, at_);
            }
            Slot slot = 0;
            std::memcpy(&slot, &number, sizeof number);
            return runtime::store_value(place, &slot, type);
        }
        case Kind::String:
            if (!type.name.empty() && plans_.of(call_, type).is_number) {
                Slot pair[2] = {};
                if (!put_text(pair, text)) return;
                heap(call_).will_overwrite_pair(cache(call_), place);
                return runtime::store_pair(place, pair);
            }
            break;
        case Kind::Interface:
            if (type.methods.empty()) {
                Slot pair[2] = {};
                any_number(pair, text);
                if (stopped()) return;
                heap(call_).will_overwrite_pair(cache(call_), place);
                return runtime::store_pair(place, pair);
            }
            break;
        default: break;
    }
    if (from_string) {
        return stop(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal \"" + std::string(text) + "\" into " + std::string(type.string), nullptr);
    }
    mismatch("number", type, at_);
}

void Decoder::quoted_value(const Type& type, void* place) {
    space();
    const char c = peek();
    const std::size_t start = at_;
    if (c != '{' && c != '[') {
        const std::string_view text = literal_text();
        if (text == "null") return literal(type, place, text, false);
        if (c == '"') {
            const std::string inner = unquote(text);
            std::int64_t offset = 0;
            // Only a literal may stand inside.
            if (inner.empty() || inner[0] == '{' || inner[0] == '[' || is_space(static_cast<unsigned char>(inner[0])) ||
                is_space(static_cast<unsigned char>(inner.back())) || !check(inner, offset).empty()) {
                std::string shown;
                append_string(shown, inner, false);
                return save(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal " + shown + " into " + std::string(type.string), nullptr, at_);
            }
            const Type& base = type.kind == Kind::Pointer ? *type.elem : type;
            const bool text_inside = inner[0] == '"', word = inner[0] == 't' || inner[0] == 'f';
            const bool fits = inner == "null" || (base.kind == Kind::String ? text_inside || plans_.of(call_, base).is_number : base.kind == Kind::Bool ? word : !text_inside && !word);
            if (!fits) {
                std::string shown;
                append_string(shown, inner, false);
                return save(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal " + shown + " into " + std::string(type.string), nullptr, at_);
            }
            return literal(type, place, inner, true);
        }
    }
    at_ = start;
    skip();
    save(Problem::Text, "json: invalid use of ,string struct tag, trying to unmarshal unquoted value into " + std::string(type.string), nullptr, at_);
}

// ---- Objects ----

void Decoder::object(const Target& target, std::size_t start) {
    const Type& type = *target.type;
    switch (type.kind) {
        case Kind::Interface:
            if (type.methods.empty()) {
                Slot pair[2] = {};
                any(pair);
                if (stopped()) return;
                heap(call_).will_overwrite_pair(cache(call_), target.place);
                return runtime::store_pair(target.place, pair);
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
    for (space(); peek() != '}' && at_ < text_.size(); space()) {
        if (peek() == ',') {
            ++at_;
            space();
        }
        const std::string_view key = name(buffer);
        const FieldPlan* const field = plan.find(key);
        const std::string shown = field == nullptr && (options_ & kDisallowUnknownFields) != 0 ? std::string(key) : std::string();
        space();
        ++at_;  // the colon
        if (field == nullptr) {
            if ((options_ & kDisallowUnknownFields) != 0) {
                std::string quoted;
                append_string(quoted, shown, false);
                save(Problem::Text, "json: unknown field " + quoted, nullptr, at_);
            }
            skip();
            continue;
        }
        struct_ = &type;
        fields_.push_back(field->name);
        if (char* const to = field_place(*field, place); to != nullptr) {
            if (field->quoted) quoted_value(*field->type, to);
            else value(*field->type, to);
        } else if (!stopped()) {
            skip();
        }
        if (stopped()) return;
        fields_.pop_back();
        struct_ = outer;
    }
    ++at_;
}

bool Decoder::map_key(const Type& type, std::string_view text, std::size_t at, Slot* key) {
    if (type.kind == Kind::String) return put_text(key, text);
    const char* const end = text.data() + text.size();
    const auto integer = [&](auto number) {
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        const unsigned bits = type.size * 8;
        bool fits = error == std::errc() && stop == end;
        if (fits && bits < 64) {
            if constexpr (std::is_signed_v<decltype(number)>) fits = number >= -(std::int64_t{1} << (bits - 1)) && number < (std::int64_t{1} << (bits - 1));
            else fits = number < (std::uint64_t{1} << bits);
        }
        if (!fits) {
            mismatch("number " + std::string(text), type, at + 1);
            return false;
        }
        *key = static_cast<Slot>(number);
        return true;
    };
    return is_signed(type.kind) ? integer(std::int64_t{0}) : integer(std::uint64_t{0});
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
    for (space(); peek() != '}' && at_ < text_.size(); space()) {
        if (peek() == ',') {
            ++at_;
            space();
        }
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
        space();
        ++at_;  // the colon
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
    ++at_;
}

// ---- Arrays ----

void Decoder::array(const Target& target, std::size_t start) {
    const Type& type = *target.type;
    if (type.kind == Kind::Interface && type.methods.empty()) {
        Slot pair[2] = {};
        any(pair);
        if (stopped()) return;
        heap(call_).will_overwrite_pair(cache(call_), target.place);
        return runtime::store_pair(target.place, pair);
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
        heap(call_).will_overwrite_pair(cache(call_), target.place);
        runtime::store_pair(target.place, pair);
    };
    std::int64_t count = 0;
    ++at_;
    for (space(); peek() != ']' && at_ < text_.size(); space()) {
        if (peek() == ',') ++at_;
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
    ++at_;
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

// ---- What any holds ----

void Decoder::any(Slot* to) {
    if (stopped()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_any(to); })) status_ = call_.fatal("stack overflow");
}

void Decoder::plain_any(Slot* to) {
    space();
    to[0] = to[1] = 0;
    switch (peek()) {
        case '{': return any_object(to);
        case '[': return any_array(to);
        case '"': {
            std::string buffer;
            const std::string_view text = name(buffer);
            box_text(to, *plans_.dynamic(call_).text, text);
            return;
        }
        default: break;
    }
    const std::string_view text = literal_text();
    if (text == "null" || text.empty()) return;
    if (text[0] == 't' || text[0] == 'f') {
        to[0] = reinterpret_cast<Slot>(plans_.dynamic(call_).boolean);
        to[1] = text[0] == 't';
        return;
    }
    any_number(to, text);
}

void Decoder::any_number(Slot* to, std::string_view text) {
    to[0] = to[1] = 0;
    if ((options_ & kUseNumber) != 0) {
        // The package's own type is a parameter's in the native's type: see unmarshal.csp.
        const auto* const function = static_cast<const Type*>(call_.function_type());
        box_text(to, *function->params.back(), text);
        return;
    }
    double number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    const Type& type = *plans_.dynamic(call_).number;
    if (result.ec == std::errc::result_out_of_range) {
        number = std::strtod(std::string(text).c_str(), nullptr);
        if (std::isinf(number)) return mismatch("number " + std::string(text), type, at_);
    }
    to[0] = reinterpret_cast<Slot>(&type);
    std::memcpy(to + 1, &number, sizeof number);
}

void Decoder::any_object(Slot* to) {
    const Plans::Dynamic& dynamic = plans_.dynamic(call_);
    runtime::Map* const table =
        runtime::make_map(heap(call_), cache(call_), *dynamic.object, 0, reinterpret_cast<Slot>(to) ^ goroutine(call_).id * 0x9E3779B97F4A7C15ULL);
    if (table == nullptr) return out_of_memory();
    to[0] = reinterpret_cast<Slot>(dynamic.object);
    to[1] = reinterpret_cast<Slot>(table);
    std::string buffer;
    ++at_;
    for (space(); peek() != '}' && at_ < text_.size(); space()) {
        if (peek() == ',') {
            ++at_;
            space();
        }
        Slot key[2] = {}, elem[2] = {};
        if (!put_text(key, name(buffer))) return;
        space();
        ++at_;  // the colon
        any(elem);
        if (stopped()) return;
        const runtime::MapResult entry = runtime::map_assign(heap(call_), cache(call_), table, key);
        if (entry.status != runtime::MapStatus::Ok) return out_of_memory();
        heap(call_).will_overwrite_slots(cache(call_), entry.value, *dynamic.any);
        runtime::copy_slots(entry.value, elem, *dynamic.any);
    }
    ++at_;
}

void Decoder::any_array(Slot* to) {
    const Plans::Dynamic& dynamic = plans_.dynamic(call_);
    Slice slice{heap(call_).allocate_array(cache(call_), *dynamic.any, 0), 0, 0};
    if (slice.data == nullptr) return out_of_memory();
    ++at_;
    for (space(); peek() != ']' && at_ < text_.size(); space()) {
        if (peek() == ',') ++at_;
        Slot elem[2] = {};
        any(elem);
        if (stopped()) return;
        if (slice.size == slice.capacity && !runtime::grow_slice(heap(call_), cache(call_), *dynamic.any, slice, std::int64_t{slice.size} + 1))
            return out_of_memory();
        runtime::store_pair(static_cast<Slot*>(slice.data) + slice.size * 2, elem);
        ++slice.size;
    }
    ++at_;
    Slot pair[2];
    put_slice(pair, slice);
    void* const box = heap(call_).allocate(cache(call_), *dynamic.array);
    if (box == nullptr) return out_of_memory();
    runtime::store_pair(box, pair);
    to[0] = reinterpret_cast<Slot>(dynamic.array);
    to[1] = reinterpret_cast<Slot>(box);
}

}  // namespace csp::stdlib::json
