#include "runtime/sched/lone_worker.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

namespace csp::runtime {

namespace {
long membarrier(int command) { return ::syscall(__NR_membarrier, command, 0, 0); }
}  // namespace

LoneWorker::LoneWorker() : supported_(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0) {}

void LoneWorker::revoke() {
    if (!alone_.load(std::memory_order_relaxed)) return;
    alone_.store(false, std::memory_order_seq_cst);
    static_cast<void>(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));  // cannot fail once it has been registered
    while (busy_.load(std::memory_order_acquire)) std::this_thread::yield();
}

}  // namespace csp::runtime
