// Heads, formatted. Each native writes as much as fits into a buffer of the script and answers how long all is, so that
// the script can come again with a larger one.

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/value/map.h"
#include "stdlib/net/http/natives.h"
#include "stdlib/support/field_name.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/polled_sort.h"
#include "stdlib/support/search.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::http {

namespace {

/// Writes to a []byte, and counts what does not fit.
class Output {
  public:
    Output(Work& work, const runtime::Slice& to) : work_(work), to_(static_cast<char*>(to.data)), room_(to.size) {}

    void text(std::string_view text) {
        work_.steps(2);
        if (size_ < room_) copy(work_, to_ + size_, text.substr(0, std::min(text.size(), room_ - size_)));
        size_ += text.size();
    }
    void number(std::int64_t value) { text(std::to_string(value)); }
    std::size_t size() const { return size_; }

    Work& work() { return work_; }

  private:
    Work& work_;
    char* to_;
    std::size_t room_;
    std::size_t size_ = 0;
};

struct Field {
    std::string_view name;
    runtime::Slice values;
};

/// The fields of a Header, sorted. False: others are writing to it.
bool read_fields(Work& work, runtime::Map* map, std::vector<Field>& out) {
    if (map == nullptr) return true;
    out.reserve(static_cast<std::size_t>(std::max<std::int64_t>(map->count.load(std::memory_order_relaxed), 0)));
    runtime::MapIterator it{};
    runtime::map_iterate(it, map, 0);
    for (;;) {
        const runtime::MapStatus status = runtime::map_next(it);
        if (status == runtime::MapStatus::Missing) break;
        if (status != runtime::MapStatus::Ok) return false;
        Slot key[2], values[2];
        runtime::copy_pair(key, it.key);
        runtime::copy_pair(values, it.value);
        out.push_back({text_at(key), slice_at(values)});
        if (!work.steps(4)) return true;
    }
    sort(work, out.data(), out.data() + out.size(), [](const Field& a, const Field& b) { return a.name < b.name; });
    return true;
}

/// A value is kept on its line, whatever it is.
void put_value(Output& out, std::string_view value) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
    while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
    constexpr std::size_t kAtOnce = 1 << 14;
    for (;;) {
        const std::size_t end = value.substr(0, kAtOnce).find_first_of("\r\n");
        out.text(value.substr(0, std::min(end, kAtOnce)));
        if (!out.work().read(std::min(value.size(), kAtOnce))) return;
        if (end == std::string_view::npos) {
            if (value.size() <= kAtOnce) return;
            value.remove_prefix(kAtOnce);
            continue;
        }
        out.text(" ");
        value.remove_prefix(end + 1);
    }
}

void put_field(Output& out, const Field& field) {
    if (!is_token(field.name)) return;
    const auto* const values = static_cast<const Slot*>(field.values.data);
    for (std::size_t i = 0; i < field.values.size && !out.work().ended(); ++i) {
        Slot value[2];
        runtime::copy_pair(value, values + i * 2);
        out.text(field.name);
        out.text(": ");
        put_value(out, text_at(value));
        out.text("\r\n");
    }
}

void put_date(Output& out) {
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    std::tm t{};
    gmtime_r(&now.tv_sec, &t);
    char line[] = "Date: Sun, 00 Jan 0000 00:00:00 GMT\r\n";
    const auto digits = [&](std::size_t at, int value) {
        line[at] = static_cast<char>('0' + value / 10 % 10);
        line[at + 1] = static_cast<char>('0' + value % 10);
    };
    std::memcpy(line + 6, kDays[static_cast<std::size_t>(t.tm_wday)], 3);
    digits(11, t.tm_mday);
    std::memcpy(line + 14, kMonths[static_cast<std::size_t>(t.tm_mon)], 3);
    digits(18, (t.tm_year + 1900) / 100);
    digits(20, t.tm_year % 100);
    digits(23, t.tm_hour);
    digits(26, t.tm_min);
    digits(29, t.tm_sec);
    out.text({line, sizeof line - 1});
}

Status racing(Call& call) { return call.fatal("concurrent map iteration and map write"); }

/// func formatFields(to []byte, h map[string][]string, answer bool) int
Status format_fields(Call& call, const NativeEntry&) {
    return guarded(call, [&] {
        Slot* s = call.slots();
        Work work(call);
        Output out(work, slice_at(s + 1));
        const bool answer = s[4] != 0;
        std::vector<Field> fields;
        if (!read_fields(work, reinterpret_cast<runtime::Map*>(s[3]), fields)) return racing(call);
        for (const Field& field : fields) {
            // A server says the first itself, the others at the end.
            if (answer && (field.name == "Transfer-Encoding" || field.name.substr(0, 8) == "Trailer:")) continue;
            put_field(out, field);
            if (work.ended()) return Status::Ended;
        }
        call.slots()[0] = out.size();
        return Status::Ok;
    });
}

// What exchange.csp calls them.
enum Flag : Slot { kDate = 1, kChunked = 2, kClose = 4, kKeepAlive = 8 };

/// func formatResponse(to []byte, minor, status int, reason string, fields []byte, flags int, contentType string, length int) int
Status format_response(Call& call, const NativeEntry&) {
    return guarded(call, [&] {
        Slot* s = call.slots();
        Work work(call);
        Output out(work, slice_at(s + 1));
        const Slot flags = s[9];
        const std::string_view type = text_at(s + 10);
        const auto length = static_cast<std::int64_t>(s[12]);
        out.text(s[3] == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
        out.number(static_cast<std::int64_t>(s[4]));
        out.text(" ");
        out.text(text_at(s + 5));
        out.text("\r\n");
        out.text(bytes_at(s + 7));
        if ((flags & kDate) != 0) put_date(out);
        if (length >= 0) {
            out.text("Content-Length: ");
            out.number(length);
            out.text("\r\n");
        }
        if (!type.empty()) {
            out.text("Content-Type: ");
            out.text(type);
            out.text("\r\n");
        }
        if ((flags & kClose) != 0) out.text("Connection: close\r\n");
        if ((flags & kKeepAlive) != 0) out.text("Connection: keep-alive\r\n");
        if ((flags & kChunked) != 0) out.text("Transfer-Encoding: chunked\r\n");
        out.text("\r\n");
        call.slots()[0] = out.size();
        return Status::Ok;
    });
}

}  // namespace

void add_formatting(Package& package) { package.raw("formatFields", format_fields).raw("formatResponse", format_response); }

}  // namespace csp::stdlib::http
