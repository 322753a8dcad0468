#pragma once

/// \file
/// What scripts may reach outside of their engine.

#include <optional>
#include <string>
#include <vector>

namespace csp {

/// What a host grants its scripts. The default: nothing. What is not granted does not exist for the program: using it is an
/// error at compile time, at the place of use. What is granted in part (other files are) fails at run time with an error
/// whose text is "not granted", of which errors.Is(err, fs.ErrPermission) says yes.
///
/// Folders are looked up when the engine is made, and stay the same ones however they are renamed. Below them, neither symbolic
/// links nor ".." lead out. An entry that cannot be understood, or whose folder is not there, is an error of every program
/// (Engine::compile) and grants nothing.
///
/// Only what scripts do through the standard library is meant; functions of the host do what they do.
struct Access {
    /// Import paths that programs may import; "encoding/*" is all below. None: all that the engine has. Packages may import
    /// each other, and there is no need to name those of Options::modules.
    std::optional<std::vector<std::string>> packages;

    std::vector<std::string> read;   ///< Folders with all below, or single files, that may be read. "/": all.
    std::vector<std::string> write;  ///< The same, that may be read and changed. "/": all, and no look at paths costs anything.

    /// Whom scripts may connect to and send to: "host:port". The host is a name, an IP address ("[::1]:80"), a prefix
    /// ("10.0.0.0/8:443") or "*"; the port is a number, a range ("8000-8099") or "*". Names are looked up by the system; other
    /// names are only looked up where a host is an address, a prefix or "*", and then it is the address that counts. A path is
    /// a Unix socket, or a folder with such. "*": everybody.
    std::vector<std::string> dial;
    /// Where scripts may listen, written the same way. Port 0 is one that the system chooses; "*" as a host is every address of
    /// the machine, also all at once (":80").
    std::vector<std::string> listen;

    std::vector<std::string> environment;  ///< Names of variables that may be read; "LC_*": all that begin so.

    bool input = false;    ///< Reading the process's standard input. Options::input is for scripts to read without it.
    bool exec = false;     ///< Starting processes, which are not confined to anything, and sending signals to others.
    bool process = false;  ///< The host's process itself: its working directory, signals that it gets, its open descriptors.
    bool system = false;   ///< Facts: names and numbers of the machine, its network interfaces, its users and this process.

    /// What the csp command gives its scripts: everything.
    static Access everything() {
        Access all;
        all.read = all.write = {"/"};
        all.dial = all.listen = all.environment = {"*"};
        all.input = all.exec = all.process = all.system = true;
        return all;
    }
};

}  // namespace csp
