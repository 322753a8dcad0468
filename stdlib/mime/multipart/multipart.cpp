// Where the body of a part ends: before a line that begins with the boundary.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "csp/package.hpp"

namespace csp::stdlib {

namespace {

using View = std::string_view;

enum class Answer { No, Yes, Unknown };

/// Whether what comes after a boundary shows that it is one, not the beginning of a longer text.
Answer ends(View rest, bool is_all) {
    if (rest.empty()) return is_all ? Answer::Yes : Answer::Unknown;
    if (View(" \t\r\n").find(rest[0]) != View::npos) return Answer::Yes;
    if (rest[0] != '-') return Answer::No;
    if (rest.size() == 1) return is_all ? Answer::No : Answer::Unknown;
    return rest[1] == '-' ? Answer::Yes : Answer::No;
}

/// How much of a text is a body for certain, and whether a boundary is behind that.
struct Extent {
    std::size_t size;
    bool ended;
};

/// What is known of a text that has what looks like a boundary at `at`.
Extent at_boundary(std::size_t at, std::size_t size, Answer answer) {
    return {answer == Answer::No ? at + size : at, answer == Answer::Yes};
}

/// `before`: what a boundary needs before it, except at the beginning of a body.
Extent body_extent(View text, View before, View boundary, bool begins, bool is_all) {
    if (begins) {
        if (boundary.starts_with(text) && text.size() < boundary.size()) return {0, false};
        if (text.starts_with(boundary)) return at_boundary(0, boundary.size(), ends(text.substr(boundary.size()), is_all));
    }
    for (std::size_t at = text.find(before); at != View::npos; at = text.find(before, at + 1)) {
        const View found = text.substr(at + before.size());
        if (found.size() < boundary.size() && boundary.starts_with(found)) return {at, false};
        if (found.starts_with(boundary))
            return at_boundary(at, before.size() + boundary.size(), ends(found.substr(boundary.size()), is_all));
    }
    // A half of what has to be before a boundary.
    const bool half = before.size() > 1 && text.ends_with(before[0]);
    return {text.size() - (half ? 1 : 0), false};
}

/// func bodySize(buffered []byte, lineEnd, boundary string, begins, all bool) (size int, ended bool)
std::pair<std::int64_t, bool> body_size(std::span<const std::uint8_t> buffered, View line_end, View boundary, bool begins, bool is_all) {
    const View text(reinterpret_cast<const char*>(buffered.data()), buffered.size());
    const Extent extent = body_extent(text, line_end, boundary, begins, is_all);
    return {static_cast<std::int64_t>(extent.size), extent.ended};
}

}  // namespace

void bind_mime_multipart(Package& package) { package.function("bodySize", body_size); }

}  // namespace csp::stdlib
