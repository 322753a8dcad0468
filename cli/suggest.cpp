#include "suggest.h"

#include <algorithm>

namespace csp::cli {

namespace {

/// Letters to insert, drop or change; case counts for nothing.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string closest(std::string_view wanted, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = wanted.size() < 4 ? 2 : 3;
    for (const std::string& candidate : candidates) {
        const std::string_view last = std::string_view(candidate).substr(candidate.rfind('/') + 1);
        const std::size_t d = std::min(distance(wanted, candidate), distance(wanted, last));
        if (d >= least) continue;
        least = d;
        best = candidate;
    }
    return best;
}

}  // namespace csp::cli
