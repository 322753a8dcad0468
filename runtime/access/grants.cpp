#include "runtime/access/grants.h"

#include <algorithm>
#include <array>
#include <utility>

namespace csp::runtime {

namespace {

struct Words {
    std::string_view word;
    Need need;
    std::string_view why_not;
};

constexpr auto kNeeds = std::to_array<Words>({
    {"nothing", Need::Nothing, ""},
    {"read", Need::Read, "the host gives scripts no folders to read"},
    {"write", Need::Write, "the host gives scripts no folders to write"},
    {"dial", Need::Dial, "the host gives scripts no addresses to dial"},
    {"listen", Need::Listen, "the host gives scripts no addresses to listen on"},
    {"environment", Need::Environment, "the host gives scripts no variables of the environment"},
    {"input", Need::Input, "the host does not let scripts read standard input"},
    {"exec", Need::Exec, "the host does not let scripts start processes, or signal them"},
    {"process", Need::Process, "the host does not let scripts change its process"},
    {"system", Need::System, "the host does not let scripts ask about the system"},
});

/// A trailing star stands for whatever follows.
bool matches(const std::string& pattern, std::string_view name) {
    return pattern.ends_with('*') ? name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1)) : name == pattern;
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return matches(pattern, name); });
}

FileGrants socket_paths(const AddressGrants& addresses, std::string_view kind, std::vector<std::string>& problems) {
    FileGrants paths;
    paths.add(addresses.all() ? std::vector<std::string>{"/"} : addresses.paths(), kind, Reach::Write, problems);
    return paths;
}

}  // namespace

std::optional<Need> need_named(std::string_view word) {
    const auto* found = std::find_if(kNeeds.begin(), kNeeds.end(), [&](const Words& one) { return one.word == word; });
    return found == kNeeds.end() ? std::nullopt : std::optional(found->need);
}

std::string_view Grants::why_not(Need need) {
    return std::find_if(kNeeds.begin(), kNeeds.end(), [&](const Words& one) { return one.need == need; })->why_not;
}

Grants::Grants(const Access& access)
    : access_(access), dial_(access.dial, "dial", problems_), listen_(access.listen, "listen", problems_) {
    files_.add(access.read, "read", Reach::Read, problems_);
    files_.add(access.write, "write", Reach::Write, problems_);
    dial_paths_ = socket_paths(dial_, "dial", problems_);
    listen_paths_ = socket_paths(listen_, "listen", problems_);
    has_all_ = std::all_of(kNeeds.begin(), kNeeds.end(), [this](const Words& one) { return has(one.need); });
}

bool Grants::has(Need need) const {
    switch (need) {
        case Need::Nothing: return true;
        case Need::Read: return files_.any(Reach::Read);
        case Need::Write: return files_.any(Reach::Write);
        case Need::Dial: return dial_.any();
        case Need::Listen: return listen_.any();
        case Need::Environment: return !access_.environment.empty();
        case Need::Input: return access_.input;
        case Need::Exec: return access_.exec;
        case Need::Process: return access_.process;
        case Need::System: return access_.system;
    }
    return false;
}

bool Grants::imports(std::string_view path) const { return !access_.packages || any_matches(*access_.packages, path); }

bool Grants::variable(std::string_view name) const { return any_matches(access_.environment, name); }

}  // namespace csp::runtime
