#include "suggest.h"

#include "csp/suggest.hpp"

namespace csp::cli {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
    return out;
}

}  // namespace

std::string closest(std::string_view wanted, const std::vector<std::string>& candidates) {
    const std::string name = lower(wanted);
    Closest closest(name);
    for (const std::string& candidate : candidates) {
        const std::string text = lower(candidate);
        closest.offer(text, candidate);
        closest.offer(std::string_view(text).substr(text.rfind('/') + 1), candidate);
    }
    return closest.best();
}

}  // namespace csp::cli
