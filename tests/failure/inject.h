#pragma once

// Makes allocations and system calls fail. Linked into a test executable, this takes the place of operator new, and stands
// before malloc and the system calls that the engine and the libraries below it make.

#include <cstdint>

namespace inject {

/// From now on, `nth` of what can fail, counted from 1 and on all threads together, fails. Once.
void arm(std::uint64_t nth);
/// From now on nothing fails. True if something has, since arm().
bool disarm();

}  // namespace inject
