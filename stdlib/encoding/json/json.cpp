// The natives of package encoding/json.

#include <cstring>
#include <algorithm>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/encoding/json/decode.h"
#include "stdlib/encoding/json/encode.h"
#include "stdlib/encoding/json/scanner.h"
#include "stdlib/encoding/json/text.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace json {

namespace {

using Bytes = std::span<const std::uint8_t>;

std::string_view view(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::vector<std::uint8_t> owned(const std::string& text) { return {text.begin(), text.end()}; }

/// func encode(caller methodCaller, v any, html bool) (text []byte, problem int, what string, value any)
Status encode(Call& call, const NativeEntry&) {
    enum : std::size_t { kText, kProblem = 2, kWhat, kValue = 5, kCaller = 7, kV, kHtml = 10 };
    return guarded(call, [&] {
        Slot* s = call.slots();
        Encoder encoder(call, s[kCaller], s[kHtml] != 0);
        runtime::Interface v;
        runtime::copy_pair(reinterpret_cast<Slot*>(&v), s + kV);
        encoder.interface(v);
        if (encoder.status() != Status::Ok) return encoder.status();
        s = call.slots();
        std::fill(s, s + kCaller, 0);
        s[kProblem] = static_cast<Slot>(encoder.problem());
        if (encoder.text().size() > static_cast<std::size_t>(runtime::kMaxSliceLength)) return call.out_of_memory();
        if (encoder.problem() == Encoder::Problem::None) return put_bytes(call, s + kText, encoder.text()) ? Status::Ok : Status::Panic;
        s[kValue] = encoder.problem_value()[0];
        s[kValue + 1] = encoder.problem_value()[1];
        return call.put_string(s + kWhat, encoder.problem_text()) ? Status::Ok : Status::Panic;
    });
}

/// func decode(caller methodCaller, text []byte, v any, options int, _ Number) (problem int, what string, t any, offset int,
/// inStruct, field string)
Status decode(Call& call, const NativeEntry&) {
    enum : std::size_t { kProblem, kWhat, kType = 3, kOffset = 5, kStruct, kField = 8, kCaller = 10, kText, kV = 13, kOptions = 15 };
    return guarded(call, [&] {
        Slot* s = call.slots();
        Work work(call);
        const std::string_view given = bytes_at(s + kText);
        work.holds(given.size());
        std::string text;  // a copy: others may be writing there
        text.reserve(given.size());
        constexpr std::size_t kAtOnce = 1 << 17;
        for (std::size_t at = 0; at < given.size() && work.moved(std::min(kAtOnce, given.size() - at)); at += kAtOnce) text += given.substr(at, kAtOnce);
        s = call.slots();
        std::int64_t offset = 0;
        const Slot options = s[kOptions];
        Slot v[2];
        runtime::copy_pair(v, s + kV);
        std::string wrong = check(text, offset, &work);
        if (work.ended()) return Status::Ended;
        s = call.slots();
        std::fill(s, s + kCaller, 0);
        constexpr Slot kSyntax = 100;
        if (!wrong.empty()) {
            s[kProblem] = kSyntax;
            s[kOffset] = static_cast<Slot>(offset);
            return call.put_string(s + kWhat, wrong) ? Status::Ok : Status::Panic;
        }
        const auto* const type = reinterpret_cast<const runtime::Type*>(v[0]);
        if (type == nullptr || type->kind != runtime::Kind::Pointer || v[1] == 0) return Status::Ok;  // the script has looked
        Decoder decoder(call, s[kCaller], text, options);
        // The variable is the pointer itself: that it has methods counts, too.
        decoder.run(*type, &v[1]);
        if (decoder.status() != Status::Ok) return decoder.status();
        s = call.slots();
        s[kProblem] = static_cast<Slot>(decoder.problem());
        s[kOffset] = static_cast<Slot>(decoder.problem_offset());
        if (decoder.problem_type() != nullptr)
            s[kType] = reinterpret_cast<Slot>(static_cast<runtime::TypeTable*>(call.type_table())->pointer_to(decoder.problem_type()));
        if (!call.put_string(s + kWhat, decoder.problem_text())) return Status::Panic;
        if (!call.put_string(call.slots() + kStruct, decoder.struct_name())) return Status::Panic;
        return call.put_string(call.slots() + kField, decoder.field_path()) ? Status::Ok : Status::Panic;
    });
}

std::pair<std::string, std::int64_t> syntax(Call& call, Bytes text) {
    Work work(call);
    std::int64_t offset = 0;
    std::string wrong = check(view(text), offset, &work);
    return {wrong, offset};
}

std::vector<std::uint8_t> compacted(Call& call, Bytes text, bool html) {
    Work work(call);
    std::string out;
    append_compact(out, view(text), html, &work);
    return owned(out);
}

std::vector<std::uint8_t> indented(Call& call, Bytes text, std::string_view prefix, std::string_view indent) {
    Work work(call);
    std::string out;
    append_indented(out, view(text), prefix, indent, work);
    return owned(out);
}

std::vector<std::uint8_t> html_escaped(Call& call, Bytes text) {
    Work work(call);
    std::string out;
    append_html_escaped(out, view(text), work);
    return owned(out);
}

/// Goes on scanning for the end of a value. Results: where it ends, -1: not yet; the scanner's state; the error and the number
/// of bytes up to it.
std::tuple<std::int64_t, std::vector<std::uint8_t>, std::string, std::int64_t> scan(Call& call, Bytes text, Bytes state, bool last) {
    constexpr std::size_t kAtOnce = 1 << 14;
    Work work(call);
    Scanner scanner;
    if (!scanner.restore(view(state))) return {-1, {}, "invalid scanner state", 0};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (scanner.complete()) return {static_cast<std::int64_t>(i), {}, {}, 0};
        const std::size_t plain = scanner.plain(view(text).substr(i, kAtOnce));
        if (!work.steps(1) || !work.read(plain)) break;
        scanner.skip(plain);
        i += plain;
        if (i == text.size()) break;
        const Scanner::Event event = scanner.step(text[i]);
        if (event == Scanner::Event::Error) {
            // A number is over where something else begins.
            if (scanner.error().ends_with("after top-level value")) return {static_cast<std::int64_t>(i), {}, {}, 0};
            return {-1, {}, scanner.error(), scanner.consumed()};
        }
        if (event == Scanner::Event::End) return {static_cast<std::int64_t>(i), {}, {}, 0};
    }
    if (scanner.complete()) return {static_cast<std::int64_t>(text.size()), {}, {}, 0};
    std::vector<std::uint8_t> saved = owned(scanner.save());
    if (last && scanner.finish() == Scanner::Event::End) return {static_cast<std::int64_t>(text.size()), {}, {}, 0};
    return {-1, std::move(saved), {}, 0};
}

}  // namespace

}  // namespace json

void bind_encoding_json(Package& package) {
    package.raw("encode", json::encode)
        .raw("decode", json::decode)
        .function("syntax", json::syntax)
        .function("compacted", json::compacted)
        .function("indented", json::indented)
        .function("htmlEscaped", json::html_escaped)
        .function("scan", json::scan)
        .function("isNumber", [](Call& call, std::string_view text) {
            Work work(call);
            return json::is_number(text, &work);
        })
        .function("shown", [](std::uint8_t c) { return json::shown(c); });
}

}  // namespace csp::stdlib
