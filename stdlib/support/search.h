#pragma once

// Searching and comparing texts of any size, in portions of work.

#include <cstddef>
#include <string_view>

#include "stdlib/support/work.h"

namespace csp::stdlib {

/// Where `sub` stands first at or behind `from`; npos: nowhere, or the run is being ended.
std::size_t find(Work& work, std::string_view s, std::string_view sub, std::size_t from = 0);
std::size_t find(Work& work, std::string_view s, char c);
/// Where it stands last.
std::size_t find_last(Work& work, std::string_view s, std::string_view sub);
std::size_t find_last(Work& work, std::string_view s, char c);
/// -1, 0 or 1; and whether they are the same.
int compare(Work& work, std::string_view a, std::string_view b);
inline bool equal(Work& work, std::string_view a, std::string_view b) { return a.size() == b.size() && compare(work, a, b) == 0; }
inline bool starts_with(Work& work, std::string_view s, std::string_view prefix) {
    return s.size() >= prefix.size() && compare(work, s.substr(0, prefix.size()), prefix) == 0;
}
inline bool ends_with(Work& work, std::string_view s, std::string_view suffix) {
    return s.size() >= suffix.size() && compare(work, s.substr(s.size() - suffix.size()), suffix) == 0;
}
/// Copies and fills as memcpy and memset do. False: the run is being ended.
bool copy(Work& work, char* to, std::string_view from);
bool fill(Work& work, char* to, std::size_t size, char with);

}  // namespace csp::stdlib
