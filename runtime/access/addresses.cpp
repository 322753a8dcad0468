#include "runtime/access/addresses.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace csp::runtime {

namespace {

constexpr std::uint16_t kMostPort = std::numeric_limits<std::uint16_t>::max();

template <class Number>
bool parse_number(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

bool parse_ports(std::string_view text, std::uint16_t& first, std::uint16_t& last) {
    if (text == "*") {
        last = kMostPort;
        return true;
    }
    const std::size_t dash = text.find('-');
    if (!parse_number(text.substr(0, dash), first)) return false;
    last = first;
    return dash == std::string_view::npos || (parse_number(text.substr(dash + 1), last) && first <= last);
}

bool is_name(std::string_view text) {
    const auto in_name = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.'; };
    const auto in_number = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    return !text.empty() && std::all_of(text.begin(), text.end(), in_name) && !std::all_of(text.begin(), text.end(), in_number);
}

}  // namespace

IpAddress ip_address(std::string_view bytes) {
    IpAddress out{};
    if (bytes.size() == 4) out[10] = out[11] = 0xFF;
    const std::size_t size = std::min(bytes.size(), out.size());
    std::copy_n(bytes.end() - static_cast<std::ptrdiff_t>(size), size, out.end() - static_cast<std::ptrdiff_t>(size));
    return out;
}

bool parse_ip(std::string_view text, IpAddress& out) {
    const std::string copy(text);
    in_addr v4{};
    if (::inet_pton(AF_INET, copy.c_str(), &v4) == 1) {
        out = ip_address({reinterpret_cast<const char*>(&v4), sizeof v4});
        return true;
    }
    return ::inet_pton(AF_INET6, copy.c_str(), out.data()) == 1;
}

std::string AddressGrants::canonical(std::string_view name) {
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (out.ends_with('.')) out.pop_back();
    return out;
}

AddressGrants::AddressGrants(const std::vector<std::string>& entries, std::string_view kind, std::vector<std::string>& problems) {
    for (const std::string& entry : entries) {
        Rule rule;
        if (entry == "*") {
            all_ = true;
            rules_.push_back({"", {}, 0, 0, kMostPort});
        } else if (entry.starts_with('/')) {
            paths_.push_back(entry);
        } else if (parse(entry, rule)) {
            rules_.push_back(std::move(rule));
        } else {
            problems.push_back(std::string(kind) + " \"" + entry + "\": not host:port (a name, an address, a prefix or *, and a port, a range of ports or *)");
        }
    }
}

bool AddressGrants::parse(std::string_view entry, Rule& rule) {
    const std::size_t colon = entry.rfind(':');
    if (colon == std::string_view::npos || !parse_ports(entry.substr(colon + 1), rule.first, rule.last)) return false;
    std::string_view host = entry.substr(0, colon);
    if (host == "*") return true;
    std::string_view prefix;
    const std::size_t slash = host.find('/');
    if (slash != std::string_view::npos) {
        prefix = host.substr(slash + 1);
        host = host.substr(0, slash);
    }
    const bool bracketed = host.starts_with('[');
    if (bracketed && prefix.empty()) {  // "[fe80::/10]:80" is as good as "[fe80::]/10:80"
        if (slash != std::string_view::npos || !host.ends_with(']')) return false;
    }
    if (bracketed) {
        host.remove_prefix(1);
        if (host.ends_with(']'))
            host.remove_suffix(1);
        else if (prefix.ends_with(']'))
            prefix.remove_suffix(1);
        else
            return false;
    }
    if (!parse_ip(host, rule.address)) {
        rule.name = canonical(host);
        return slash == std::string_view::npos && !bracketed && is_name(rule.name);
    }
    const bool v4 = host.find(':') == std::string_view::npos;
    if (!v4 && !bracketed) return false;
    rule.bits = 128;
    if (slash == std::string_view::npos) return true;
    if (!parse_number(prefix, rule.bits) || rule.bits > (v4 ? 32U : 128U)) return false;
    if (v4) rule.bits += 96;
    return true;
}

bool AddressGrants::allows(const IpAddress& address, std::uint16_t port, const KnownNames& known) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        if (port < rule.first || port > rule.last) return false;
        if (!rule.name.empty()) return known.contains({address, rule.name});
        const unsigned whole = rule.bits / 8, rest = rule.bits % 8;
        if (!std::equal(address.begin(), address.begin() + whole, rule.address.begin())) return false;
        const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
        return rest == 0 || (address[whole] & mask) == (rule.address[whole] & mask);
    });
}

bool AddressGrants::names(std::string_view name) const {
    const std::string wanted = canonical(name);
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return !rule.name.empty() && rule.name == wanted; });
}

bool AddressGrants::may_look_up(std::string_view name) const {
    return names(name) || std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.name.empty(); });
}

}  // namespace csp::runtime
