#pragma once

// Source files and positions. A position is one 32-bit number, so that every node and every
// instruction can carry one: files are laid one behind another in a single space of offsets.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace csp::source {

/// A place in a SourceSet; the default value is "nowhere".
class Pos {
  public:
    constexpr Pos() = default;
    constexpr explicit Pos(std::uint32_t value) : value_(value) {}
    constexpr std::uint32_t value() const { return value_; }
    constexpr bool known() const { return value_ != 0; }
    constexpr Pos operator+(std::uint32_t bytes) const { return Pos(value_ + bytes); }
    constexpr auto operator<=>(const Pos&) const = default;

  private:
    std::uint32_t value_ = 0;
};

/// A position for people. Lines and columns count from 1; columns count bytes, as Go's do.
struct Position {
    std::string_view file;
    int line = 0;
    int column = 0;
};

/// "file:line:column"
std::string to_string(const Position& position);

/// One source text with the table of its lines.
class SourceFile {
  public:
    /// `text` is a view of `owned`, or of something that lives as long as the file.
    SourceFile(std::string name, std::unique_ptr<const std::string> owned, std::string_view text, std::uint32_t base);

    const std::string& name() const { return name_; }
    std::string_view text() const { return text_; }
    /// The position of byte `offset` (0 ≤ offset ≤ size of the text).
    Pos pos(std::size_t offset) const { return Pos(base_ + static_cast<std::uint32_t>(offset)); }
    std::size_t offset(Pos pos) const { return pos.value() - base_; }
    std::uint32_t base() const { return base_; }
    std::uint32_t end() const { return base_ + static_cast<std::uint32_t>(text_.size()); }
    Position position(Pos pos) const;
    /// The text of line `line` (from 1), without its line end.
    std::string_view line_text(int line) const;

  private:
    std::string name_;
    std::unique_ptr<const std::string> owned_;
    std::string_view text_;
    std::uint32_t base_;
    std::vector<std::uint32_t> line_starts_;
};

/// The files of one compilation. Files keep their address; texts and names live as long as the set.
class SourceSet {
  public:
    SourceFile& add(std::string name, std::string text);
    /// The same without a copy: `text` must live as long as the set.
    SourceFile& add_view(std::string name, std::string_view text);
    /// The file that holds `pos`, or null when `pos` is nowhere.
    const SourceFile* file(Pos pos) const;
    /// An empty Position when `pos` is nowhere.
    Position position(Pos pos) const;

  private:
    SourceFile& add(std::string name, std::unique_ptr<const std::string> owned, std::string_view text);

    std::vector<std::unique_ptr<SourceFile>> files_;
};

}  // namespace csp::source
