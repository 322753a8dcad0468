#pragma once

/// \file
/// Packages that scripts import: C++ functions, Csp source, or both.

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/bind.hpp"
#include "csp/native.hpp"

namespace csp {

/// One package. Fill it, then give it to an Engine; a plain value, not thread-safe while it is filled.
///
/// A function declared without a body in Csp source takes its C++ implementation from the entry of its
/// name ("Func", or "Type.Method"). Entries that the source does not declare become functions of the
/// package with the signature derived from the C++ type.
class Package {
  public:
    /// `path` is the import path; its last element is the package name.
    explicit Package(std::string path) : path_(std::move(path)) {}

    /// Binds a C++ function, function object or lambda of ordinary types (see bind.hpp).
    template <class F>
    Package& function(std::string name, F callable, std::string doc = {}) {
        using Bound = detail::Bound<F>;
        NativeEntry entry;
        entry.name = std::move(name);
        entry.signature = Bound::signature();
        entry.doc = std::move(doc);
        entry.invoke = &Bound::invoke;
        entry.callable = std::make_shared<const F>(std::move(callable));
        natives_.push_back(std::move(entry));
        return *this;
    }

    /// Binds a function that works on the call's slots itself; it needs a declaration in Csp source.
    Package& raw(std::string name, NativeEntry::Invoke invoke) {
        NativeEntry entry;
        entry.name = std::move(name);
        entry.invoke = invoke;
        natives_.push_back(std::move(entry));
        return *this;
    }

    /// Adds Csp source. `text` must outlive every engine that uses the package (a string literal does).
    Package& source(std::string file_name, std::string_view text) {
        sources_.push_back({std::move(file_name), text, false});
        return *this;
    }
    /// The same, as an image made at build time.
    Package& image(std::string file_name, std::string_view bytes) {
        sources_.push_back({std::move(file_name), bytes, true});
        return *this;
    }

    struct SourceText {
        std::string name;
        std::string_view text;
        bool is_image;
    };
    const std::string& path() const { return path_; }
    const std::vector<NativeEntry>& natives() const { return natives_; }
    const std::vector<SourceText>& sources() const { return sources_; }

  private:
    std::string path_;
    std::vector<NativeEntry> natives_;
    std::vector<SourceText> sources_;
};

}  // namespace csp
