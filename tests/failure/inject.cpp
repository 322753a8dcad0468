#include "tests/failure/inject.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace inject {

namespace {

std::atomic<std::int64_t> left{0};  ///< What is to succeed before the one that fails, and that one; 0 and less: nothing fails.
std::atomic<bool> failed{false};

bool fails() {
    if (left.load(std::memory_order_relaxed) <= 0 || left.fetch_sub(1, std::memory_order_relaxed) != 1) return false;
    failed.store(true, std::memory_order_relaxed);
    if (std::getenv("CSP_FAILURE_TRACE") != nullptr) {
        void* frames[64];
        backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
    }
    return true;
}

/// The function that this executable's one of the same name hides.
template <class Function>
Function* hidden(Function*, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

void arm(std::uint64_t nth) {
    failed.store(false, std::memory_order_relaxed);
    left.store(static_cast<std::int64_t>(nth), std::memory_order_relaxed);
}
bool disarm() {
    left.store(0, std::memory_order_relaxed);
    return failed.load(std::memory_order_relaxed);
}

}  // namespace inject

// The linker gives the engine's calls of malloc to __wrap_malloc (--wrap).
extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t count, std::size_t size);
void* __real_realloc(void* old, std::size_t size);
void* __wrap_malloc(std::size_t size) { return inject::fails() ? nullptr : __real_malloc(size); }
void* __wrap_calloc(std::size_t count, std::size_t size) { return inject::fails() ? nullptr : __real_calloc(count, size); }
void* __wrap_realloc(void* old, std::size_t size) { return inject::fails() ? nullptr : __real_realloc(old, size); }
}

namespace {

void* allocate(std::size_t size, std::size_t alignment) {
    if (inject::fails()) return nullptr;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return __real_malloc(size);
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}
void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    if (void* const memory = allocate(size, alignment)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t a) { return allocate_or_throw(size, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t size, std::align_val_t a) { return allocate_or_throw(size, static_cast<std::size_t>(a)); }
void* operator new(std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(size, static_cast<std::size_t>(a));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

// System calls, with the error that each of them may well answer.
extern "C" {

void* mmap(void* at, std::size_t size, int protection, int flags, int fd, off_t offset) noexcept {
    static const auto real = inject::hidden(&mmap, "mmap");
    if (!inject::fails()) return real(at, size, protection, flags, fd, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}
int mprotect(void* at, std::size_t size, int protection) noexcept {
    static const auto real = inject::hidden(&mprotect, "mprotect");
    if (!inject::fails()) return real(at, size, protection);
    errno = ENOMEM;
    return -1;
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*), void* argument) noexcept {
    static const auto real = inject::hidden(&pthread_create, "pthread_create");
    return inject::fails() ? EAGAIN : real(thread, attributes, entry, argument);
}
int memfd_create(const char* name, unsigned flags) noexcept {
    static const auto real = inject::hidden(&memfd_create, "memfd_create");
    if (!inject::fails()) return real(name, flags);
    errno = EMFILE;
    return -1;
}
int shm_open(const char* name, int flags, mode_t mode) {
    static const auto real = inject::hidden(&shm_open, "shm_open");
    if (!inject::fails()) return real(name, flags, mode);
    errno = EMFILE;
    return -1;
}
int ftruncate(int fd, off_t size) noexcept {
    static const auto real = inject::hidden(&ftruncate, "ftruncate");
    if (!inject::fails()) return real(fd, size);
    errno = ENOSPC;
    return -1;
}
long syscall(long number, ...) noexcept {
    using Call = long(long, long, long, long, long, long, long);
    static const auto real = reinterpret_cast<Call*>(dlsym(RTLD_NEXT, "syscall"));
    __builtin_va_list list;
    __builtin_va_start(list, number);
    long a[6];
    for (long& one : a) one = __builtin_va_arg(list, long);
    __builtin_va_end(list);
    if (!inject::fails()) return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    errno = ENOSYS;
    return -1;
}
int eventfd(unsigned value, int flags) noexcept {
    static const auto real = inject::hidden(&eventfd, "eventfd");
    if (!inject::fails()) return real(value, flags);
    errno = EMFILE;
    return -1;
}
int epoll_create1(int flags) noexcept {
    static const auto real = inject::hidden(&epoll_create1, "epoll_create1");
    if (!inject::fails()) return real(flags);
    errno = EMFILE;
    return -1;
}
int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
    static const auto real = inject::hidden(&epoll_ctl, "epoll_ctl");
    if (!inject::fails()) return real(epoll, operation, fd, event);
    errno = ENOSPC;
    return -1;
}
int timerfd_create(clockid_t clock, int flags) noexcept {
    static const auto real = inject::hidden(&timerfd_create, "timerfd_create");
    if (!inject::fails()) return real(clock, flags);
    errno = EMFILE;
    return -1;
}
int socket(int domain, int type, int protocol) noexcept {
    static const auto real = inject::hidden(&socket, "socket");
    if (!inject::fails()) return real(domain, type, protocol);
    errno = EMFILE;
    return -1;
}
int listen(int fd, int backlog) noexcept {
    static const auto real = inject::hidden(&listen, "listen");
    if (!inject::fails()) return real(fd, backlog);
    errno = EADDRINUSE;
    return -1;
}
int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
    static const auto real = inject::hidden(&accept4, "accept4");
    if (!inject::fails()) return real(fd, address, size, flags);
    errno = EMFILE;
    return -1;
}
int pipe2(int* ends, int flags) noexcept {
    static const auto real = inject::hidden(&pipe2, "pipe2");
    if (!inject::fails()) return real(ends, flags);
    errno = EMFILE;
    return -1;
}

}  // extern "C"
