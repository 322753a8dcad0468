#include "stdlib/support/search.h"

#include <algorithm>
#include <cstring>

namespace csp::stdlib {

namespace {

using View = std::string_view;

constexpr std::size_t kAtOnce = 1 << 17;
/// Of what is longer than this, so much is searched for, and what follows is compared.
constexpr std::size_t kLongest = 1 << 12;

/// The C library's search is fast, but where nearly everything looks alike.
bool searched(Work& work, std::size_t bytes) { return work.read(bytes / 2); }

std::size_t find_short(Work& work, View s, View sub, std::size_t from) {
    while (s.size() - from >= sub.size()) {
        const View part = s.substr(from, kAtOnce + sub.size() - 1);
        const auto* const at = static_cast<const char*>(memmem(part.data(), part.size(), sub.data(), sub.size()));
        const bool goes_on = searched(work, at != nullptr ? static_cast<std::size_t>(at - part.data()) : part.size());
        if (!goes_on) break;
        if (at != nullptr) return static_cast<std::size_t>(at - s.data());
        from += part.size() - (sub.size() - 1);
    }
    return View::npos;
}

}  // namespace

std::size_t find(Work& work, View s, char c) {
    for (std::size_t from = 0; from < s.size(); from += kAtOnce) {
        const View part = s.substr(from, kAtOnce);
        const std::size_t at = part.find(c);
        if (!work.moved(std::min(at, part.size()))) break;
        if (at != View::npos) return from + at;
    }
    return View::npos;
}

std::size_t find(Work& work, View s, View sub, std::size_t from) {
    if (from > s.size()) return View::npos;
    if (sub.empty()) return from;
    if (sub.size() <= kLongest) return find_short(work, s, sub, from);
    for (; sub.size() <= s.size() - from; ++from) {
        from = find_short(work, s, sub.substr(0, kLongest), from);
        if (from == View::npos || starts_with(work, s.substr(from), sub)) return work.ended() ? View::npos : from;
    }
    return View::npos;
}

std::size_t find_last(Work& work, View s, char c) {
    while (!s.empty()) {
        const std::size_t size = std::min(s.size(), kAtOnce), from = s.size() - size;
        const std::size_t at = s.substr(from).rfind(c);
        if (!work.moved(at == View::npos ? size : size - at)) break;
        if (at != View::npos) return from + at;
        s = s.substr(0, from);
    }
    return View::npos;
}

std::size_t find_last(Work& work, View s, View sub) {
    if (sub.size() > s.size()) return View::npos;
    if (sub.empty()) return s.size();
    for (std::size_t end = s.size() - sub.size() + 1; end > 0;) {
        const std::size_t at = find_last(work, s.substr(0, end), sub[0]);
        if (at == View::npos) break;
        if (starts_with(work, s.substr(at), sub)) return work.ended() ? View::npos : at;
        if (!work.steps(1)) break;
        end = at;
    }
    return View::npos;
}

int compare(Work& work, View a, View b) {
    const std::size_t both = std::min(a.size(), b.size());
    constexpr std::size_t kFirst = 1 << 10;  // little is counted for what differs early
    for (std::size_t at = 0, size = 0; at < both; at += size) {
        size = std::min({both - at, std::max(at, kFirst), kAtOnce});
        const int order = std::memcmp(a.data() + at, b.data() + at, size);
        if (!work.moved(size)) return 0;
        if (order != 0) return order < 0 ? -1 : 1;
    }
    return (a.size() > b.size()) - (a.size() < b.size());
}

bool copy(Work& work, char* to, View from) {
    for (std::size_t at = 0, size = 0; at < from.size(); at += size) {
        size = from.copy(to + at, kAtOnce, at);
        if (!work.moved(size)) return false;
    }
    return true;
}

bool fill(Work& work, char* to, std::size_t size, char with) {
    while (size > 0) {
        const std::size_t part = std::min(size, kAtOnce);
        std::memset(to, with, part);
        if (!work.moved(part)) return false;
        to += part;
        size -= part;
    }
    return true;
}

}  // namespace csp::stdlib
