#pragma once

// A question to the system's resolver, with its answer.

#include <cstdint>
#include <string>
#include <vector>

namespace csp::stdlib {

/// The numbers are in lookup.csp, too.
enum class Outcome : std::int64_t { Found, NotFound, Temporary, TimedOut, Failed, NotGranted };

struct Question {
    std::string name = {};                    ///< Asked for; afterwards the one it stands for.
    std::int64_t kind = 0;                    ///< A family or a record type; of services and protocols the answer.
    std::vector<std::string> texts = {};      ///< The answer: addresses or names ...
    std::vector<std::int64_t> numbers = {};   ///< ... and the numbers of the records.
    Outcome outcome = Outcome::Found;
    std::string failure = {};
};

/// Asks the name servers for records of type `kind` (records.cpp).
void query_records(Question& question);

}  // namespace csp::stdlib
