// Accounts, as the system's databases have them: files, or a server somewhere, so every question runs beside the workers.

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/granted.h"
#include "stdlib/support/results.h"
#include "stdlib/support/system_calls.h"

namespace csp::stdlib {

namespace {

/// What is asked, by name or by number, and what is known of it.
struct Entry {
    std::string name;
    std::int64_t id = 0;
    bool by_name = false;

    bool found = false;
    int code = 0;  ///< An errno.
    std::int64_t number = 0, group = 0;
    std::vector<std::string> texts;
};

constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of an entry; large groups have many names

/// Calls `look` with buffers of growing size.
template <class Look>
void with_buffer(Entry& entry, Look look) {
    for (std::vector<char> buffer(1024); buffer.size() <= kMostBytes; buffer.resize(buffer.size() * 2)) {
        entry.code = look(buffer);
        if (entry.code == EINTR) continue;
        if (entry.code != ERANGE) break;
    }
    // How the databases say that there is no such entry.
    if (entry.code == ENOENT || entry.code == ESRCH || entry.code == EBADF || entry.code == EPERM) entry.code = 0;
}

std::string text(const char* value) { return value == nullptr ? std::string() : value; }

void find_user(Entry& entry) {
    with_buffer(entry, [&](std::vector<char>& buffer) {
        passwd user{};
        passwd* found = nullptr;
        const int code = entry.by_name ? ::getpwnam_r(entry.name.c_str(), &user, buffer.data(), buffer.size(), &found)
                                       : ::getpwuid_r(static_cast<uid_t>(entry.id), &user, buffer.data(), buffer.size(), &found);
        if (code == 0 && found != nullptr) {
            entry.found = true;
            entry.number = user.pw_uid;
            entry.group = user.pw_gid;
            entry.texts = {text(user.pw_name), text(user.pw_gecos), text(user.pw_dir)};
        }
        return code;
    });
}

void find_group(Entry& entry) {
    with_buffer(entry, [&](std::vector<char>& buffer) {
        group one{};
        group* found = nullptr;
        const int code = entry.by_name ? ::getgrnam_r(entry.name.c_str(), &one, buffer.data(), buffer.size(), &found)
                                       : ::getgrgid_r(static_cast<gid_t>(entry.id), &one, buffer.data(), buffer.size(), &found);
        if (code == 0 && found != nullptr) {
            entry.found = true;
            entry.number = one.gr_gid;
            entry.texts = {text(one.gr_name)};
        }
        return code;
    });
}

/// func(name string, id int, byName bool) (found bool, number, group int, texts []string, code int)
template <void (*find)(Entry&)>
Status look_up(Call& call, const NativeEntry&) {
    const Slot* in = call.slots() + 6;
    const auto entry = std::make_shared<Entry>();
    const std::string_view name = text_at(in);
    entry->id = static_cast<std::int64_t>(in[2]);
    entry->by_name = in[3] != 0;
    // What is no name of the databases, or no number, is not asked for.
    constexpr std::size_t kMostName = 4096;
    if (!is_granted(call, Need::System)) return refuse(call, 5);
    const bool askable = entry->by_name ? name.size() <= kMostName && name.find('\0') == std::string_view::npos
                                        : entry->id >= 0 && entry->id < std::numeric_limits<uid_t>::max();
    if (askable) {
        entry->name = name;
        if (const Status done = beside(call, [entry] { find(*entry); }); done != Status::Ok) return done;
    }
    Slot* s = call.slots();
    s[0] = entry->found;
    s[1] = static_cast<Slot>(entry->number);
    s[2] = static_cast<Slot>(entry->group);
    s[3] = s[4] = 0;
    s[5] = static_cast<Slot>(entry->code);
    return put_texts(call, s + 3, entry->texts) ? Status::Ok : Status::Panic;
}

/// func groupsOf(name string, gid int) []int
Status groups_of(Call& call, const NativeEntry&) {
    struct Membership {
        std::string name;
        gid_t group = 0;
        std::vector<std::int64_t> ids;
    };
    const Slot* in = call.slots() + 2;
    if (!is_granted(call, Need::System)) return put_numbers(call, call.slots(), {}) ? Status::Ok : Status::Panic;
    const auto of = std::make_shared<Membership>();
    const std::string_view name = text_at(in);
    of->name = name.substr(0, std::min(name.find('\0'), std::size_t{4096}));
    of->group = static_cast<gid_t>(in[2]);
    if (const Status done = beside(call, [of] {
            std::vector<gid_t> groups(64);
            auto count = static_cast<int>(groups.size());
            while (::getgrouplist(of->name.c_str(), of->group, groups.data(), &count) < 0 && groups.size() < kMostBytes) {
                groups.resize(std::max(groups.size() * 2, static_cast<std::size_t>(std::max(count, 0))));
                count = static_cast<int>(groups.size());
            }
            of->ids.assign(groups.begin(), groups.begin() + std::clamp(count, 0, static_cast<int>(groups.size())));
        }); done != Status::Ok) return done;
    call.slots()[0] = call.slots()[1] = 0;
    return put_numbers(call, call.slots(), of->ids) ? Status::Ok : Status::Panic;
}

}  // namespace

void bind_os_user(Package& package) {
    package.raw("findUser", look_up<find_user>).raw("findGroup", look_up<find_group>).raw("groupsOf", groups_of);
}

}  // namespace csp::stdlib
