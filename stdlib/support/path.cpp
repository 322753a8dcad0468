#include "stdlib/support/path.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/value/string_ops.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

/// Takes one rune off the front.
std::int32_t take_rune(View& text) {
    const auto rune = runtime::decode_rune(text);
    text.remove_prefix(static_cast<std::size_t>(rune.size));
    return rune.rune;
}

/// What a pattern is made of: perhaps a star, then text without stars.
struct Chunk {
    bool star = false;
    View text;
};

/// Takes the next chunk off the front of the pattern.
Chunk take_chunk(Work& work, View& pattern) {
    Chunk chunk;
    while (!pattern.empty() && pattern[0] == '*' && work.read(1)) {
        pattern.remove_prefix(1);
        chunk.star = true;
    }
    bool in_class = false;
    std::size_t at = 0;
    for (; at < pattern.size() && (in_class || pattern[at] != '*') && work.read(1); ++at) {
        if (pattern[at] == '\\') {
            if (at + 1 < pattern.size()) ++at;
        } else if (pattern[at] == '[') {
            in_class = true;
        } else if (pattern[at] == ']') {
            in_class = false;
        }
    }
    chunk.text = pattern.substr(0, at);
    pattern.remove_prefix(at);
    return chunk;
}

/// Takes one end of a range of a class; nothing: the pattern is malformed.
std::optional<std::int32_t> take_class_rune(View& chunk) {
    if (chunk.empty() || chunk[0] == '-' || chunk[0] == ']') return {};
    if (chunk[0] == '\\') {
        chunk.remove_prefix(1);
        if (chunk.empty()) return {};
    }
    const auto rune = runtime::decode_rune(chunk);
    if (rune.rune == 0xFFFD && rune.size == 1) return {};
    chunk.remove_prefix(static_cast<std::size_t>(rune.size));
    if (chunk.empty()) return {};
    return rune.rune;
}

/// Takes a class, whose bracket is taken already, off the chunk.
PathMatch match_class(Work& work, View& chunk, std::int32_t rune) {
    const bool negated = !chunk.empty() && chunk[0] == '^';
    if (negated) chunk.remove_prefix(1);
    bool found = false;
    for (int ranges = 0;; ++ranges) {
        if (!work.read(8)) return PathMatch::BadPattern;
        if (ranges > 0 && !chunk.empty() && chunk[0] == ']') break;
        const auto low = take_class_rune(chunk);
        if (!low) return PathMatch::BadPattern;
        auto high = low;
        if (chunk[0] == '-') {
            chunk.remove_prefix(1);
            high = take_class_rune(chunk);
            if (!high) return PathMatch::BadPattern;
        }
        found = found || (*low <= rune && rune <= *high);
    }
    chunk.remove_prefix(1);
    return found != negated ? PathMatch::Yes : PathMatch::No;
}

/// Whether `name` begins with what the chunk matches, which is then taken off it. Goes on after a mismatch, to see
/// whether the chunk is well-formed.
PathMatch match_chunk(Work& work, View chunk, View& name) {
    View rest = name;
    bool failed = false;
    while (!chunk.empty() && work.read(4)) {
        failed = failed || rest.empty();
        switch (chunk[0]) {
            case '[': {
                const std::int32_t rune = failed ? 0 : take_rune(rest);
                chunk.remove_prefix(1);
                const PathMatch in_class = match_class(work, chunk, rune);
                if (in_class == PathMatch::BadPattern) return in_class;
                failed = failed || in_class == PathMatch::No;
                break;
            }
            case '?':
                if (!failed) {
                    failed = rest[0] == '/';
                    take_rune(rest);
                }
                chunk.remove_prefix(1);
                break;
            case '\\':
                chunk.remove_prefix(1);
                if (chunk.empty()) return PathMatch::BadPattern;
                [[fallthrough]];
            default:
                if (!failed) {
                    failed = chunk[0] != rest[0];
                    rest.remove_prefix(1);
                }
                chunk.remove_prefix(1);
        }
    }
    if (failed) return PathMatch::No;
    name = rest;
    return PathMatch::Yes;
}

