#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/os/files.h"
#include "stdlib/support/results.h"

namespace csp::stdlib {

namespace {

Status arguments(Call& call, const NativeEntry&) {
    return put_texts(call, call.slots(), call.arguments()) ? Status::Ok : Status::Panic;
}

Status environment(Call& call, const NativeEntry&) {
    std::vector<std::string> entries;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return put_texts(call, call.slots(), entries) ? Status::Ok : Status::Panic;
}

/// The groups of the process, as text separated by spaces.
std::string groups() {
    std::vector<gid_t> ids(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    ids.resize(static_cast<std::size_t>(std::max(::getgroups(static_cast<int>(ids.size()), ids.data()), 0)));
    std::string text;
    for (const gid_t id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
    return text;
}

Status exit_process(Call& call, const NativeEntry&) { return call.exit(static_cast<int>(call.slots()[0])); }

}  // namespace

void bind_os(Package& package) {
    os::add_files(package);
    os::add_paths(package);
    os::add_directories(package);
    os::add_processes(package);
    os::add_roots(package);
    package.raw("arguments", arguments)
        .raw("Exit", exit_process)
        .raw("environ", environment)
        .function("Getpagesize", [] { return static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE)); })
        .function("groups", groups);
}

}  // namespace csp::stdlib
