// Values of every type, and what comes between them.

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

#include "runtime/value/map.h"
#include "runtime/value/string_ops.h"
#include "stdlib/fmt/printer.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/polled_sort.h"

namespace csp::stdlib {

using runtime::Kind;
using runtime::Type;

std::string utf8(char32_t rune) {
    char bytes[4];
    return std::string(bytes, static_cast<std::size_t>(runtime::encode_rune(static_cast<std::int32_t>(rune), bytes)));
}

namespace {

/// Of characters, up to `most`.
std::size_t rune_count(std::string_view s, std::size_t most) {
    std::size_t n = 0;
    for (; !s.empty() && n < most; ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
    return n;
}

Value element(const Value& v, const char* data, std::size_t i) {
    return {v.type->elem, data + i * v.type->elem->size};
}

/// Go's order for printing maps (internal/fmtsort).
int compare_keys(const Value& a, const Value& b, int depth = 0) {
    constexpr int kMaxDepth = 500;  // What differs only further down is in no order.
    if (depth > kMaxDepth) return 0;
    const auto three_way = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
    if (a.type == nullptr || b.type == nullptr) return three_way(a.type != nullptr, b.type != nullptr);
    if (a.type != b.type) return three_way(a.type->string, b.type->string);
    const Kind kind = a.type->kind;
    if (is_signed(kind)) return three_way(a.integer(), b.integer());
    if (is_unsigned(kind)) return three_way(a.unsigned_integer(), b.unsigned_integer());
    if (is_float(kind)) {
        const double x = a.number(), y = b.number();
        if (std::isnan(x) || std::isnan(y)) return three_way(!std::isnan(x), !std::isnan(y));
        return three_way(x, y);
    }
    switch (kind) {
        case Kind::String: return three_way(a.text(), b.text());
        case Kind::Bool: return three_way(a.as<bool>(), b.as<bool>());
        case Kind::Interface: {
            const auto x = a.as<runtime::Interface>();
            const auto y = b.as<runtime::Interface>();
            return compare_keys(dynamic(x), dynamic(y), depth + 1);
        }
        case Kind::Struct:
            for (const runtime::Field& field : a.type->fields) {
                const int c = compare_keys({field.type, static_cast<const char*>(a.data) + field.offset},
                                           {field.type, static_cast<const char*>(b.data) + field.offset}, depth + 1);
                if (c != 0) return c;
            }
            return 0;
        case Kind::Array:
            for (std::int64_t i = 0; i < a.type->length; ++i) {
                const auto at = static_cast<std::size_t>(i);
                const int c = compare_keys(element(a, static_cast<const char*>(a.data), at),
                                           element(b, static_cast<const char*>(b.data), at), depth + 1);
                if (c != 0) return c;
            }
            return 0;
        default: return three_way(a.as<std::uint64_t>(), b.as<std::uint64_t>());
    }
}

}  // namespace

bool Printer::worked() {
    work_.holds(2 * out_.size());
    const std::size_t written = out_.size() - counted_;
    counted_ = out_.size();
    constexpr std::uint64_t kValue = 8;  // steps
    if (!work_.steps(kValue) || !work_.read(written)) status_ = Status::Ended;
    return status_ == Status::Ok;
}

void Printer::append(std::string_view s) {
    constexpr std::size_t kAtOnce = 1 << 16;
    for (; s.size() > kAtOnce && worked(); s.remove_prefix(kAtOnce)) out_ += s.substr(0, kAtOnce);
    if (status_ == Status::Ok) out_ += s;
}

void Printer::pad(std::string_view s) {
    if (!f_.has_width || f_.width == 0) {
        append(s);
        return;
    }
    const std::size_t width = static_cast<std::size_t>(f_.width);
    const std::size_t count = rune_count(s, width);
    if (!work_.read(count)) status_ = Status::Ended;
    const std::string filler(width > count ? width - count : 0, f_.zero && !f_.minus ? '0' : ' ');
    if (!f_.minus) out_ += filler;
    append(s);
    if (f_.minus) out_ += filler;
}

std::string_view Printer::truncated(std::string_view s) const {
    if (!f_.has_precision) return s;
    std::string_view rest = s;
    for (int n = f_.precision; n > 0 && !rest.empty(); --n)
        rest.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(rest).size));
    return s.substr(0, s.size() - rest.size());
}

