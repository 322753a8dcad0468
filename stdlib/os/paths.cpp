// Calls of the operating system on paths. They are made by the worker: they take no longer than a look at a directory.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "stdlib/os/files.h"

namespace csp::stdlib::os {

namespace {

/// A call on a path, whose errno is the only result; the path is the first parameter.
template <class Operation>
Status on_path(Call& call, Operation operation) {
    const Slot* s = call.slots();
    const Path path(text_at(s + 1));
    if (!path.valid()) return answer(call, 0, errno);
    return answer(call, 0, uninterrupted([&] { return operation(path.get(), s + 3); }) < 0 ? errno : 0);
}

/// The same on two.
template <class Operation>
Status on_paths(Call& call, Operation operation) {
    const Slot* s = call.slots();
    const Path from(text_at(s + 1)), to(text_at(s + 3));
    if (!from.valid() || !to.valid()) return answer(call, 0, errno);
    return answer(call, 0, uninterrupted([&] { return operation(from.get(), to.get()); }) < 0 ? errno : 0);
}

/// func stat(name string, follow bool, to *syscall.Stat_t) (code int)
Status stat_path(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) {
        struct stat info {};
        const int result = s[0] != 0 ? ::stat(path, &info) : ::lstat(path, &info);
        if (result == 0) std::memcpy(reinterpret_cast<void*>(s[1]), &info, sizeof info);
        return result;
    });
}

Status make_directory(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) { return ::mkdir(path, static_cast<mode_t>(s[0])); });
}
Status unlink_path(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot*) { return ::unlink(path); });
}
Status remove_directory(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot*) { return ::rmdir(path); });
}
Status change_mode(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) { return ::chmod(path, static_cast<mode_t>(s[0])); });
}
Status change_owner(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) {
        const auto user = static_cast<uid_t>(s[0]);
        const auto group = static_cast<gid_t>(s[1]);
        return s[2] != 0 ? ::chown(path, user, group) : ::lchown(path, user, group);
    });
}
Status truncate_path(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) { return ::truncate(path, static_cast<off_t>(s[0])); });
}
Status enter_path(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot*) { return ::chdir(path); });
}

/// func chtimes(name string, atime, mtime int64, keepA, keepM bool) (code int): nanoseconds since 1970.
Status change_times(Call& call, const NativeEntry&) {
    return on_path(call, [](const char* path, const Slot* s) {
        const timespec times[] = {file_time(s[0], s[2] != 0), file_time(s[1], s[3] != 0)};
        return ::utimensat(AT_FDCWD, path, times, 0);
    });
}

Status rename_path(Call& call, const NativeEntry&) { return on_paths(call, ::rename); }
Status link_path(Call& call, const NativeEntry&) { return on_paths(call, ::link); }
Status symlink_path(Call& call, const NativeEntry&) { return on_paths(call, ::symlink); }

/// Puts a text and an errno, as (string, int).
Status put_text(Call& call, std::string_view text, int code) {
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    if (code == 0 && !call.put_string(s, text)) return Status::Panic;
    return answer(call, 2, code);
}

/// func readlink(name string) (target string, code int)
Status read_link(Call& call, const NativeEntry&) {
    const Path path(text_at(call.slots() + 3));
    if (!path.valid()) return put_text(call, {}, errno);
    return put_link(call, [&](char* to, std::size_t size) { return ::readlink(path.get(), to, size); });
}

/// func getwd() (dir string, code int)
Status working_directory(Call& call, const NativeEntry&) {
    for (std::string path(256, '\0');; path.resize(path.size() * 2)) {
        if (::getcwd(path.data(), path.size()) != nullptr) return put_text(call, path.c_str(), 0);
        if (errno != ERANGE) return put_text(call, {}, errno);
    }
}

/// func hostname() (name string, code int)
Status host_name(Call& call, const NativeEntry&) {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) < 0) return put_text(call, {}, errno);
    return put_text(call, name, 0);
}

}  // namespace

void add_paths(Package& package) {
    package.raw("stat", stat_path)
        .raw("mkdir", make_directory)
        .raw("unlink", unlink_path)
        .raw("rmdir", remove_directory)
        .raw("chmod", change_mode)
        .raw("chown", change_owner)
        .raw("truncate", truncate_path)
        .raw("chdir", enter_path)
        .raw("chtimes", change_times)
        .raw("rename", rename_path)
        .raw("link", link_path)
        .raw("symlink", symlink_path)
        .raw("readlink", read_link)
        .raw("getwd", working_directory)
        .raw("hostname", host_name);
}

}  // namespace csp::stdlib::os