/// Matches a chunk behind a star, which takes as little as possible.
PathMatch match_starred(Work& work, View chunk, View rest_of_pattern, View& name) {
    for (std::size_t skipped = 0; skipped < name.size() && name[skipped] != '/' && work.read(4); ++skipped) {
        View rest = name.substr(skipped + 1);
        const PathMatch matched = match_chunk(work, chunk, rest);
        if (matched == PathMatch::BadPattern) return matched;
        if (matched == PathMatch::No || (rest_of_pattern.empty() && !rest.empty())) continue;
        name = rest;
        return PathMatch::Yes;
    }
    return PathMatch::No;
}

PathMatch rest_is_valid(Work& work, View pattern) {
    while (!pattern.empty() && !work.ended()) {
        View nothing;
        if (match_chunk(work, take_chunk(work, pattern).text, nothing) == PathMatch::BadPattern) return PathMatch::BadPattern;
    }
    return PathMatch::No;
}

}  // namespace

std::string clean_path(View path) {
    if (path.empty()) return ".";
    const bool rooted = path[0] == '/';
    std::string out = rooted ? "/" : "";
    std::size_t kept = out.size();  // ".." takes nothing off before here
    for (std::size_t at = rooted ? 1 : 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const View element = path.substr(at, end - at);
        at = end + 1;
        if (element.empty() || element == ".") continue;
        if (element == ".." && out.size() > kept) {
            const std::size_t slash = out.rfind('/');
            out.resize(slash == std::string::npos || slash < kept ? kept : slash);
            continue;
        }
        if (element == ".." && rooted) continue;
        if (out.size() > (rooted ? 1U : 0U)) out += '/';
        out += element;
        if (element == "..") kept = out.size();
    }
    return out.empty() ? "." : out;
}

PathMatch match_path(Work& work, View pattern, View name) {
    while (!pattern.empty() && work.steps(2)) {
        const Chunk chunk = take_chunk(work, pattern);
        if (chunk.star && chunk.text.empty()) return name.find('/') == View::npos ? PathMatch::Yes : PathMatch::No;
        View rest = name;
        PathMatch matched = match_chunk(work, chunk.text, rest);
        if (matched == PathMatch::Yes && (rest.empty() || !pattern.empty())) {
            name = rest;
            continue;
        }
        if (matched == PathMatch::BadPattern) return matched;
        matched = chunk.star ? match_starred(work, chunk.text, pattern, name) : PathMatch::No;
        if (matched == PathMatch::BadPattern) return matched;
        if (matched == PathMatch::No) return rest_is_valid(work, pattern);
    }
    return name.empty() ? PathMatch::Yes : PathMatch::No;
}

Status clean_path_native(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const View path = text_at(s + 2);
    Work work(call);
    work.holds(path.size());
    if (!work.read(2 * path.size())) return Status::Ended;
    s = call.slots();
    const std::string cleaned = clean_path(path);
    if (cleaned == path) {
        runtime::copy_pair(s, s + 2);
        return Status::Ok;
    }
    return call.put_string(s, cleaned) ? Status::Ok : Status::Panic;
}

Status match_path_native(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    Work work(call);
    const PathMatch answer = match_path(work, text_at(s + 1), text_at(s + 3));
    call.slots()[0] = static_cast<Slot>(answer);
    return Status::Ok;
}

Status join_path_native(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice elements = slice_at(s + 2);
    std::string joined;
    Work work(call);
    for (std::uint32_t i = 0; i < elements.size && work.steps(2); ++i) {
        Slot element[2];
        runtime::load_pair(element, static_cast<const Slot*>(elements.data) + std::size_t{2} * i);
        if (element[1] == 0) continue;
        if (!joined.empty()) joined += '/';
        joined += text_at(element);
        work.holds(2 * joined.size());
        work.read(2 * element[1]);
    }
    if (work.ended()) return Status::Ended;
    if (!joined.empty()) joined = clean_path(joined);
    return call.put_string(call.slots(), joined) ? Status::Ok : Status::Panic;
}

}  // namespace csp::stdlib