void Printer::bad_verb(const Value& v, char32_t verb) {
    in_bad_verb_ = true;
    out_ += "%!" + utf8(verb) + "(";
    if (v.type == nullptr) {
        out_ += "<nil>";
    } else {
        out_ += std::string(v.type->string) + "=";
        value(v, 'v', 0, true);
    }
    out_ += ")";
    in_bad_verb_ = false;
}

void Printer::boolean(bool b, char32_t verb, const Value& v) {
    if (verb != 't' && verb != 'v') {
        bad_verb(v, verb);
        return;
    }
    const bool zero = std::exchange(f_.zero, false);
    pad(b ? "true" : "false");
    f_.zero = zero;
}

bool Printer::methods(const Value& v, char32_t verb) {
    // The bits and answers are those of method.csp.
    enum : Slot { kPlus = 1, kMinus = 2, kSharp = 4, kSpace = 8, kZero = 16, kGoSyntax = 32, kNil = 64 };
    enum : Slot { kNoMethod, kAsIs, kPadded, kAsString };
    if (in_bad_verb_ || v.type->methods.empty() || v.type->kind == Kind::Interface) return false;
    const auto formats = [](const runtime::Method& method) {
        return method.name == "Format" || method.name == "Error" || method.name == "String" || method.name == "GoString";
    };
    if (std::none_of(v.type->methods.begin(), v.type->methods.end(), formats)) return false;
    Slot flags = 0;
    if (f_.plus || f_.plus_v) flags |= kPlus;
    if (f_.minus) flags |= kMinus;
    if (f_.sharp) flags |= kSharp;
    if (f_.space) flags |= kSpace;
    if (f_.zero) flags |= kZero;
    if (f_.sharp_v) flags |= kGoSyntax;
    if (v.type->kind == Kind::Pointer && v.as<std::uint64_t>() == 0) flags |= kNil;
    const auto number = [](bool has, int n) { return static_cast<Slot>(std::int64_t{has ? n : -1}); };
    const Slot args[] = {reinterpret_cast<Slot>(v.type), v.word(), verb, flags, number(f_.has_width, f_.width),
                         number(f_.has_precision, f_.precision)};
    Slot results[3] = {};
    status_ = call_.call(method_caller_, args, std::size(args), results, std::size(results));
    if (status_ != Status::Ok) return true;
    const std::string_view text = text_at(results);
    switch (results[2]) {
        case kAsIs: out_ += text; return true;
        case kPadded: pad(truncated(text)); return true;
        case kAsString: string(text, verb, v); return true;
        default: return false;
    }
}

void Printer::structure(const Value& v, char32_t verb, int depth, bool accessible) {
    if (f_.sharp_v) out_ += v.type->string;
    out_ += "{";
    bool first = true;
    for (const runtime::Field& field : v.type->fields) {
        if (!first) out_ += f_.sharp_v ? ", " : " ";
        first = false;
        if (f_.plus_v || f_.sharp_v) {
            if (!field.name.empty()) out_ += std::string(field.name) + ":";
        }
        Value inner{field.type, static_cast<const char*>(v.data) + field.offset};
        runtime::Interface interface;
        if (field.type->kind == Kind::Interface) {
            interface = inner.as<runtime::Interface>();
            const Value dynamic_value = dynamic(interface);
            if (dynamic_value.type == nullptr) {
                value(inner, verb, depth + 1, accessible && field.exported);
                continue;
            }
            inner = dynamic_value;
        }
        value(inner, verb, depth + 1, accessible && field.exported);
        if (status_ != Status::Ok) return;
    }
    out_ += "}";
}

void Printer::sequence(const Value& v, const char* data, std::size_t count, char32_t verb, int depth, bool accessible) {
    if (f_.sharp_v) {
        out_ += v.type->string;
        if (v.type->kind == Kind::Slice && data == nullptr) {
            out_ += "(nil)";
            return;
        }
        out_ += "{";
    } else {
        out_ += "[";
    }
    for (std::size_t i = 0; i < count && status_ == Status::Ok; ++i) {
        if (i > 0) out_ += f_.sharp_v ? ", " : " ";
        value(element(v, data, i), verb, depth + 1, accessible);
    }
    out_ += f_.sharp_v ? "}" : "]";
}

