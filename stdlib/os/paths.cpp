// Calls of the operating system on paths. They are made by the worker: they take no longer than a look at a directory.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

#include "stdlib/os/places.h"

namespace csp::stdlib::os {

namespace {

/// A call on a path, the first parameter, whose errno is the only result.
template <class Operation>
Status on_path(Call& call, Reach reach, Operation operation) {
    const Slot* s = call.slots();
    const Path path(text_at(s + 1));
    return answer(call, 0, at_path(call, reach, path, [&](const Place& place) { return operation(place, s + 3); }));
}

/// func stat(name string, follow bool, to *syscall.Stat_t) (code int)
Status stat_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Read, [](const Place& place, const Slot* s) {
        struct stat info {};
        const int code = stat_place(place, s[0] != 0, info);
        if (code == 0) std::memcpy(reinterpret_cast<void*>(s[1]), &info, sizeof info);
        return code;
    });
}

Status mkdir_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot* s) { return make_directory(place, static_cast<mode_t>(s[0])); });
}
Status unlink_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot*) { return remove_entry(place, false); });
}
Status remove_directory(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot*) { return remove_entry(place, true); });
}
Status chmod_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot* s) { return change_mode(place, static_cast<mode_t>(s[0])); });
}
Status chown_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot* s) {
        return change_owner(place, s[2] != 0, static_cast<uid_t>(s[0]), static_cast<gid_t>(s[1]));
    });
}
Status truncate_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot* s) { return truncate_file(place, static_cast<off_t>(s[0])); });
}

/// func chdir(name string) (code int): of the whole process.
Status enter_path(Call& call, const NativeEntry&) {
    const Path path(text_at(call.slots() + 1));
    if (!is_granted(call, Need::Process)) return refuse(call, 0);
    return answer(call, 0, !path.valid() || ::chdir(path.get()) < 0 ? errno : 0);
}

/// func chtimes(name string, atime, mtime int64, keepA, keepM bool) (code int): nanoseconds since 1970.
Status chtimes_path(Call& call, const NativeEntry&) {
    return on_path(call, Reach::Write, [](const Place& place, const Slot* s) {
        return change_times(place, {file_time(s[0], s[2] != 0), file_time(s[1], s[3] != 0)});
    });
}

/// Both may be changed then: the second name of a file that may only be read is no way to write to it.
Status on_both(Call& call, bool link) {
    const Slot* s = call.slots();
    const Path from(text_at(s + 1)), to(text_at(s + 3));
    if (!from.valid() || !to.valid()) return answer(call, 0, errno);
    return answer(call, 0, call.grants().files().at_both(from.get(), to.get(), [&](const Place& old_place, const Place& new_place) {
        return os::rename_place(old_place, new_place, link);
    }));
}
Status rename_path(Call& call, const NativeEntry&) { return on_both(call, false); }
Status link_path(Call& call, const NativeEntry&) { return on_both(call, true); }

/// func symlink(oldname, newname string) (code int)
Status symlink_path(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Path target(text_at(s + 1)), name(text_at(s + 3));
    if (!target.valid()) return answer(call, 0, errno);
    return answer(call, 0, at_path(call, Reach::Write, name, [&](const Place& place) {
        return make_link(call, place, target);
    }));
}

/// Puts a text and an errno, as (string, int).
Status put_text(Call& call, std::string_view text, int code) {
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    if (code == 0 && !call.put_string(s, text)) return Status::Panic;
    return answer(call, 2, code);
}

/// func readlink(name string) (target string, code int)
Status readlink_path(Call& call, const NativeEntry&) {
    const Path path(text_at(call.slots() + 3));
    std::string target;
    const int code = at_path(call, Reach::Read, path, [&](const Place& place) { return read_link(place, target); });
    return put_text(call, target, code);
}

/// func executable() (path string, code int)
Status executable(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::System)) return refuse(call, 2);
    std::string target;
    const int code = read_link({AT_FDCWD, "/proc/self/exe", false, false}, target);
    return put_text(call, target, code);
}

/// func getwd() (dir string, code int)
Status working_directory(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Read)) return refuse(call, 2);
    for (std::string path(256, '\0');; path.resize(path.size() * 2)) {
        if (::getcwd(path.data(), path.size()) != nullptr) return put_text(call, path.c_str(), 0);
        if (errno != ERANGE) return put_text(call, {}, errno);
    }
}

/// func hostname() (name string, code int)
Status host_name(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::System)) return refuse(call, 2);
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) < 0) return put_text(call, {}, errno);
    return put_text(call, name, 0);
}

}  // namespace

void add_paths(Package& package) {
    package.raw("stat", stat_path)
        .raw("mkdir", mkdir_path)
        .raw("unlink", unlink_path)
        .raw("rmdir", remove_directory)
        .raw("chmod", chmod_path)
        .raw("chown", chown_path)
        .raw("truncate", truncate_path)
        .raw("chdir", enter_path)
        .raw("chtimes", chtimes_path)
        .raw("rename", rename_path)
        .raw("link", link_path)
        .raw("symlink", symlink_path)
        .raw("readlink", readlink_path)
        .raw("executable", executable)
        .raw("getwd", working_directory)
        .raw("hostname", host_name);
}

}  // namespace csp::stdlib::os
