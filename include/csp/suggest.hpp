#pragma once

/// \file
/// Which name somebody may have meant who wrote one that there is not.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace csp {

/// Finds the candidate most like a name, among those at most two letters off (one, for names shorter than four letters):
/// letters to insert, drop or change (Levenshtein distance). The first of equals wins. The name must outlive it.
class Closest {
  public:
    /// `name` is what was written.
    explicit Closest(std::string_view name) : name_(name), least_(name.size() < 4 ? 2 : 3) {}

    /// A candidate that best() calls as it is.
    void offer(std::string_view candidate) { offer(candidate, candidate); }
    /// A candidate that best() calls `shown`.
    void offer(std::string_view candidate, std::string_view shown) {
        const std::size_t d = distance(candidate);
        if (d >= least_) return;
        least_ = d;
        best_ = shown;
    }
    /// Empty when none is close.
    const std::string& best() const { return best_; }

  private:
    std::size_t distance(std::string_view candidate) const {
        std::vector<std::size_t> row(candidate.size() + 1);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= name_.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= candidate.size(); ++j) {
                const std::size_t above = row[j];
                row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (name_[i - 1] == candidate[j - 1] ? 0 : 1)});
                diagonal = above;
            }
        }
        return row[candidate.size()];
    }

    std::string_view name_;
    std::size_t least_;
    std::string best_;
};

}  // namespace csp
