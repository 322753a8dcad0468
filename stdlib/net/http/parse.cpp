// Heads of requests and responses, parsed by Boost.Beast. A head is copied once into the script's heap; methods, targets,
// names and values are parts of that copy.

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "stdlib/net/http/natives.h"
#include "stdlib/support/computing.h"
#include "stdlib/support/field_name.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

// What parse.csp calls them.
enum Code : std::int64_t { kOk, kMalformed, kUnsupportedVersion };
enum Flag : std::int64_t { kChunked = 1, kHasLength = 2, kKeepAlive = 4, kOtherEncoding = 8, kPlainTarget = 16 };

/// What a head consists of. Parts of the text that was parsed, except for values that stood on several lines.
struct Head {
    struct Field {
        string_view name;
        string_view value;
        std::string unfolded;  ///< The value, if it is not a part of the text.
    };
    string_view text;
    string_view method;
    string_view target;
    string_view reason;
    std::vector<Field> fields;
    int version = 0;
    int status = 0;
    bool other_encoding = false;

    bool has(string_view part) const { return part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size(); }
};

template <bool isRequest>
class Parser final : public beast::http::basic_parser<isRequest> {
  public:
    explicit Parser(Head& head) : head_(head) {
        this->header_limit(std::numeric_limits<std::uint32_t>::max());
        this->body_limit(std::numeric_limits<std::uint64_t>::max());
    }

  private:
    void on_request_impl(beast::http::verb, string_view method, string_view target, int version, error_code&) override {
        head_.method = method;
        head_.target = target;
        head_.version = version;
    }
    void on_response_impl(int status, string_view reason, int version, error_code&) override {
        head_.status = status;
        head_.reason = reason;
        head_.version = version;
    }
    void on_field_impl(beast::http::field field, string_view name, string_view value, error_code&) override {
        Head::Field& added = head_.fields.emplace_back();
        added.name = name;
        if (head_.has(value)) added.value = value;
        else added.unfolded = std::string(value);
        if (field == beast::http::field::transfer_encoding && !beast::iequals(value, "chunked")) head_.other_encoding = true;
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }
    void on_finish_impl(error_code&) override {}

    Head& head_;
};

void put_part(Slot* to, string_view part) {
    to[0] = part.empty() ? 0 : reinterpret_cast<Slot>(part.data());
    to[1] = part.size();
}

/// The fields, as a []string of names and values in turn, into two slots. False: a panic is under way.
bool put_fields(Call& call, std::size_t at, char* text, const Head& head) {
    Slot* const array = call.allocate_strings(head.fields.size() * 2);
    if (array == nullptr) return false;
    const Slot count = head.fields.size() * 2;
    call.slots()[at] = reinterpret_cast<Slot>(array);
    call.slots()[at + 1] = count | count << 32;
    Slot* to = array;
    for (const Head::Field& field : head.fields) {
        canonicalize(text + (field.name.data() - text), field.name.size());
        put_part(to, field.name);
        put_part(to + 2, field.value);
        if (!field.unfolded.empty() && !call.put_string(to + 2, field.unfolded)) return false;
        to += 4;
    }
    return true;
}

/// Whether the text's first line ends with a version of HTTP, whatever it is.
bool has_version(std::string_view text) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    constexpr std::string_view kName = "HTTP/";
    constexpr std::size_t kSize = kName.size() + 3;  // "HTTP/1.1"
    if (line.size() < kSize) return false;
    const std::string_view version = line.substr(line.size() - kSize);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.substr(0, kName.size()) == kName && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

/// Whether a target is a path and nothing else: no escapes, no query.
bool is_plain(string_view target) {
    return !target.empty() && target[0] == '/' && (target.size() == 1 || target[1] != '/') &&
           std::all_of(target.begin(), target.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' ||
                      c == '.' || c == '~';
           });
}

/// Parses the head that `buffer` holds. Results: size, code, minor, status int, first, second string, fields []string,
/// flags, length int.
template <bool isRequest>
Status parse(Call& call, const NativeEntry&) {
    enum : std::size_t { kSize, kCode, kMinor, kStatus, kFirst, kSecond = 6, kFields = 8, kFlags = 10, kLength, kBuffer };
    Slot* s = call.slots();
    const std::string_view buffer = bytes_at(s + kBuffer);
    if (!Work(call).steps(4 * buffer.size())) return Status::Ended;
    std::fill(s, s + kBuffer, 0);
    char* const text = call.allocate_bytes(buffer.size());
    if (text == nullptr) return Status::Panic;
    std::memcpy(text, buffer.data(), buffer.size());
    s[kFirst] = reinterpret_cast<Slot>(text);  // keeps it

    Head head;
    head.text = {text, buffer.size()};
    Parser<isRequest> parser(head);
    error_code failure;
    const std::size_t size = parser.put(boost::asio::const_buffer(text, buffer.size()), failure);
    const bool done = !failure && parser.is_header_done();  // nothing else may be asked of the parser before
    const boost::optional<std::uint64_t> length = done ? parser.content_length() : boost::none;
    constexpr std::uint64_t kMaxLength = std::numeric_limits<std::int64_t>::max();
    if (!done || (length && *length > kMaxLength)) {
        s[kCode] = failure == beast::http::error::bad_version && has_version({text, buffer.size()}) ? kUnsupportedVersion : kMalformed;
        s[kFirst] = 0;
        return Status::Ok;
    }
    if (!put_fields(call, kFields, text, head)) return Status::Panic;
    s = call.slots();
    s[kSize] = size;
    s[kMinor] = static_cast<Slot>(head.version % 10);
    s[kStatus] = static_cast<Slot>(head.status);
    put_part(s + kFirst, isRequest ? head.method : head.reason);
    put_part(s + kSecond, head.target);
    std::int64_t flags = 0;
    if (parser.chunked()) flags |= kChunked;
    if (parser.keep_alive()) flags |= kKeepAlive;
    if (head.other_encoding) flags |= kOtherEncoding;
    if (is_plain(head.target)) flags |= kPlainTarget;
    s[kLength] = 0;
    if (length && !parser.chunked()) {
        flags |= kHasLength;
        s[kLength] = *length;
    }
    s[kFlags] = static_cast<Slot>(flags);
    return Status::Ok;
}

/// func headEnd(buffer []byte, from int) int: behind the head's empty line; -1: it has not come yet.
std::int64_t head_end_of(std::span<const std::uint8_t> buffer, std::int64_t from) {
    const std::size_t end = head_end({reinterpret_cast<const char*>(buffer.data()), buffer.size()}, static_cast<std::size_t>(std::max<std::int64_t>(from, 0)));
    return end == std::string_view::npos ? -1 : static_cast<std::int64_t>(end);
}

}  // namespace

void add_parsing(Package& package) {
    package.raw("parseRequest", guarded<parse<true>>).raw("parseResponse", guarded<parse<false>>).function("headEnd", linear(head_end_of));
}

}  // namespace csp::stdlib::http
