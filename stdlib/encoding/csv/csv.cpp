// Lines into fields, and back.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/search.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

// As the constants in reader.csp.
enum Ending : std::uint64_t { kWhole, kUnfinished, kCut, kBareQuote, kBadQuote };
constexpr std::uint64_t kLazy = 1, kTrim = 2, kInside = 4;

struct Line {
    View text;
    View comma;
    std::uint64_t how;
};

struct End {
    Ending ending;
    std::size_t column;
};

std::size_t skip_space(Work& work, View text, std::size_t at) {
    while (at < text.size() && work.read(2)) {
        const runtime::DecodedRune r = runtime::decode_rune(text.substr(at));
        if (!is_space(r.rune)) break;
        at += static_cast<std::size_t>(r.size);
    }
    return at;
}

/// Tells `fields` what a line has: begin(column), text(part)…, end() for each field; no end() for one with an error. Others
/// may write to the line meanwhile: what was seen once is not relied upon.
template <class Fields>
End split_line(Work& work, const Line& line, Fields& fields) {
    const View body = line.text.substr(0, line.text.size() - (line.text.ends_with('\n') ? 1 : 0));
    const bool lazy = line.how & kLazy, quotes = find(work, body, '"') != View::npos;
    bool inside = line.how & kInside;
    std::size_t at = 0;
    for (;; inside = false) {
        if (!work.steps(2)) return {kWhole, 0};
        if (!inside && (line.how & kTrim)) at = skip_space(work, body, at);
        fields.begin(at + 1);
        if (!inside && (at == body.size() || body[at] != '"')) {
            const std::size_t comma = find(work, body, line.comma, at);
            const View field = body.substr(at, comma - at);
            if (quotes && !lazy)
                if (const std::size_t quote = find(work, field, '"'); quote != View::npos) return {kBareQuote, at + quote + 1};
            fields.text(field);
            fields.end();
            if (comma == View::npos) return {kWhole, body.size() + 1};
            at = comma + line.comma.size();
            continue;
        }
        if (!inside) ++at;
        for (;;) {
            if (!work.steps(2)) return {kWhole, 0};
            const std::size_t quote = find(work, body, "\"", at);
            if (quote == View::npos) {
                const View rest = line.text.substr(at);
                fields.text(rest);
                fields.end();
                return {rest.empty() ? kCut : kUnfinished, line.text.size() + 1};
            }
            fields.text(body.substr(at, quote - at));
            at = quote + 1;
            const View rest = body.substr(at);
            if (rest.empty()) {
                fields.end();
                return {kWhole, at + 1};
            }
            if (rest.starts_with(line.comma)) {
                fields.end();
                at += line.comma.size();
                break;
            }
            if (rest.front() == '"')
                ++at;
            else if (!lazy)
                return {kBadQuote, at};
            fields.text("\"");
        }
    }
}

struct Sizes {
    std::size_t fields = 0, bytes = 0;
    void begin(std::size_t) {}
    void text(View part) { bytes += part.size(); }
    void end() { ++fields; }
};

/// Puts fields into memory that was measured with Sizes; no further, should the line have changed since.
class Record {
  public:
    Record(Work& work, Slot* strings, std::int64_t* columns, const Sizes& room, char* bytes)
        : work_(work), call_(work.call()), strings_(strings), columns_(columns), most_(room.fields), at_(bytes), field_(bytes), end_(bytes + room.bytes) {}

    void begin(std::size_t column) {
        column_ = column;
        field_ = at_;
    }
    void text(View part) {
        const std::size_t size = std::min(part.size(), static_cast<std::size_t>(end_ - at_));
        copy(work_, at_, part.substr(0, size));
        at_ += size;
    }
    void end() {
        if (count_ == most_) return;
        const auto size = static_cast<Slot>(at_ - field_);
        const Slot pair[2] = {size == 0 ? 0 : reinterpret_cast<Slot>(field_), size};
        Slot* const place = strings_ + 2 * count_;
        heap(call_).will_overwrite_pair(cache(call_), place);
        runtime::store_pair(place, pair);
        columns_[count_++] = static_cast<std::int64_t>(column_);
    }
    std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }

  private:
    Work& work_;
    Call& call_;
    Slot* strings_;
    std::int64_t* columns_;
    std::size_t most_, count_ = 0, column_ = 0;
    char* at_;
    char* field_;
    char* end_;
};

