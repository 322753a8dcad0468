#pragma once

/// \file
/// Packages that scripts import: C++ functions, Csp source, or both.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/bind.hpp"
#include "csp/native.hpp"

namespace csp {

/// One package. Fill it, then give it to an Engine. A handle: copies share what it holds. Not thread-safe while it is
/// filled by hand; one with a Fill function may be given to any number of engines on any threads.
///
/// A function declared without a body in Csp source takes its C++ implementation from the entry of its
/// name ("Func", or "Type.Method"). Entries that the source does not declare become functions of the
/// package with the signature derived from the C++ type.
class Package {
  public:
    /// `path` is the import path; its last element is the package name.
    explicit Package(std::string path) : contents_(std::make_shared<Contents>()) { contents_->path = std::move(path); }

    using Fill = void (*)(Package& package);  ///< Adds what the package holds.
    /// A package that `fill` fills when a script first imports it, once; until then it costs nothing.
    Package(std::string path, Fill fill) : Package(std::move(path)) { contents_->fill = fill; }

    /// Binds a C++ function, function object or lambda of ordinary types (see bind.hpp).
    template <class F>
    Package& function(std::string name, F callable, std::string doc = {}) {
        using Bound = detail::Bound<F>;
        NativeEntry entry;
        entry.name = std::move(name);
        entry.signature = Bound::signature();
        entry.doc = std::move(doc);
        entry.invoke = &Bound::invoke;
        entry.returns_at_once = !Bound::kTakesCall;
        entry.callable = std::make_shared<const F>(std::move(callable));
        return add(std::move(entry));
    }
    /// For interfaces to other languages: binds a function that works on the call's slots itself and says its signature.
    Package& add(NativeEntry entry) {
        contents_->natives.push_back(std::move(entry));
        return *this;
    }

    /// Binds a function that works on the call's slots itself; it needs a declaration in Csp source.
    Package& raw(std::string name, NativeEntry::Invoke invoke) {
        NativeEntry entry;
        entry.name = std::move(name);
        entry.invoke = invoke;
        return add(std::move(entry));
    }

    /// Adds Csp source. `text` must outlive every engine that uses the package (a string literal does).
    Package& source(std::string file_name, std::string_view text) {
        contents_->sources.push_back({std::move(file_name), text, false});
        return *this;
    }
    /// The same, as an image made at build time.
    Package& image(std::string file_name, std::string_view bytes) {
        contents_->sources.push_back({std::move(file_name), bytes, true});
        return *this;
    }

    struct SourceText {
        std::string name;
        std::string_view text;
        bool is_image;
    };
    /// The import path.
    const std::string& path() const { return contents_->path; }
    /// The C++ functions; fills the package if that is to be done still.
    const std::vector<NativeEntry>& natives() const { return filled().natives; }
    /// The Csp source; the same.
    const std::vector<SourceText>& sources() const { return filled().sources; }

  private:
    struct Contents {
        std::string path;
        std::vector<NativeEntry> natives;
        std::vector<SourceText> sources;
        Fill fill = nullptr;
        std::once_flag once;
    };
    const Contents& filled() const {
        if (contents_->fill != nullptr)
            std::call_once(contents_->once, [this] {
                Package self(*this);
                contents_->fill(self);
            });
        return *contents_;
    }

    std::shared_ptr<Contents> contents_;
};

}  // namespace csp
