// Files below a directory (os.Root). The kernel itself resolves each path beneath the directory (openat2), so no symbolic
// link nor ".." leads out of it, whoever renames what meanwhile. A root in a folder that may only be read changes nothing.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "stdlib/os/places.h"

namespace csp::stdlib::os {

namespace {

using runtime::Netpoll;

/// Calls `operation` with the Place of a path below a root, whose id and path are in the parameters from `at` on, and with
/// those behind them.
template <class Operation>
int below(Call& call, std::size_t at, Reach reach, Operation operation) {
    const Slot* s = call.slots() + at;
    const Netpoll::Use root = netpoll(call).use(s[0]);
    const Path path(text_at(s + 1));
    if (!root) return kClosed;
    if (!path.valid()) return errno;
    if (reach == Reach::Write && root.read_only()) return runtime::kNotGranted;
    return operation(Place{root.fd(), path.get(), true, !root.read_only()}, s + 3);
}
/// The same, when an errno is the only result.
template <class Operation>
Status answer_below(Call& call, Reach reach, Operation operation) {
    return answer(call, 0, below(call, 1, reach, operation));
}

/// Gives a directory to the netpoll, which `open` opens. Results: id uint64, code int.
template <class Open>
Status take_directory(Call& call, Open open) {
    Opening opening(O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    bool writable = false;
    int code = open([&](const Place& place) {
        writable = place.writable;
        return opening.open(place);
    });
    Slot* s = call.slots();
    s[0] = code == 0 ? netpoll(call).add(opening.release(), code, !writable) : 0;
    return answer(call, 1, code);
}

/// func openRoot(name string) (id uint64, code int)
Status open_root(Call& call, const NativeEntry&) {
    const Path path(text_at(call.slots() + 2));
    return take_directory(call, [&](auto open) {
        const int code = at_path(call, Reach::Write, path, open);
        return code == runtime::kNotGranted ? at_path(call, Reach::Read, path, open) : code;
    });
}

/// func rootOpenDirectory(root uint64, name string) (id uint64, code int)
Status root_open_directory(Call& call, const NativeEntry&) {
    return take_directory(call, [&](auto open) {
        return below(call, 2, Reach::Read, [&](const Place& place, const Slot*) { return open(place); });
    });
}

/// func rootOpen(root uint64, name string, flag int, perm uint32) (id uint64, pollable bool, code int)
Status root_open(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    Opening opening(static_cast<int>(s[6]), static_cast<mode_t>(s[7]));
    const int code = below(call, 3, opening.reach(), [&](const Place& place, const Slot*) { return opening.open(place); });
    return opening.finish(call, code, runtime::kEscapes);
}

/// func rootStat(root uint64, name string, follow bool, to *syscall.Stat_t) (code int)
Status root_stat(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Read, [](const Place& place, const Slot* s) {
        struct stat info {};
        const int code = stat_place(place, s[0] != 0, info);
        if (code == 0) std::memcpy(reinterpret_cast<void*>(s[1]), &info, sizeof info);
        return code;
    });
}

/// func statEntry(directory uint64, name string, to *syscall.Stat_t) (code int): of an entry, not of what a link leads to.
Status stat_entry(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Read, [](const Place& place, const Slot* s) {
        struct stat info {};
        const int code = stat_place(place, false, info);
        if (code == 0) std::memcpy(reinterpret_cast<void*>(s[0]), &info, sizeof info);
        return code;
    });
}

/// func rootReadlink(root uint64, name string) (target string, code int)
Status root_readlink(Call& call, const NativeEntry&) {
    std::string target;
    const int code = below(call, 3, Reach::Read, [&](const Place& place, const Slot*) { return read_link(place, target); });
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    if (code == 0 && !call.put_string(s, target)) return Status::Panic;
    return answer(call, 2, code);
}

/// func rootChmod(root uint64, name string, mode uint32) (code int)
Status root_chmod(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& place, const Slot* s) { return change_mode(place, static_cast<mode_t>(s[0])); });
}

/// func rootChown(root uint64, name string, follow bool, uid, gid int) (code int)
Status root_chown(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& place, const Slot* s) {
        return change_owner(place, s[0] != 0, static_cast<uid_t>(s[1]), static_cast<gid_t>(s[2]));
    });
}

/// func rootChtimes(root uint64, name string, atime, mtime int64, keepA, keepM bool) (code int)
Status root_chtimes(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& place, const Slot* s) {
        return change_times(place, {file_time(s[0], s[2] != 0), file_time(s[1], s[3] != 0)});
    });
}

/// func rootMkdir(root uint64, name string, perm uint32) (code int)
Status root_mkdir(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& place, const Slot* s) { return make_directory(place, static_cast<mode_t>(s[0])); });
}

/// func rootUnlink(root uint64, name string, directory bool) (code int)
Status root_unlink(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& place, const Slot* s) { return remove_entry(place, s[0] != 0); });
}

/// func rootSymlink(root uint64, name, target string) (code int)
Status root_symlink(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [&](const Place& place, const Slot* s) {
        const Path target(text_at(s));
        return target.valid() ? make_link(call, place, target) : errno;
    });
}

/// func rootRename(root uint64, from, to string, link bool) (code int): or makes another name for the same file.
Status root_rename(Call& call, const NativeEntry&) {
    return answer_below(call, Reach::Write, [](const Place& from, const Slot* s) {
        const Path to(text_at(s));
        return to.valid() ? rename_place(from, {from.directory, to.get(), true, true}, s[2] != 0) : errno;
    });
}

}  // namespace

void add_roots(Package& package) {
    package.raw("openRoot", open_root)
        .raw("rootOpen", root_open)
        .raw("rootOpenDirectory", root_open_directory)
        .raw("rootStat", root_stat)
        .raw("statEntry", stat_entry)
        .raw("rootReadlink", root_readlink)
        .raw("rootChmod", root_chmod)
        .raw("rootChown", root_chown)
        .raw("rootChtimes", root_chtimes)
        .raw("rootMkdir", root_mkdir)
        .raw("rootUnlink", root_unlink)
        .raw("rootSymlink", root_symlink)
        .raw("rootRename", root_rename);
}

}  // namespace csp::stdlib::os
