// Strings, numbers and words.

#include <charconv>
#include <cstring>

#include "stdlib/encoding/json/decode.h"
#include "stdlib/encoding/json/scanner.h"
#include "stdlib/encoding/json/text.h"
#include "stdlib/strconv/strconv.h"
#include "stdlib/support/base64.h"

namespace csp::stdlib::json {

using runtime::Kind;

bool parse_integer(std::string_view text, const runtime::Type& type, Slot& out) {
    const auto parse = [&](auto number) {
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error != std::errc() || stop != end) return false;
        out = static_cast<Slot>(number);
        const unsigned bits = type.size * 8;
        if (bits == 64) return true;
        if constexpr (std::is_signed_v<decltype(number)>) return number >= -(std::int64_t{1} << (bits - 1)) && number < (std::int64_t{1} << (bits - 1));
        else return number < (std::uint64_t{1} << bits);
    };
    return is_signed(type.kind) ? parse(std::int64_t{0}) : parse(std::uint64_t{0});
}

namespace {

template <class F>
bool parse(std::string_view text, F& out, Work& work) {
    constexpr std::size_t kUsual = 64;
    if (text.size() <= kUsual && std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc()) return true;
    const strconv::Float number = strconv::parse_float(text, 8 * sizeof(F), &work);
    out = static_cast<F>(number.value);
    return number.code == strconv::kFine;
}

std::string in_quotes(std::string_view text) {
    std::string out;
    append_string(out, text, false);
    return out;
}

std::string misuse(std::string_view what, const runtime::Type& type) {
    return "json: invalid use of ,string struct tag, trying to unmarshal " + std::string(what) + " into " + std::string(type.string);
}

}  // namespace

bool parse_number(std::string_view text, float& out, Work& work) { return parse(text, out, work); }
bool parse_number(std::string_view text, double& out, Work& work) { return parse(text, out, work); }

void Decoder::literal(const Type& start, void* place, std::string_view text, bool from_string) {
    if (text.empty()) {
        return save(Problem::Text, misuse("\"\"", start), nullptr, at_);
    }
    const bool null = text == "null";
    const Target target = target_of(start, place, null);
    if (stopped()) return;
    if (target.pointer != nullptr && !(null && !target.json)) {
        if (target.json) {
            call_method(target, kUnmarshalJson, text);
        } else if (text[0] == '"') {
            call_method(target, kUnmarshalText, unquote(text, &work_));
        } else {
            mismatch(text[0] == 't' || text[0] == 'f' ? "bool" : "number", start, at_);
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
                assign(place, pair);
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
    const std::string_view text = meaning(literal, buffer, &work_);
    if (type.kind == Kind::String) {
        if (!type.name.empty() && plans_.of(call_, type).is_number && !is_number(text, &work_)) {
            return stop(Problem::Text, "json: invalid number literal, trying to unmarshal " + in_quotes(literal) + " into Number", nullptr);
        }
        Slot pair[2] = {};
        if (!put_text(pair, text)) return;
        assign(place, pair);
        return;
    }
    if (type.kind == Kind::Interface && type.methods.empty()) {
        Slot pair[2] = {};
        if (!box_text(pair, *plans_.dynamic(call_).text, text)) return;
        assign(place, pair);
        return;
    }
    if (type.kind == Kind::Slice && type.elem->kind == Kind::Uint8) return store_bytes(place, text);
    if (from_string) {
        return stop(Problem::Text, misuse(in_quotes(literal), type), nullptr);
    }
    mismatch("string", type, at_);
}

void Decoder::store_bytes(void* place, std::string_view text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    const base64::Decoded decoded = base64::decode(work_, base64::kStandardValues, '=', false, text, bytes.data(), bytes.size());
    if (decoded.bad >= 0) return save(Problem::Base64, std::to_string(decoded.bad), nullptr, at_);
    Slot pair[2];
    if (put_bytes(call_, pair, std::string_view(bytes).substr(0, decoded.n))) return assign(place, pair);
    status_ = Status::Panic;
}

void Decoder::store_number(const Type& type, void* place, std::string_view text, bool from_string) {
    if (is_signed(type.kind) || is_unsigned(type.kind)) {
        Slot slot = 0;
        if (!parse_integer(text, type, slot)) return mismatch("number " + std::string(text), type, at_);
        return runtime::store_value(place, &slot, type);
    }
    const auto store_float = [&](auto number) {
        if (!parse_number(text, number, work_)) return mismatch("number " + std::string(text), type, at_);
        Slot slot = 0;
        std::memcpy(&slot, &number, sizeof number);
        runtime::store_value(place, &slot, type);
    };
    switch (type.kind) {
        case Kind::Float32: return store_float(0.0F);
        case Kind::Float64: return store_float(0.0);
        case Kind::String:
            if (!type.name.empty() && plans_.of(call_, type).is_number) {
                Slot pair[2] = {};
                if (!put_text(pair, text)) return;
                return assign(place, pair);
            }
            break;
        case Kind::Interface:
            if (type.methods.empty()) {
                Slot pair[2] = {};
                any_number(pair, text);
                if (stopped()) return;
                return assign(place, pair);
            }
            break;
        default: break;
    }
    if (from_string) {
        return stop(Problem::Text, misuse("\"" + std::string(text) + "\"", type), nullptr);
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
            const std::string inner = unquote(text, &work_);
            const Type& base = type.kind == Kind::Pointer ? *type.elem : type;
            std::int64_t offset = 0;
            // Only a literal may stand inside.
            if (inner.empty() || inner[0] == '{' || inner[0] == '[' || is_space(static_cast<unsigned char>(inner[0])) ||
                is_space(static_cast<unsigned char>(inner.back())) || !check(inner, offset, &work_).empty()) {
                return save(Problem::Text, misuse(in_quotes(inner), base), nullptr, at_);
            }
            const bool text_inside = inner[0] == '"', word = inner[0] == 't' || inner[0] == 'f';
            const bool fits = inner == "null" || (base.kind == Kind::String ? text_inside || plans_.of(call_, base).is_number : base.kind == Kind::Bool ? word : !text_inside && !word);
            if (!fits) {
                target_of(type, place, false);  // a pointer leads somewhere all the same
                return save(Problem::Text, misuse(in_quotes(inner), base), nullptr, at_);
            }
            return literal(type, place, inner, true);
        }
    }
    at_ = start;
    skip();
    save(Problem::Text, misuse("unquoted value", type), nullptr, at_);
}

}  // namespace csp::stdlib::json
