#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// Results: a number, if there is one, and an errno.
Status finish(Call& call, std::size_t at, std::int64_t number, int code) {
    Slot* s = call.slots();
    if (at == 1) s[0] = static_cast<Slot>(number);
    s[at] = static_cast<Slot>(code);
    return Status::Ok;
}

Status write_file(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const auto fd = static_cast<int>(s[2]);
    const std::string_view bytes = bytes_at(s + 3);
    if (fd == 1 || fd == 2) {
        call.write(fd, bytes);
        return finish(call, 1, static_cast<std::int64_t>(bytes.size()), 0);
    }
    std::size_t done = 0;
    int code = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (n < 0) {
            if (errno == EINTR) continue;
            code = errno;
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    return finish(call, 1, static_cast<std::int64_t>(done), code);
}

Status open_file(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const std::string name(text_at(s + 2));
    const int fd = ::open(name.c_str(), static_cast<int>(s[4]) | O_CLOEXEC, static_cast<mode_t>(s[5]));
    return finish(call, 1, fd, fd < 0 ? errno : 0);
}

Status close_file(Call& call, const NativeEntry&) {
    const auto fd = static_cast<int>(call.slots()[1]);
    return finish(call, 0, 0, ::close(fd) < 0 ? errno : 0);
}

Status remove_file(Call& call, const NativeEntry&) {
    const std::string name(text_at(call.slots() + 1));
    return finish(call, 0, 0, std::remove(name.c_str()) < 0 ? errno : 0);
}

/// func syncFile(fd int) (code int)
Status sync_file(Call& call, const NativeEntry&) {
    const auto fd = static_cast<int>(call.slots()[1]);
    const auto code = std::make_shared<int>(0);
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->run_blocking(g, [code, fd] { *code = ::fsync(fd) < 0 ? errno : 0; });
    if (g.resume == runtime::Resume::Cancelled) return Status::Ended;
    return finish(call, 0, 0, *code);
}

/// Puts texts as the []string result.
Status put_strings(Call& call, const std::vector<std::string>& texts) {
    Slot* array = call.allocate_strings(texts.size());
    if (array == nullptr) return Status::Panic;
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (!call.put_string(array + i * 2, texts[i])) return Status::Panic;
    const auto count = static_cast<std::uint32_t>(texts.size());
    put_slice(call.slots(), {array, count, count});
    return Status::Ok;
}

Status arguments(Call& call, const NativeEntry&) { return put_strings(call, call.arguments()); }

Status environment(Call& call, const NativeEntry&) {
    std::vector<std::string> entries;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return put_strings(call, entries);
}

Status exit_process(Call& call, const NativeEntry&) { return call.exit(static_cast<int>(call.slots()[0])); }

}  // namespace

void bind_os(Package& package) {
    package.raw("write", write_file)
        .raw("syncFile", sync_file)
        .raw("open", open_file)
        .raw("closeFile", close_file)
        .raw("remove", remove_file)
        .raw("arguments", arguments)
        .raw("Exit", exit_process)
        .raw("environ", environment);
    package.function("Getpid", [] { return static_cast<std::int64_t>(::getpid()); });
}

}  // namespace csp::stdlib
