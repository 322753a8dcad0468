// csp_parse_bench FILE: tokens per second, the first time (ANTLR learns its decisions) and after that.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "interpreter/parse/lexer.h"
#include "interpreter/parse/parse.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: csp_parse_bench FILE\n");
        return 2;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    csp::diag::Sink sink;
    csp::source::SourceSet sources;
    const csp::source::SourceFile& file = sources.add(argv[1], text);
    const std::size_t tokens = csp::parse::scan(file, sink, {}).size();
    const auto seconds = [&] {
        csp::base::Arena arena;
        const auto start = std::chrono::steady_clock::now();
        csp::parse::parse_file(file, arena, sink);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const double cold = seconds();
    double warm = cold;
    for (int i = 0; i < 10; ++i) warm = std::min(warm, seconds());
    if (!sink.empty()) {
        std::fprintf(stderr, "%s does not parse\n", argv[1]);
        return 1;
    }
    std::printf("parse                   %zu tokens; cold %.2f million tokens/s, warm %.2f million tokens/s\n", tokens,
                static_cast<double>(tokens) / cold / 1e6, static_cast<double>(tokens) / warm / 1e6);
    return 0;
}
