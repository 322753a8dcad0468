// The format of Printf and its relatives. Source: the documentation of Go's package fmt.

#include <algorithm>
#include <utility>

#include "runtime/value/string_ops.h"
#include "stdlib/fmt/printer.h"

namespace csp::stdlib {

/// A format that is being read, and which operand comes next.
struct Printer::Format {
    std::string_view text;
    const runtime::Slice& operands;
    std::size_t at = 0;
    std::size_t next = 0;
    bool reordered = false;    ///< An index like [2] occurred.
    bool good_index = true;    ///< Of the directive being read.
    bool after_index = false;  ///< An index came directly before.

    bool more() const { return at < text.size(); }
    bool has_operand() const { return next < operands.size; }

    /// Puts out what comes before the next directive; false: there is none.
    bool literal(std::string& out) {
        const std::size_t percent = text.find('%', at);
        out += text.substr(at, percent == std::string_view::npos ? percent : percent - at);
        at = percent == std::string_view::npos ? text.size() : percent + 1;
        return percent != std::string_view::npos;
    }

    /// A decimal number; false when there is none, or one beyond any sense.
    bool number(int& n) {
        const std::size_t start = at;
        n = 0;
        while (more() && text[at] >= '0' && text[at] <= '9') {
            n = n * 10 + (text[at++] - '0');
            if (n > kTooLarge) {
                n = 0;
                return false;
            }
        }
        return at > start;
    }

    /// An index like [2] before a verb, a width or a precision.
    void index() {
        if (!more() || text[at] != '[') return;
        reordered = true;
        const std::size_t close = text.find(']', at);
        ++at;
        if (close == std::string_view::npos) {
            good_index = false;
            return;
        }
        int n = 0;
        const bool found = number(n) && at == close;
        at = close + 1;
        if (!found || n < 1 || static_cast<std::size_t>(n) > operands.size) {
            good_index = false;
            return;
        }
        next = static_cast<std::size_t>(n) - 1;
        after_index = true;
    }

    /// The operand that a * stands for; false when it is no integer in range.
    bool star(int& n) {
        ++at;
        after_index = false;
        if (!has_operand()) return false;
        const runtime::Interface interface = operand(operands, next++);
        const Value v = dynamic(interface);
        if (v.type == nullptr || !(is_signed(v.type->kind) || is_unsigned(v.type->kind))) return false;
        const std::int64_t wide = is_signed(v.type->kind) ? v.integer() : static_cast<std::int64_t>(v.unsigned_integer());
        if (wide > kTooLarge || wide < -kTooLarge) return false;
        n = static_cast<int>(wide);
        return true;
    }

    static constexpr int kTooLarge = 1'000'000;
};

void Printer::read_flags(Format& format) {
    for (; format.more(); ++format.at) {
        switch (format.text[format.at]) {
            case '#': f_.sharp = true; break;
            case '0': f_.zero = true; break;
            case '+': f_.plus = true; break;
            case '-': f_.minus = true; break;
            case ' ': f_.space = true; break;
            default: return;
        }
    }
}

void Printer::read_width(Format& format) {
    format.index();
    if (format.more() && format.text[format.at] == '*') {
        f_.has_width = format.star(f_.width);
        if (!f_.has_width) out_ += "%!(BADWIDTH)";
        if (f_.width < 0) {
            f_.width = -f_.width;
            f_.minus = true;
            f_.zero = false;
        }
        return;
    }
    f_.has_width = format.number(f_.width);
    if (format.after_index && f_.has_width) format.good_index = false;
}

void Printer::read_precision(Format& format) {
    if (!format.more() || format.text[format.at] != '.') return;
    ++format.at;
    if (format.after_index) format.good_index = false;
    format.index();
    if (format.more() && format.text[format.at] == '*') {
        f_.has_precision = format.star(f_.precision);
        if (f_.precision < 0) {
            f_.precision = 0;
            f_.has_precision = false;
        }
        if (!f_.has_precision) out_ += "%!(BADPREC)";
        return;
    }
    format.number(f_.precision);
    f_.has_precision = true;
}

void Printer::directive(Format& format) {
    f_ = {};
    format.good_index = true;
    format.after_index = false;
    read_flags(format);
    read_width(format);
    read_precision(format);
    if (!format.after_index) format.index();
    if (!format.more()) {
        out_ += "%!(NOVERB)";
        return;
    }
    const runtime::DecodedRune rune = runtime::decode_rune(format.text.substr(format.at));
    const auto verb = static_cast<char32_t>(rune.rune);
    format.at += static_cast<std::size_t>(rune.size);
    if (verb == '%') {
        out_ += '%';
        return;
    }
    if (!format.good_index || !format.has_operand()) {
        out_ += "%!" + utf8(verb) + (format.good_index ? "(MISSING)" : "(BADINDEX)");
        return;
    }
    if (verb == 'v' || verb == 'w') {
        f_.sharp_v = std::exchange(f_.sharp, false);
        f_.plus_v = std::exchange(f_.plus, false);
    }
    const std::size_t i = format.next++;
    if (verb == 'w')
        wrapping(operand(format.operands, i), i);
    else
        argument(operand(format.operands, i), verb);
}

void Printer::wrapping(const runtime::Interface& interface, std::size_t i) {
    const Value v = dynamic(interface);
    const auto is_error = [](const runtime::Method& m) { return m.name == "Error" && m.type->string == "func() string"; };
    if (!wraps_ || v.type == nullptr || std::none_of(v.type->methods.begin(), v.type->methods.end(), is_error)) {
        bad_verb(v, 'w');
        return;
    }
    wrapped_.push_back(static_cast<std::int64_t>(i));
    argument(interface, 'v');
}

void Printer::extra(const Format& format) {
    f_ = {};
    if (format.reordered || !format.has_operand() || status_ != Status::Ok) return;
    out_ += "%!(EXTRA ";
    for (std::size_t i = format.next; i < format.operands.size; ++i) {
        if (i > format.next) out_ += ", ";
        const runtime::Interface interface = operand(format.operands, i);
        if (interface.type == nullptr) {
            out_ += "<nil>";
        } else {
            out_ += std::string(interface.type->string) + "=";
            argument(interface, 'v');
        }
    }
    out_ += ")";
}

void Printer::printf(std::string_view text, const runtime::Slice& operands) {
    if (!work_.moved(text.size())) status_ = Status::Ended;
    Format format{text, operands};
    while (format.more() && status_ == Status::Ok && worked() && format.literal(out_)) directive(format);
    extra(format);
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

}  // namespace csp::stdlib
