#include "stdlib/fmt/printer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include "runtime/value/map.h"
#include "runtime/value/string_ops.h"
#include "runtime/value/float_format.h"

namespace csp::stdlib {

using runtime::Kind;
using runtime::Type;

namespace {

std::string utf8(char32_t rune) {
    char bytes[4];
    return std::string(bytes, static_cast<std::size_t>(runtime::encode_rune(static_cast<std::int32_t>(rune), bytes)));
}

std::size_t rune_count(std::string_view s) {
    std::size_t n = 0;
    for (; !s.empty(); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
    return n;
}

Value element(const Value& v, const char* data, std::size_t i) {
    return {v.type->elem, data + i * v.type->elem->size};
}

Value unwrap(const Value& v) {
    const auto i = v.as<runtime::Interface>();
    if (i.type == nullptr) return {};
    if (i.type->inline_in_interface) return {i.type, static_cast<const char*>(v.data) + 8};
    return {i.type, reinterpret_cast<const void*>(i.word)};
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
        case Kind::Interface: return compare_keys(unwrap(a), unwrap(b), depth + 1);
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

void Printer::pad(std::string_view s) {
    if (!f_.has_width || f_.width == 0) {
        out_ += s;
        return;
    }
    const std::size_t count = rune_count(s);
    const std::size_t width = static_cast<std::size_t>(f_.width);
    const std::string filler(width > count ? width - count : 0, f_.zero && !f_.minus ? '0' : ' ');
    if (f_.minus)
        out_ += std::string(s) + filler;
    else
        out_ += filler + std::string(s);
}

std::string Printer::truncated(std::string_view s) const {
    if (!f_.has_precision) return std::string(s);
    std::string_view rest = s;
    for (int n = f_.precision; n > 0 && !rest.empty(); --n)
        rest.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(rest).size));
    return std::string(s.substr(0, s.size() - rest.size()));
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

void Printer::format_integer(std::uint64_t magnitude, bool negative, int base, char32_t verb, bool upper) {
    std::string digits = runtime::format_integer(magnitude, false, base);
    if (upper)
        for (char& c : digits) c = static_cast<char>(std::toupper(c));
    int precision = 0;
    const bool zero_pad = f_.zero && !f_.minus;
    if (f_.has_precision) {
        precision = f_.precision;
        if (precision == 0 && magnitude == 0) {
            const bool zero = std::exchange(f_.zero, false);
            pad("");
            f_.zero = zero;
            return;
        }
    } else if (zero_pad && f_.has_width) {
        precision = f_.width;
        if (negative || f_.plus || f_.space) --precision;
    }
    if (static_cast<int>(digits.size()) < precision) digits.insert(0, static_cast<std::size_t>(precision) - digits.size(), '0');
    if (f_.sharp) {
        if (base == 2) digits = "0b" + digits;
        if (base == 8 && digits[0] != '0') digits = "0" + digits;
        if (base == 16) digits = (upper ? "0X" : "0x") + digits;
    }
    if (verb == 'O') digits = "0o" + digits;
    if (negative)
        digits = "-" + digits;
    else if (f_.plus)
        digits = "+" + digits;
    else if (f_.space)
        digits = " " + digits;
    const bool zero = std::exchange(f_.zero, false);
    pad(digits);
    f_.zero = zero;
}

void Printer::unicode(std::uint64_t code) {
    char text[32];
    const int precision = f_.has_precision && f_.precision > 4 ? f_.precision : 4;
    std::snprintf(text, sizeof text, "U+%0*llX", precision, static_cast<unsigned long long>(code));
    std::string out(text);
    if (f_.sharp && code <= 0x10FFFF) {
        const std::string q = quote_rune(static_cast<std::int32_t>(code), false);
        if (q.size() > 2 && q[1] != '\\') out += " " + q;
    }
    const bool zero = std::exchange(f_.zero, false);
    pad(out);
    f_.zero = zero;
}

void Printer::integer(std::uint64_t magnitude, bool negative, bool is_signed_kind, char32_t verb, const Value& v) {
    const std::uint64_t raw = negative ? std::uint64_t{0} - magnitude : magnitude;
    switch (verb) {
        case 'v':
            if (f_.sharp_v && !is_signed_kind) {
                const bool sharp = std::exchange(f_.sharp, true);
                format_integer(magnitude, negative, 16, verb, false);
                f_.sharp = sharp;
            } else {
                format_integer(magnitude, negative, 10, verb, false);
            }
            break;
        case 'd': format_integer(magnitude, negative, 10, verb, false); break;
        case 'b': format_integer(magnitude, negative, 2, verb, false); break;
        case 'o':
        case 'O': format_integer(magnitude, negative, 8, verb, false); break;
        case 'x': format_integer(magnitude, negative, 16, verb, false); break;
        case 'X': format_integer(magnitude, negative, 16, verb, true); break;
        case 'c': {
            const bool zero = f_.zero;
            pad(utf8(raw > 0x10FFFF ? 0xFFFD : static_cast<char32_t>(raw)));
            f_.zero = zero;
            break;
        }
        case 'q': pad(quote_rune(raw > 0x10FFFF ? 0xFFFD : static_cast<std::int32_t>(raw), f_.plus)); break;
        case 'U': unicode(raw); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::format_float(double d, int bits, char format, int precision) {
    if (f_.has_precision) precision = f_.precision;
    std::string text = runtime::format_float(d, format, precision, bits);
    if (text[0] != '-' && text[0] != '+') text.insert(0, "+");
    if (f_.space && text[0] == '+' && !f_.plus) text[0] = ' ';
    if (text[1] == 'I' || text[1] == 'N') {
        const bool zero = std::exchange(f_.zero, false);
        if (text[1] == 'N' && !f_.space && !f_.plus) text.erase(0, 1);
        else if (!f_.plus && text[0] == '+') text.erase(0, 1), text.insert(0, "+");
        pad(text);
        f_.zero = zero;
        return;
    }
    if (f_.sharp && format != 'b') {
        // %#g keeps trailing zeros; all keep the point.
        int digits = 0;
        switch (format) {
            case 'v':
            case 'g':
            case 'G': digits = precision < 0 ? 6 : precision; break;
            default: break;
        }
        std::size_t e = text.find_first_of(format == 'x' || format == 'X' ? "pP" : "eE");
        std::string tail = e == std::string::npos ? "" : text.substr(e);
        if (e != std::string::npos) text.resize(e);
        bool point = text.find('.') != std::string::npos;
        bool nonzero = false;
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] == '.') continue;
            if (text[i] != '0') nonzero = true;
            if (nonzero) --digits;
        }
        if (!point) {
            if (text.size() == 2 && text[1] == '0') --digits;
            text += '.';
        }
        while (digits-- > 0) text += '0';
        text += tail;
    }
    if (f_.plus || text[0] != '+') {
        if (f_.zero && !f_.minus && f_.has_width && static_cast<std::size_t>(f_.width) > text.size()) {
            out_ += text[0];
            const int width = std::exchange(f_.width, f_.width - 1);
            pad(std::string_view(text).substr(1));
            f_.width = width;
            return;
        }
        pad(text);
        return;
    }
    pad(std::string_view(text).substr(1));
}

void Printer::floating(double d, int bits, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v': format_float(d, bits, 'g', -1); break;
        case 'b':
        case 'g':
        case 'G':
        case 'x':
        case 'X': format_float(d, bits, static_cast<char>(verb), -1); break;
        case 'f':
        case 'e':
        case 'E': format_float(d, bits, static_cast<char>(verb), 6); break;
        case 'F': format_float(d, bits, 'f', 6); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::complex(double re, double im, int bits, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v': case 'b': case 'g': case 'G': case 'x': case 'X': case 'f': case 'F': case 'e': case 'E': {
            const bool plus = f_.plus;
            out_ += "(";
            floating(re, bits / 2, verb, v);
            f_.plus = true;
            floating(im, bits / 2, verb, v);
            out_ += "i)";
            f_.plus = plus;
            break;
        }
        default: bad_verb(v, verb); break;
    }
}

void Printer::quoted(std::string_view s) {
    const std::string cut = truncated(s);
    const bool raw = f_.sharp && cut.find('`') == std::string::npos && cut.find('\n') == std::string::npos;
    pad(raw ? "`" + cut + "`" : quote(cut, f_.plus));
}

void Printer::hex_string(std::string_view s, bool upper) {
    if (f_.has_precision && static_cast<std::size_t>(f_.precision) < s.size()) s = s.substr(0, static_cast<std::size_t>(f_.precision));
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const std::string prefix = upper ? "0X" : "0x";
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (f_.space && i > 0) out += ' ';
        if (f_.sharp && (f_.space || i == 0)) out += prefix;
        out += digits[static_cast<unsigned char>(s[i]) >> 4];
        out += digits[static_cast<unsigned char>(s[i]) & 15];
    }
    const bool zero = std::exchange(f_.zero, false);
    pad(out);
    f_.zero = zero;
}

