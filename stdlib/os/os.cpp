#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/os/files.h"
#include "stdlib/support/granted.h"
#include "stdlib/support/results.h"

namespace csp::stdlib {

namespace {

Status arguments(Call& call, const NativeEntry&) {
    return put_texts(call, call.slots(), call.arguments()) ? Status::Ok : Status::Panic;
}

Status environment(Call& call, const NativeEntry&) {
    std::vector<std::string> entries;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (call.grants().variable(text.substr(0, text.find('=')))) entries.emplace_back(text);
    }
    return put_texts(call, call.slots(), entries) ? Status::Ok : Status::Panic;
}

/// func groups() []int: of the process.
Status groups(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::System)) return put_numbers(call, call.slots(), {}) ? Status::Ok : Status::Panic;
    std::vector<gid_t> ids(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    ids.resize(static_cast<std::size_t>(std::max(::getgroups(static_cast<int>(ids.size()), ids.data()), 0)));
    return put_numbers(call, call.slots(), {ids.begin(), ids.end()}) ? Status::Ok : Status::Panic;
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
        .raw("groups", groups)
        .function("Getpagesize", [] { return static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE)); });
}

}  // namespace csp::stdlib
