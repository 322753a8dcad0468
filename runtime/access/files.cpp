#include "runtime/access/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace csp::runtime {

namespace {

std::string working_directory() {
    const std::unique_ptr<char, decltype(&std::free)> path(::getcwd(nullptr, 0), &std::free);
    return path == nullptr ? std::string() : std::string(path.get());
}

std::string without_links(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    return real == nullptr ? std::string() : std::string(real.get());
}

const char* why(int code) { return ::strerrordesc_np(code); }

/// Drops "." and slashes that are too many; with `fold`, also names before "..", whatever they may lead to.
std::string tidy(std::string_view path, bool fold) {
    std::string out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view name = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (name.empty() || name == ".") continue;
        if (fold && name == "..") {
            out.resize(out.empty() ? 0 : out.rfind('/'));
            continue;
        }
        out += '/';
        out += name;
    }
    return out;
}

}  // namespace

const int FileGrants::kWorkingDirectory = AT_FDCWD;

void FileGrants::add(const std::vector<std::string>& entries, std::string_view kind, Reach reach, std::vector<std::string>& problems) {
    for (const std::string& name : entries)
        if (const char* why = add(name, reach == Reach::Write)) problems.push_back(std::string(kind) + " \"" + name + "\": " + why);
    // Of one and the same folder, the grant that allows more comes first.
    std::stable_sort(grants_.begin(), grants_.end(), [](const Grant& a, const Grant& b) {
        const std::size_t left = a.names.back().size() + a.only.size(), right = b.names.back().size() + b.only.size();
        return left != right ? left > right : a.writable && !b.writable;
    });
}

const char* FileGrants::add(const std::string& name, bool writable) {
    if (name.empty() || name.find('\0') != std::string::npos) return "not a path";
    const std::string spelled = tidy(name[0] == '/' ? name : working_directory() + "/" + name, true);
    if (spelled.empty()) {
        (writable ? all_write_ : all_read_) = true;
        return nullptr;
    }
    Grant grant;
    grant.writable = writable;
    std::string real = without_links(spelled);
    struct stat info {};
    std::string folder = real;
    if (real.empty() || (::stat(real.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))) {
        // A file, which need not be there yet.
        if (real.empty() && errno != ENOENT) return why(errno);
        if (real.empty()) {
            const std::size_t slash = spelled.rfind('/');
            folder = without_links(spelled.substr(0, std::max<std::size_t>(slash, 1)));
            if (folder.empty()) return why(errno);
            grant.only = spelled.substr(slash + 1);
            real = (folder == "/" ? "" : folder) + "/" + grant.only;
        } else {
            const std::size_t slash = real.rfind('/');
            folder = real.substr(0, std::max<std::size_t>(slash, 1));
            grant.only = real.substr(slash + 1);
        }
    }
    grant.directory = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (grant.directory.get() < 0) return why(errno);
    grant.names = {spelled, real == "/" ? std::string() : real};
    writable_ = writable_ || writable;
    grants_.push_back(std::move(grant));
    return nullptr;
}

const char* FileGrants::Grant::rest_of(const std::string& full) const {
    for (const std::string& name : names) {
        if (!full.starts_with(name)) continue;
        if (full.size() == name.size()) return only.empty() ? "." : only.c_str();
        if (full[name.size()] != '/' || !only.empty()) continue;
        const char* rest = full.c_str() + name.size() + 1;
        return *rest == '\0' ? "./" : rest;
    }
    return nullptr;
}

/// The path from the root on. What is below a granted folder is left as it is, for the kernel to resolve; ".." only goes where the
/// path begins with it, behind the working directory, in which there are no links.
std::string FileGrants::absolute(std::string_view path) {
    const bool directory = path.ends_with('/') || path.ends_with("/.");
    std::string base;
    if (!path.starts_with('/')) {
        base = working_directory();
        for (;;) {
            if (path.starts_with("./")) {
                path.remove_prefix(2);
            } else if (path == ".." || path.starts_with("../")) {
                base.resize(base.empty() ? 0 : base.rfind('/'));
                path.remove_prefix(std::min<std::size_t>(3, path.size()));
            } else {
                break;
            }
            while (path.starts_with('/')) path.remove_prefix(1);
        }
        if (path.empty() || path == ".") return base;
    }
    std::string full = base == "/" ? tidy(path, false) : base + tidy(path, false);
    if (directory) full += '/';
    return full;
}

}  // namespace csp::runtime
