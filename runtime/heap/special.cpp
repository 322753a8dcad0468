#include "runtime/heap/special.h"

#include <mutex>

namespace csp::runtime {

void Specials::set_finalizer(const void* object, Finalizer finalizer) {
    const std::lock_guard lock(lock_);
    const auto [begin, end] = finalizers_.equal_range(object);
    for (auto at = begin; at != end; ++at) {
        if (at->second.id != 0) continue;
        if (finalizer.function == nullptr)
            finalizers_.erase(at);
        else
            at->second.what = finalizer;
        return;
    }
    if (finalizer.function != nullptr) finalizers_.emplace(object, Entry{finalizer, 0});
}

std::uint64_t Specials::add_cleanup(const void* object, Finalizer cleanup) {
    const std::lock_guard lock(lock_);
    const std::uint64_t id = next_id_++;
    finalizers_.emplace(object, Entry{cleanup, id});
    return id;
}

void Specials::remove_cleanup(std::uint64_t id) {
    const std::lock_guard lock(lock_);
    std::erase_if(finalizers_, [id](const auto& entry) { return entry.second.id == id; });
}

WeakReference* Specials::weak(const void* object) {
    const std::lock_guard lock(lock_);
    WeakReference*& reference = weak_[object];
    if (reference == nullptr) {
        reference = &references_.emplace_back();
        reference->object.store(reinterpret_cast<Slot>(object), std::memory_order_relaxed);
    }
    return reference;
}

void Specials::scan_roots(Scanner& scanner) const {
    const std::lock_guard lock(lock_);
    for (const auto& [object, entry] : finalizers_) {
        scanner.pointer(entry.what.function);
        if (entry.id == 0) scanner.contents(object);
    }
}

bool Specials::is_marked(const void* object) const {
    const Span* const span = pages_.find(object);
    return span == nullptr || span->is_marked(span->index_of(static_cast<const char*>(object)));
}

void Specials::process(Scanner& scanner, std::vector<Finalizer>& ready) {
    const std::lock_guard lock(lock_);
    std::erase_if(weak_, [this](const auto& entry) {
        if (is_marked(entry.first)) return false;
        entry.second->object.store(0, std::memory_order_relaxed);
        return true;
    });
    // All are found before any is marked, since one object may be reachable from another.
    std::vector<std::unordered_multimap<const void*, Entry>::iterator> dead;
    for (auto at = finalizers_.begin(); at != finalizers_.end(); ++at)
        if (!is_marked(at->first)) dead.push_back(at);
    for (const auto& at : dead) {
        ready.push_back(at->second.what);
        scanner.pointer(at->second.what.object);
        scanner.pointer(at->second.what.function);
        finalizers_.erase(at);
    }
}

}  // namespace csp::runtime
