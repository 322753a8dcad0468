#include "runtime/sched/goroutine.h"

#include "runtime/sched/timers.h"

namespace csp::runtime {

Goroutine::Goroutine() = default;
Goroutine::~Goroutine() = default;

void Goroutine::wait_in_bubble() {
    waits_in_bubble = true;
    worker->note_bubble_wait(*bubble);
}

const char* text(WaitReason reason) {
    switch (reason) {
        case WaitReason::None: return "runnable";
        case WaitReason::ChanReceive: return "chan receive";
        case WaitReason::ChanReceiveNil: return "chan receive (nil chan)";
        case WaitReason::ChanSend: return "chan send";
        case WaitReason::ChanSendNil: return "chan send (nil chan)";
        case WaitReason::Select: return "select";
        case WaitReason::SelectNoCases: return "select (no cases)";
        case WaitReason::Sleep: return "sleep";
        case WaitReason::MutexLock: return "sync.Mutex.Lock";
        case WaitReason::RWMutexRLock: return "sync.RWMutex.RLock";
        case WaitReason::RWMutexLock: return "sync.RWMutex.Lock";
        case WaitReason::WaitGroupWait: return "sync.WaitGroup.Wait";
        case WaitReason::CondWait: return "sync.Cond.Wait";
        case WaitReason::SemaphoreAcquire: return "semacquire";
        case WaitReason::Io: return "IO wait";
        case WaitReason::SyncBlock: return "sync block";
        case WaitReason::Native: return "native call";
        case WaitReason::BubbleRun: return "synctest.Run";
        case WaitReason::BubbleWait: return "synctest.Wait";
    }
    return "unknown";
}

}  // namespace csp::runtime
