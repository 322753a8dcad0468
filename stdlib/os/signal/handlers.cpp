// Signals are the process's, and a handler is told nothing but a number: so there is state of the process here, the only one
// of Csp. It comes into being with the first run that wants to hear of a signal.
//
// A handler sets a bit for each run that listens and writes to its event descriptor. It may run on any thread, at any time, also
// when the run has just ended; so the places of listeners are never freed, nor their descriptors closed: the next run
// gets them.

#include "stdlib/os/signal/handlers.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace csp::stdlib::signals {

namespace {

struct Place {
    std::atomic<Set> heard{0};
    std::atomic<Set> arrived{0};
    Set ignored = 0;
    bool taken = false;
    int event = -1;
    Place* next = nullptr;
};

struct Process {
    std::mutex mutex;  ///< Guards all but what handlers read: atomics, `next` and `event`, and `before` of what is replaced.
    std::atomic<Place*> places{nullptr};
    Set replaced = 0;
    std::array<struct sigaction, kMostSignals + 1> before{};
};
constinit Process process;

bool is_fault(int number) {
    return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL || number == SIGTRAP || number == SIGSYS;
}

void handle(int number, siginfo_t* info, void*) {
    const int error = errno;
    if (is_fault(number) && info->si_code > 0) {
        // Something is broken here, nobody has sent it. It happens again when this returns.
        ::sigaction(number, &process.before[static_cast<std::size_t>(number)], nullptr);
    } else {
        for (Place* place = process.places.load(std::memory_order_acquire); place != nullptr; place = place->next) {
            if ((place->heard.load() & only(number)) == 0) continue;
            place->arrived.fetch_or(only(number));
            const std::uint64_t one = 1;
            [[maybe_unused]] const ssize_t written = ::write(place->event, &one, sizeof one);
        }
    }
    errno = error;
}

/// Makes the process do with a signal what the listeners together want. The mutex is held.
void apply(int number) {
    Set heard = 0, unheard = 0;
    for (const Place* place = process.places.load(); place != nullptr; place = place->next) {
        heard |= place->heard.load();
        unheard |= place->ignored;
    }
    const Set bit = only(number);
    struct sigaction& before = process.before[static_cast<std::size_t>(number)];
    if (((heard | unheard) & bit) == 0) {
        if ((process.replaced & bit) != 0) ::sigaction(number, &before, nullptr);
        process.replaced &= ~bit;
        return;
    }
    if ((process.replaced & bit) == 0 && ::sigaction(number, nullptr, &before) < 0) return;
    process.replaced |= bit;
    struct sigaction action {};
    if ((heard & bit) != 0) {
        action.sa_sigaction = handle;
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        ::sigfillset(&action.sa_mask);
    } else {
        action.sa_handler = SIG_IGN;
    }
    ::sigaction(number, &action, nullptr);
}

class Registered final : public Listener {
  public:
    Registered() {
        const std::lock_guard lock(process.mutex);
        for (place_ = process.places.load(); place_ != nullptr && place_->taken;) place_ = place_->next;
        if (place_ == nullptr) {
            place_ = new Place;
            place_->next = process.places.load();
            process.places.store(place_, std::memory_order_release);
        }
        place_->taken = true;
    }
    ~Registered() override {
        set(0, 0);
        take();
        const std::lock_guard lock(process.mutex);
        place_->taken = false;
    }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

    void set(Set heard, Set unheard) override {
        const std::lock_guard lock(process.mutex);
        const Set changed = (place_->heard.load() ^ heard) | (place_->ignored ^ unheard);
        place_->heard.store(heard);
        place_->ignored = unheard;
        for (int number = 1; number <= kMostSignals; ++number)
            if ((changed & only(number)) != 0) apply(number);
    }

    Set take() override {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t read = ::read(place_->event, &count, sizeof count);
        return place_->arrived.exchange(0);
    }

    int event() override {
        const std::lock_guard lock(process.mutex);
        if (place_->event < 0) place_->event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return place_->event;
    }

  private:
    Place* place_ = nullptr;
};

}  // namespace

std::unique_ptr<Listener> listen() { return std::make_unique<Registered>(); }

bool is_heard(int number) {
    for (const Place* place = process.places.load(std::memory_order_acquire); place != nullptr; place = place->next)
        if ((place->heard.load() & only(number)) != 0) return true;
    return false;
}

Set ignored() {
    Set found = 0;
    for (int number = 1; number <= kMostSignals; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN)
            found |= only(number);
    }
    return found;
}

}  // namespace csp::stdlib::signals
