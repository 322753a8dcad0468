#pragma once

// Sorting in portions of work. What is short is left to the standard library's algorithms.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace sorting {

/// So many elements are sorted at once.
inline constexpr std::ptrdiff_t kRun = 4096;
/// Steps that a comparison and a move take.
inline constexpr std::uint64_t kSteps = 2;

/// Merges sorted neighbours from `from` into `to`, each `run` long.
template <class T, class Less>
bool merge_runs(Work& work, std::vector<T>& from, std::vector<T>& to, std::size_t run, Less less) {
    for (std::size_t begin = 0; begin < from.size(); begin += 2 * run) {
        const std::size_t middle = std::min(begin + run, from.size()), end = std::min(begin + 2 * run, from.size());
        for (std::size_t a = begin, b = middle, at = begin; at < end; ++at) {
            const bool second = a == middle || (b < end && less(from[b], from[a]));
            to[at] = std::move(from[second ? b++ : a++]);
            if (!work.steps(kSteps)) return false;
        }
    }
    return true;
}

/// Parts [first, last) around `pivot`; the answer is where the second part begins, which is neither first nor last.
template <class T, class Less>
T* partition(Work& work, T* first, T* last, const T pivot, Less less) {
    for (T *a = first, *b = last - 1;;) {
        while (less(*a, pivot)) ++a;
        while (less(pivot, *b)) --b;
        if (a >= b) return b + 1;
        std::swap(*a++, *b--);
        if (!work.steps(2 * kSteps)) return nullptr;
    }
}

}  // namespace sorting

/// Sorts so that what is equal stays in order. False, with anything in `items`: the run is being ended.
template <class T, class Less>
bool stable_sort(Work& work, std::vector<T>& items, Less less) {
    constexpr std::size_t kRun = sorting::kRun;
    for (std::size_t begin = 0; begin < items.size(); begin += kRun) {
        const std::size_t end = std::min(begin + kRun, items.size());
        std::stable_sort(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end), less);
        if (!work.steps((end - begin) * sorting::kSteps * std::bit_width(end - begin))) return false;
    }
    if (items.size() <= kRun) return true;
    std::vector<T> other(items.size());
    for (std::size_t run = kRun; run < items.size(); run *= 2) {
        if (!sorting::merge_runs(work, items, other, run, less)) return false;
        items.swap(other);
    }
    return true;
}

/// Sorts [first, last) by a strict weak order. False, with anything in there: the run is being ended.
template <class T, class Less>
bool sort(Work& work, T* first, T* last, Less less, int depth = 0) {
    constexpr int kMostDepth = 64;
    while (last - first > sorting::kRun) {
        if (depth++ > kMostDepth) {  // somebody knows how pivots are chosen
            std::vector<T> items(first, last);
            const bool done = stable_sort(work, items, less);
            std::copy(items.begin(), items.end(), first);
            return done;
        }
        const std::ptrdiff_t step = (last - first) / 9;
        T sample[9];
        for (std::ptrdiff_t i = 0; i < 9; ++i) sample[i] = first[i * step + step / 2];
        std::sort(std::begin(sample), std::end(sample), less);
        T* const second = sorting::partition(work, first, last, sample[4], less);
        if (second == nullptr || !sort(work, second, last, less, depth)) return false;
        last = second;
    }
    std::sort(first, last, less);
    const auto size = static_cast<std::size_t>(last - first);
    return work.steps(size / 4 * std::bit_width(size) * sorting::kSteps);
}

}  // namespace csp::stdlib