/// func split(line []byte, comma rune, how int, record []string, at []int) (fields []string, columns []int, ending, column int)
Status split(Call& call, const NativeEntry&) {
    constexpr std::size_t kLine = 6, kComma = 8, kHow = 9, kRecord = 10, kAt = 12;
    Slot* s = call.slots();
    char comma[4];
    const int comma_size = runtime::encode_rune(static_cast<std::int32_t>(s[kComma]), comma);
    const Line line{bytes_at(s + kLine), {comma, static_cast<std::size_t>(comma_size)}, s[kHow]};
    Sizes sizes;
    Work work(call);
    split_line(work, line, sizes);
    if (sizes.fields > std::numeric_limits<std::uint32_t>::max()) return call.out_of_memory();
    runtime::Slice fields = slice_at(s + kRecord), columns = slice_at(s + kAt);
    const auto count = static_cast<std::uint32_t>(sizes.fields);
    if (fields.capacity < count) fields = {call.allocate_strings(count), count, count};
    if (fields.capacity < count) return Status::Panic;
    if (columns.capacity < count) columns = {call.allocate_bytes(count * sizeof(std::int64_t)), count, count};
    char* const bytes = sizes.bytes > 0 ? call.allocate_bytes(sizes.bytes) : nullptr;
    if ((count > 0 && (fields.data == nullptr || columns.data == nullptr)) || (sizes.bytes > 0 && bytes == nullptr)) return Status::Panic;
    Record record(work, static_cast<Slot*>(fields.data), static_cast<std::int64_t*>(columns.data), sizes, bytes);
    const End end = split_line(work, line, record);
    fields.size = columns.size = record.count();
    s = call.slots();
    put_slice(s, fields);
    put_slice(s + 2, columns);
    s[4] = end.ending;
    s[5] = end.column;
    return Status::Ok;
}

bool needs_quotes(Work& work, View field, View comma) {
    if (field.empty()) return false;
    if (field == "\\.") return true;  // the end of the data, in PostgreSQL's format
    const char first = comma[0];
    bool special = false;
    for (const char c : field) {
        if (c == '"' || c == '\r' || c == '\n') return true;
        special = special || c == first;
        if (!work.read(1)) return false;
    }
    if (special && (comma.size() == 1 || find(work, field, comma) != View::npos)) return true;
    return is_space(runtime::decode_rune(field).rune);
}

/// What row has room for.
class Room {
  public:
    Room(Work& work, char* at, std::size_t size) : work_(work), at_(at), begin_(at), end_(at + size) {}
    void put(View text) {
        if (text.size() > static_cast<std::size_t>(end_ - at_)) {
            full_ = true;
        } else if (!full_ && !text.empty()) {
            copy(work_, at_, text);
            at_ += text.size();
        }
    }
    /// Or the run is being ended.
    bool full() const { return full_ || work_.ended(); }
    Work& work() { return work_; }
    std::int64_t used() const { return full_ ? -1 : at_ - begin_; }

  private:
    Work& work_;
    char* at_;
    char* begin_;
    char* end_;
    bool full_ = false;
};

void put_quoted(Room& to, View field, bool crlf) {
    to.put("\"");
    while (!to.full()) {
        std::size_t special = 0;
        while (special < field.size() && field[special] != '"' && field[special] != '\r' && field[special] != '\n' && to.work().read(2)) ++special;
        if (special == field.size()) special = View::npos;
        to.put(field.substr(0, special));
        if (special == View::npos) break;
        switch (field[special]) {
            case '"': to.put("\"\""); break;
            case '\n': to.put(crlf ? "\r\n" : "\n"); break;
            default: to.put(crlf ? "" : "\r");
        }
        field.remove_prefix(special + 1);
    }
    to.put("\"");
}

/// func row(room []byte, record []string, comma rune, crlf bool) int
Status row(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice room = slice_at(s + 1), record = slice_at(s + 3);
    char bytes[4];
    const View comma{bytes, static_cast<std::size_t>(runtime::encode_rune(static_cast<std::int32_t>(s[5]), bytes))};
    const bool crlf = s[6] & 1;
    Work work(call);
    Room to(work, static_cast<char*>(room.data), room.size);
    for (std::uint32_t i = 0; i < record.size && !to.full(); ++i) {
        Slot pair[2];  // others may be writing there
        runtime::copy_pair(pair, static_cast<const Slot*>(record.data) + 2 * std::size_t{i});
        const View field = text_at(pair);
        if (!work.steps(4)) break;
        if (i > 0) to.put(comma);
        // What is too long is not looked at.
        if (field.size() <= room.size && needs_quotes(work, field, comma))
            put_quoted(to, field, crlf);
        else
            to.put(field);
    }
    to.put(crlf ? "\r\n" : "\n");
    s = call.slots();
    s[0] = static_cast<Slot>(to.used());
    return Status::Ok;
}

}  // namespace

void bind_encoding_csv(Package& package) {
    package.raw("split", split).raw("row", row);
    package.function("needsQuotes", [](Call& call, View field, std::int32_t comma) {
        Work work(call);
        char bytes[4];
        return needs_quotes(work, field, {bytes, static_cast<std::size_t>(runtime::encode_rune(comma, bytes))});
    });
}

}  // namespace csp::stdlib
