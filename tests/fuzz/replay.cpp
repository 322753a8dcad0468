// Runs a fuzz target without libFuzzer: on the inputs of the folders given, and with --seconds=N on changed ones, too.
// Knows nothing of coverage, so it finds little that is new; it sees that nothing found before comes back.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/target.h"

extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int*, char***);

namespace {

using Input = std::vector<std::uint8_t>;

std::vector<Input> read_folder(const char* folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<Input> inputs;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return inputs;
}

/// Where the input goes that crashes, for who looks for the reason.
void attempt(const Input& input, const char* last) {
    if (last != nullptr) {
        std::ofstream out(last, std::ios::binary);
        out.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    }
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

Input change(const std::vector<Input>& inputs, std::minstd_rand& random) {
    const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
    const Input& first = inputs[below(inputs.size())];
    const Input& second = inputs[below(inputs.size())];
    Input out(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(below(first.size() + 1)));
    const std::size_t rest = random() % 2 ? out.size() : below(second.size() + 1);
    out.insert(out.end(), second.begin() + static_cast<std::ptrdiff_t>(std::min(rest, second.size())), second.end());
    for (std::size_t n = below(4); n > 0 && !out.empty(); --n) out[below(out.size())] = static_cast<std::uint8_t>(random());
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
    std::chrono::seconds seconds{0};
    const char* last = nullptr;
    std::vector<Input> inputs;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument.starts_with("--seconds=")) {
            seconds = std::chrono::seconds(std::atoi(argv[i] + 10));
        } else if (argument.starts_with("--last=")) {
            last = argv[i] + 7;
        } else if (!argument.starts_with("--")) {
            for (Input& input : read_folder(argv[i])) inputs.push_back(std::move(input));
        }
    }
    for (const Input& input : inputs) attempt(input, last);
    std::size_t tried = inputs.size();
    std::minstd_rand random(1);
    const auto end = std::chrono::steady_clock::now() + seconds;
    for (; !inputs.empty() && std::chrono::steady_clock::now() < end; ++tried) attempt(change(inputs, random), last);
    std::printf("%zu inputs\n", tried);
    return 0;
}
