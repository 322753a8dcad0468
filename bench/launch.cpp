// Runs a command and writes its wall time, peak memory and exit status to a file.
//
// A program of its own because the kernel counts the memory of the process that starts another as the
// peak of the new one, until it has more itself: started from Python, nothing seems smaller than 15 MiB.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char** environ;

namespace {

double now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Starts the command with `mask` as its signal mask; 0 if that is not possible.
pid_t start(char** command, const sigset_t& mask) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int error = posix_spawnp(&child, command[0], nullptr, &attributes, command, environ);
    posix_spawnattr_destroy(&attributes);
    return error == 0 ? child : 0;
}

/// Waits until the child has ended and kills it after so many seconds. Returns false if it had to.
bool wait_within(pid_t child, long seconds, const sigset_t& child_signal, int* status, rusage* usage) {
    const timespec patience{seconds, 0};
    const bool ended = sigtimedwait(&child_signal, nullptr, &patience) == SIGCHLD;
    if (!ended) kill(child, SIGKILL);
    wait4(child, status, 0, usage);
    return ended;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: csp_bench_launch REPORT LIMIT_IN_SECONDS COMMAND...\n");
        return 2;
    }
    sigset_t child_signal;
    sigset_t before;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_signal, &before);

    const double begin = now();
    const pid_t child = start(argv + 3, before);
    if (child == 0) {
        std::fprintf(stderr, "csp_bench_launch: cannot start %s\n", argv[3]);
        return 2;
    }
    int status = 0;
    rusage usage{};
    const bool ended = wait_within(child, std::atol(argv[2]), child_signal, &status, &usage);
    const double took = now() - begin;

    std::FILE* report = std::fopen(argv[1], "w");
    if (report == nullptr) return 2;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    std::fprintf(report, "{\"seconds\": %.6f, \"peak\": %ld, \"status\": %d, \"in_time\": %s}\n", took,
                 usage.ru_maxrss * 1024L, code, ended ? "true" : "false");
    return std::fclose(report) == 0 ? 0 : 2;
}