void Printer::map(const Value& v, char32_t verb, int depth, bool accessible) {
    auto* table = v.as<runtime::Map*>();
    if (f_.sharp_v) {
        out_ += v.type->string;
        if (table == nullptr) {
            out_ += "(nil)";
            return;
        }
        out_ += "{";
    } else {
        out_ += "map[";
    }
    struct Entry {
        Value key, elem;
    };
    std::vector<Entry> entries;
    std::deque<Slot> positions;  // keys that are nowhere in memory
    runtime::MapIterator it{};
    runtime::map_iterate(it, table, 0);
    while (runtime::map_next(it) == runtime::MapStatus::Ok) {
        const Slot* const key = it.key == &it.position ? &positions.emplace_back(it.position) : it.key;
        entries.push_back({{v.type->key, key}, {v.type->elem, it.value}});
        work_.holds(2 * entries.size() * sizeof(Entry));
        if (!work_.steps(4)) {
            status_ = Status::Ended;
            return;
        }
    }
    if (!stable_sort(work_, entries, [](const Entry& a, const Entry& b) { return compare_keys(a.key, b.key) < 0; })) {
        status_ = Status::Ended;
        return;
    }
    bool first = true;
    for (const Entry& entry : entries) {
        if (!first) out_ += f_.sharp_v ? ", " : " ";
        first = false;
        value(entry.key, verb, depth + 1, accessible);
        out_ += ":";
        value(entry.elem, verb, depth + 1, accessible);
        if (status_ != Status::Ok) return;
    }
    out_ += f_.sharp_v ? "}" : "]";
}

/// A reflect.Value stands for what it holds.
void Printer::reflected(const Value& v, char32_t verb, int depth) {
    Slot slots[reflection::kValueSlots];
    runtime::load_value(slots, v.data, *v.type);
    const reflection::Reflected r(slots);
    if (r.type == nullptr) {
        out_ += depth == 0 ? "<invalid reflect.Value>" : "<nil>";
        return;
    }
    if ((r.flags & reflection::kMethod) != 0) {
        pointer(v, reinterpret_cast<Slot>(r.type), verb);
        return;
    }
    Value held = r.value();
    runtime::Interface interface;
    if (held.type->kind == Kind::Interface) {
        interface = held.as<runtime::Interface>();
        const Value dynamic_value = dynamic(interface);
        if (dynamic_value.type != nullptr) held = dynamic_value;
    }
    value(held, verb, depth, r.read_only() == 0);
}

void Printer::value(const Value& v, char32_t verb, int depth, bool accessible) {
    if (status_ != Status::Ok || !worked()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_value(v, verb, depth, accessible); }))
        status_ = call_.fatal("stack overflow");
}