void Printer::string(std::string_view s, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v':
            if (f_.sharp_v)
                quoted(s);
            else
                pad(truncated(s));
            break;
        case 's': pad(truncated(s)); break;
        case 'x': hex_string(s, false); break;
        case 'X': hex_string(s, true); break;
        case 'q': quoted(s); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::bytes(std::string_view s, char32_t verb, const Value& v, std::string_view type) {
    switch (verb) {
        case 'v':
        case 'd':
            if (f_.sharp_v) {
                out_ += type;
                if (v.type->kind == Kind::Slice && v.as<runtime::Slice>().data == nullptr) {
                    out_ += "(nil)";
                    return;
                }
                out_ += "{";
                for (std::size_t i = 0; i < s.size(); ++i) {
                    char text[8];
                    std::snprintf(text, sizeof text, "%s0x%x", i > 0 ? ", " : "", static_cast<unsigned char>(s[i]));
                    out_ += text;
                }
                out_ += "}";
            } else {
                out_ += "[";
                for (std::size_t i = 0; i < s.size(); ++i) {
                    if (i > 0) out_ += " ";
                    format_integer(static_cast<unsigned char>(s[i]), false, 10, 'd', false);
                }
                out_ += "]";
            }
            break;
        case 's': pad(truncated(s)); break;
        case 'x': hex_string(s, false); break;
        case 'X': hex_string(s, true); break;
        case 'q': quoted(s); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::pointer(const Value& v, std::uint64_t address, char32_t verb) {
    switch (verb) {
        case 'v':
            if (f_.sharp_v) {
                out_ += "(" + std::string(v.type->string) + ")(";
                if (address == 0)
                    out_ += "nil";
                else
                    out_ += "0x" + runtime::format_integer(address, false, 16);
                out_ += ")";
            } else if (address == 0) {
                pad("<nil>");
            } else {
                const bool sharp = f_.sharp;
                f_.sharp = !sharp;
                format_integer(address, false, 16, 'x', false);
                f_.sharp = sharp;
            }
            break;
        case 'p': {
            const bool sharp = f_.sharp;
            f_.sharp = !sharp;
            format_integer(address, false, 16, 'x', false);
            f_.sharp = sharp;
            break;
        }
        case 'b': case 'o': case 'd': case 'x': case 'X': integer(address, false, false, verb, v); break;
        default: bad_verb(v, verb); break;
    }
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
        if (field.type->kind == Kind::Interface) {
            const Value dynamic_value = unwrap(inner);
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
    runtime::MapIterator it{};
    runtime::map_iterate(it, table, 0);
    while (runtime::map_next(it) == runtime::MapStatus::Ok)
        entries.push_back({{v.type->key, it.key}, {v.type->elem, it.value}});
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return compare_keys(a.key, b.key) < 0; });
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

void Printer::value(const Value& v, char32_t verb, int depth, bool accessible) {
    if (status_ != Status::Ok) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_value(v, verb, depth, accessible); }))
        status_ = call_.fatal("stack overflow");
}

