// Where the body of a part ends: before a line that begins with the boundary.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/search.h"

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

/// How long the end of a text is with which a boundary may begin, together with what has to be before it.
std::size_t beginning(Work& work, View text, View before, View boundary) {
    for (std::size_t size = std::min(text.size(), before.size() + boundary.size() - 1); size > 0 && work.read(4 * boundary.size()); --size) {
        const View end = text.substr(text.size() - size);
        if (end.substr(0, before.size()) == before.substr(0, size) && boundary.starts_with(end.substr(std::min(size, before.size())))) return size;
    }
    return 0;
}

/// What is known of a text that has what looks like a boundary at `at`.
Extent at_boundary(std::size_t at, std::size_t size, Answer answer) {
    return {answer == Answer::No ? at + size : at, answer == Answer::Yes};
}

/// `before`: what a boundary needs before it, except at the beginning of a body.
Extent body_extent(Work& work, View text, View before, View boundary, bool begins, bool is_all) {
    if (begins) {
        if (boundary.starts_with(text) && text.size() < boundary.size()) return {0, false};
        if (text.starts_with(boundary)) return at_boundary(0, boundary.size(), ends(text.substr(boundary.size()), is_all));
    }
    for (std::size_t at = find(work, text, boundary, before.size()); at != View::npos && work.steps(1); at = find(work, text, boundary, at + 1)) {
        const std::size_t begin = at - before.size();
        if (text.substr(begin, before.size()) == before)
            return at_boundary(begin, before.size() + boundary.size(), ends(text.substr(at + boundary.size()), is_all));
    }
    return {text.size() - beginning(work, text, before, boundary), false};
}

/// func bodySize(buffered []byte, lineEnd, boundary string, begins, all bool) (size int, ended bool)
std::pair<std::int64_t, bool> body_size(Call& call, std::span<const std::uint8_t> buffered, View line_end, View boundary, bool begins, bool is_all) {
    Work work(call);
    const View text(reinterpret_cast<const char*>(buffered.data()), buffered.size());
    const Extent extent = body_extent(work, text, line_end, boundary, begins, is_all);
    return {static_cast<std::int64_t>(extent.size), extent.ended};
}

}  // namespace

void bind_mime_multipart(Package& package) { package.function("bodySize", body_size); }

}  // namespace csp::stdlib