void Printer::plain_value(const Value& v, char32_t verb, int depth, bool accessible) {
    if (v.type == nullptr) {
        pad("<nil>");
        return;
    }
    const Type& type = *v.type;
    if (type.package == "reflect" && type.name == "Value") {
        reflected(v, verb, depth);
        return;
    }
    if (accessible && methods(v, verb)) return;
    switch (type.kind) {
        case Kind::Bool: boolean(v.as<std::uint8_t>() != 0, verb, v); return;
        case Kind::Int: case Kind::Int8: case Kind::Int16: case Kind::Int32: case Kind::Int64: {
            const std::int64_t n = v.integer();
            const auto magnitude = n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
            integer(magnitude, n < 0, true, verb, v);
            return;
        }
        case Kind::Uint: case Kind::Uint8: case Kind::Uint16: case Kind::Uint32: case Kind::Uint64: case Kind::Uintptr:
            integer(v.unsigned_integer(), false, false, verb, v);
            return;
        case Kind::Float32: floating(v.number(), 32, verb, v); return;
        case Kind::Float64: floating(v.number(), 64, verb, v); return;
        case Kind::Complex64: {
            float parts[2];
            std::memcpy(parts, v.data, sizeof parts);
            complex(static_cast<double>(parts[0]), static_cast<double>(parts[1]), 64, verb, v);
            return;
        }
        case Kind::Complex128: {
            double parts[2];
            std::memcpy(parts, v.data, sizeof parts);
            complex(parts[0], parts[1], 128, verb, v);
            return;
        }
        case Kind::String: string(v.text(), verb, v); return;
        case Kind::Map: map(v, verb, depth, accessible); return;
        case Kind::Struct: structure(v, verb, depth, accessible); return;
        case Kind::Interface: {
            const auto interface = v.as<runtime::Interface>();
            const Value inner = dynamic(interface);
            if (inner.type == nullptr) {
                if (f_.sharp_v)
                    out_ += std::string(type.string) + "(nil)";
                else
                    pad("<nil>");
                return;
            }
            value(inner, verb, depth + 1, accessible);
            return;
        }
        case Kind::Slice:
        case Kind::Array: {
            const char* data = static_cast<const char*>(v.data);
            std::size_t count = static_cast<std::size_t>(type.length);
            if (type.kind == Kind::Slice) {
                const auto s = v.as<runtime::Slice>();
                data = static_cast<const char*>(s.data);
                count = s.size;
            }
            const bool byte_verb = verb == 's' || verb == 'q' || verb == 'x' || verb == 'X' ||
                                   ((verb == 'v' || verb == 'd') && type.elem->name == "uint8" && type.kind == Kind::Slice && depth == 0);
            if (type.elem->kind == Kind::Uint8 && byte_verb) {
                bytes({data == nullptr ? "" : data, count}, verb, v, type.string);
                return;
            }
            if (verb == 'p') {
                pointer(v, reinterpret_cast<std::uint64_t>(data), verb);
                return;
            }
            sequence(v, data, count, verb, depth, accessible);
            return;
        }
        case Kind::Pointer: {
            const auto address = v.as<std::uint64_t>();
            if (depth == 0 && address != 0 && verb != 'p') {
                const Kind kind = type.elem->kind;
                if (kind == Kind::Array || kind == Kind::Slice || kind == Kind::Struct || kind == Kind::Map) {
                    out_ += "&";
                    value({type.elem, reinterpret_cast<const void*>(address)}, verb, depth + 1, accessible);
                    return;
                }
            }
            pointer(v, address, verb);
            return;
        }
        case Kind::Chan:
        case Kind::Func:
        case Kind::UnsafePointer: pointer(v, v.as<std::uint64_t>(), verb); return;
        case Kind::Invalid: break;
    }
    out_ += "?";
}

void Printer::argument(const runtime::Interface& interface, char32_t verb) {
    const Value v = dynamic(interface);
    if (v.type == nullptr) {
        if (verb == 'T' || verb == 'v')
            pad("<nil>");
        else
            bad_verb(v, verb);
        return;
    }
    if (verb == 'T') {
        string(v.type->string, 's', v);
        return;
    }
    if (verb == 'p') {
        switch (v.type->kind) {
            case Kind::Pointer: case Kind::Chan: case Kind::Func: case Kind::Map: case Kind::UnsafePointer:
                pointer(v, v.as<std::uint64_t>(), 'p');
                return;
            case Kind::Slice: pointer(v, reinterpret_cast<std::uint64_t>(v.as<runtime::Slice>().data), 'p'); return;
            default: bad_verb(v, verb); return;
        }
    }
    value(v, verb, 0, true);
}

void Printer::print(const runtime::Slice& operands) {
    bool previous_string = false;
    for (std::size_t i = 0; i < operands.size && status_ == Status::Ok; ++i) {
        const runtime::Interface interface = operand(operands, i);
        const bool is_string = interface.type != nullptr && interface.type->kind == Kind::String;
        if (i > 0 && !is_string && !previous_string) out_ += ' ';
        argument(interface, 'v');
        previous_string = is_string;
    }
}

void Printer::println(const runtime::Slice& operands) {
    for (std::size_t i = 0; i < operands.size && status_ == Status::Ok; ++i) {
        if (i > 0) out_ += ' ';
        argument(operand(operands, i), 'v');
    }
    out_ += '\n';
}

}  // namespace csp::stdlib