void Printer::plain_value(const Value& v, char32_t verb, int depth, bool accessible) {
    if (v.type == nullptr) {
        pad("<nil>");
        return;
    }
    if (accessible && methods(v, verb)) return;
    const Type& type = *v.type;
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
            const Value inner = unwrap(v);
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

void Printer::argument(const Slot* interface, char32_t verb) {
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

void Printer::directive(const runtime::Slice& operands, std::size_t i, char32_t verb) {
    const Slot* at = operand(operands, i);
    if (verb == 'w') {
        const Value v = dynamic(at);
        const auto is_error = [](const runtime::Method& m) { return m.name == "Error" && m.type->string == "func() string"; };
        if (!wraps_ || v.type == nullptr || std::none_of(v.type->methods.begin(), v.type->methods.end(), is_error)) {
            bad_verb(v, verb);
            return;
        }
        wrapped_.push_back(static_cast<std::int64_t>(i));
        verb = 'v';
    }
    argument(at, verb);
}

void Printer::errorf(std::string_view format, const runtime::Slice& operands) {
    wraps_ = true;
    printf(format, operands);
}

std::vector<std::int64_t> Printer::wrapped() const {
    std::vector<std::int64_t> sorted = wrapped_;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    return sorted;
}

void Printer::print(const runtime::Slice& operands) {
    bool previous_string = false;
    for (std::size_t i = 0; i < operands.size && status_ == Status::Ok; ++i) {
        const Slot* at = operand(operands, i);
        const auto* type = reinterpret_cast<const Type*>(at[0]);
        const bool is_string = type != nullptr && type->kind == Kind::String;
        if (i > 0 && !is_string && !previous_string) out_ += ' ';
        argument(at, 'v');
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

void Printer::printf(std::string_view format, const runtime::Slice& operands) {
    std::size_t at = 0;
    std::size_t next = 0;  // operand
    bool reordered = false;
    const std::size_t count = operands.size;
    constexpr int kTooLarge = 1'000'000;
    const auto number = [&](bool& found) {
        int n = 0;
        found = false;
        while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
            n = n * 10 + (format[at++] - '0');
            found = true;
            if (n > kTooLarge) {
                found = false;
                return 0;
            }
        }
        return n;
    };
    bool good_index = true;
    bool after_index = false;
    // [n] before a verb, a width or a precision.
    const auto index = [&] {
        if (at >= format.size() || format[at] != '[') return;
        reordered = true;
        const std::size_t close = format.find(']', at);
        if (close == std::string_view::npos) {
            good_index = false;
            ++at;
            return;
        }
        ++at;
        bool found = false;
        const int n = number(found);
        if (!found || at != close || n < 1 || static_cast<std::size_t>(n) > count) {
            good_index = false;
            at = close + 1;
            return;
        }
        at = close + 1;
        next = static_cast<std::size_t>(n) - 1;
        after_index = true;
    };
    const auto star = [&](int& result) {
        if (next >= count) return false;
        const Value v = dynamic(operand(operands, next++));
        if (v.type == nullptr || !(is_signed(v.type->kind) || is_unsigned(v.type->kind))) return false;
        const std::int64_t n = is_signed(v.type->kind) ? v.integer() : static_cast<std::int64_t>(v.unsigned_integer());
        if (n > kTooLarge || n < -kTooLarge) return false;
        result = static_cast<int>(n);
        return true;
    };
    while (at < format.size() && status_ == Status::Ok) {
        const std::size_t percent = format.find('%', at);
        out_ += format.substr(at, percent == std::string_view::npos ? percent : percent - at);
        if (percent == std::string_view::npos) break;
        at = percent + 1;
        f_ = {};
        good_index = true;
        after_index = false;
        for (bool more = true; more && at < format.size();) {
            switch (format[at]) {
                case '#': f_.sharp = true; break;
                case '0': f_.zero = true; break;
                case '+': f_.plus = true; break;
                case '-': f_.minus = true; break;
                case ' ': f_.space = true; break;
                default: more = false; continue;
            }
            ++at;
        }
        index();
        if (at < format.size() && format[at] == '*') {
            ++at;
            f_.has_width = star(f_.width);
            if (!f_.has_width) out_ += "%!(BADWIDTH)";
            if (f_.width < 0) {
                f_.width = -f_.width;
                f_.minus = true;
                f_.zero = false;
            }
            after_index = false;
        } else {
            f_.width = number(f_.has_width);
            if (after_index && f_.has_width) good_index = false;
        }
        if (at + 1 <= format.size() && at < format.size() && format[at] == '.') {
            ++at;
            if (after_index) good_index = false;
            index();
            if (at < format.size() && format[at] == '*') {
                ++at;
                f_.has_precision = star(f_.precision);
                if (f_.precision < 0) {
                    f_.precision = 0;
                    f_.has_precision = false;
                }
                if (!f_.has_precision) out_ += "%!(BADPREC)";
                after_index = false;
            } else {
                f_.precision = number(f_.has_precision);
                f_.has_precision = true;
            }
        }
        if (!after_index) index();
        if (at >= format.size()) {
            out_ += "%!(NOVERB)";
            break;
        }
        const runtime::DecodedRune rune = runtime::decode_rune(format.substr(at));
        const auto verb = static_cast<char32_t>(rune.rune);
        at += static_cast<std::size_t>(rune.size);
        if (verb == '%') {
            out_ += '%';
            continue;
        }
        if (!good_index) {
            out_ += "%!" + utf8(verb) + "(BADINDEX)";
            continue;
        }
        if (next >= count) {
            out_ += "%!" + utf8(verb) + "(MISSING)";
            continue;
        }
        if (f_.minus) f_.zero = false;
        if (verb == 'v' || verb == 'w') {
            f_.sharp_v = std::exchange(f_.sharp, false);
            f_.plus_v = std::exchange(f_.plus, false);
        }
        directive(operands, next++, verb);
    }
    f_ = {};
    if (!reordered && next < count && status_ == Status::Ok) {
        out_ += "%!(EXTRA ";
        for (std::size_t i = next; i < count; ++i) {
            if (i > next) out_ += ", ";
            const Value v = dynamic(operand(operands, i));
            if (v.type == nullptr) {
                out_ += "<nil>";
            } else {
                out_ += std::string(v.type->string) + "=";
                argument(operand(operands, i), 'v');
            }
        }
        out_ += ")";
    }
}

}  // namespace csp::stdlib
