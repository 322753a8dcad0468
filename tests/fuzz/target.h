#pragma once

// What a fuzz target defines: a file in targets/ is one, and finds what is wrong by crashing. tests/fuzz/run.py builds
// them all and runs them guided by coverage; without libFuzzer they are linked with replay.cpp.

#include <cstddef>
#include <cstdint>

extern "C" {

/// Tries one input. Returns 0, or -1 for one that is not worth keeping.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
/// Optional: sees the arguments before the first input. Those that begin with "--" are the target's own.
int LLVMFuzzerInitialize(int* argc, char*** argv);
/// Optional: changes an input in place; returns its new size.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);

}  // extern "C"
