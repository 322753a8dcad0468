// Images of parsed packages: bytes that are none are refused, and a tree that was read can be written and read again. An
// input is an image, or a source text, a zero byte, and changes of its image: three bytes each, for place and value.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "interpreter/image/format.h"
#include "interpreter/image/image.h"
#include "interpreter/parse/parse.h"
#include "tests/fuzz/target.h"

using namespace csp;

namespace {

std::string changed_image(std::string_view text, std::string_view changes) {
    source::SourceSet sources;
    base::Arena arena;
    diag::Sink sink;
    const source::SourceFile& file = sources.add("fuzz.csp", std::string(text));
    ast::File* tree = parse::parse_file(file, arena, sink);
    if (tree == nullptr || !sink.empty()) return {};
    std::string image = image::write(file, *tree);
    // The text at the beginning is not worth a change.
    const std::size_t tree_at = text.size();
    for (; changes.size() >= 3; changes.remove_prefix(3)) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(changes[i]); };
        const std::size_t at = tree_at + (byte(0) | std::size_t{byte(1)} << 8);
        if (at < image.size()) image[at] = changes[2];
    }
    return image;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::string image(bytes);
    if (!bytes.starts_with(image::kMagic)) {
        const std::size_t zero = std::min(bytes.find('\0'), size);
        image = changed_image(bytes.substr(0, zero), bytes.substr(std::min(zero + 1, size)));
    }
    source::SourceSet sources;
    base::Arena arena;
    const source::SourceFile& file = sources.add_view("fuzz.csp", image::text_of(image));
    ast::File* tree = image::read(image, file, arena);
    if (tree == nullptr) return 0;
    const std::string written = image::write(file, *tree);
    ast::File* again = image::read(written, file, arena);
    if (again == nullptr || image::write(file, *again) != written) std::abort();
    return 0;
}
