#include "interpreter/source/source.h"

#include <algorithm>

namespace csp::source {

std::string to_string(const Position& position) {
    return std::string(position.file) + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

SourceFile::SourceFile(std::string name, std::unique_ptr<const std::string> owned, std::string_view text,
                       std::uint32_t base)
    : name_(std::move(name)), owned_(std::move(owned)), text_(text), base_(base) {
    line_starts_.push_back(0);
    for (std::size_t i = text_.find('\n'); i != std::string_view::npos; i = text_.find('\n', i + 1))
        line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
}

Position SourceFile::position(Pos pos) const {
    const auto at = static_cast<std::uint32_t>(offset(pos));
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), at);
    const auto line = next - line_starts_.begin();
    const auto start = *(next - 1);
    return {name_, static_cast<int>(line), static_cast<int>(at - start + 1)};
}

std::string_view SourceFile::line_text(int line) const {
    if (line < 1 || static_cast<std::size_t>(line) > line_starts_.size()) return {};
    const std::size_t start = line_starts_[static_cast<std::size_t>(line) - 1];
    std::string_view rest = text_.substr(start);
    rest = rest.substr(0, rest.find('\n'));
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    return rest;
}

SourceFile& SourceSet::add(std::string name, std::string text) {
    auto owned = std::make_unique<const std::string>(std::move(text));
    const std::string_view view = *owned;
    return add(std::move(name), std::move(owned), view);
}

SourceFile& SourceSet::add_view(std::string name, std::string_view text) { return add(std::move(name), nullptr, text); }

SourceFile& SourceSet::add(std::string name, std::unique_ptr<const std::string> owned, std::string_view text) {
    // One byte between files, so that the end of one is not the beginning of the next.
    const std::uint32_t base = files_.empty() ? 1 : files_.back()->end() + 1;
    files_.push_back(std::make_unique<SourceFile>(std::move(name), std::move(owned), text, base));
    return *files_.back();
}

const SourceFile* SourceSet::file(Pos pos) const {
    if (!pos.known()) return nullptr;
    const auto next = std::upper_bound(
        files_.begin(), files_.end(), pos.value(),
        [](std::uint32_t value, const auto& file) { return value < file->base(); });
    return next == files_.begin() ? nullptr : (next - 1)->get();
}

Position SourceSet::position(Pos pos) const {
    const SourceFile* in = file(pos);
    return in == nullptr ? Position{} : in->position(pos);
}

}  // namespace csp::source
