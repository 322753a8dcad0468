#pragma once

// Packages in folders beside the main one: found by the nearest csp.mod or go.mod, whose module line names the folder
// it stands in. Nothing is fetched.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <csp/csp.hpp>

namespace csp::cli {

class Modules final : public ModuleLoader {
  public:
    /// Looks for the module that `folder` belongs to, in it and in the folders above.
    explicit Modules(const std::filesystem::path& folder);

    std::optional<std::vector<Source>> load(std::string_view path) override;
    std::vector<std::string> available() override;

    /// The import path of a folder of the module; none outside of it.
    std::optional<std::string> path_of(const std::filesystem::path& folder) const;

  private:
    /// The part of an import path behind the module's; none when it is another's.
    std::optional<std::string> within(std::string_view path) const;

    std::filesystem::path root_;  ///< Empty: there is no module.
    std::string module_;          ///< Empty: paths are relative to root_.
};

/// The names of a folder's .csp and .go files, tests left out, in order.
std::vector<std::filesystem::path> source_files(const std::filesystem::path& folder);
/// The names of its tests, *_test.csp and *_test.go.
std::vector<std::filesystem::path> test_files(const std::filesystem::path& folder);

}  // namespace csp::cli
