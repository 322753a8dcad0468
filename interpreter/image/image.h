#pragma once

// Parsed packages in binary form, so that a program that imports the standard library does not parse it anew.
//
// An image is the source text and behind it the tree in preorder: a node is its kind (0: none), its position and
// the fields that ast::fields() lists. Numbers are LEB128; positions are distances from the one before; names and
// literals are places in the text. Images are made and read by the same build of Csp: there is no other promise.

#include <string>
#include <string_view>

#include "interpreter/ast/nodes.h"
#include "interpreter/source/source.h"
#include "runtime/base/arena.h"

namespace csp::image {

/// The image of a parsed file. `file` must be the source that `tree` was made from.
std::string write(const source::SourceFile& file, ast::File& tree);

/// The source text inside an image; empty when it is none.
std::string_view text_of(std::string_view image);

/// The tree of an image. `file` must have been made from text_of(image). Null when the bytes are no image.
/// The tree lives in `arena` and refers to the text of `file`.
ast::File* read(std::string_view image, const source::SourceFile& file, base::Arena& arena);

}  // namespace csp::image
