#pragma once

// A bump allocator for things that live and die together: syntax trees, types, constants.
// Destructors never run, so only trivially destructible things may be made in it.

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace csp::base {

class Arena {
  public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Returns `size` bytes aligned to `align` (a power of two, at most 16); lives as long as the arena.
    void* allocate(std::size_t size, std::size_t align) {
        std::size_t start = (used_ + align - 1) & ~(align - 1);
        if (chunks_.empty() || start + size > capacity_) {
            add_chunk(size);
            start = 0;
        }
        used_ = start + size;
        return chunks_.back().get() + start;
    }

    template <class T, class... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>, "arena objects are never destroyed");
        return new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }

    /// Copies `items` into the arena.
    template <class T>
    std::span<T> copy(const std::vector<T>& items) {
        return copy(std::span<const T>(items));
    }
    template <class T>
    std::span<T> copy(std::span<const T> items) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (items.empty()) return {};
        T* to = static_cast<T*>(allocate(sizeof(T) * items.size(), alignof(T)));
        std::memcpy(static_cast<void*>(to), items.data(), sizeof(T) * items.size());
        return {to, items.size()};
    }

    std::string_view copy(std::string_view text) {
        if (text.empty()) return {};
        char* to = static_cast<char*>(allocate(text.size(), 1));
        std::memcpy(to, text.data(), text.size());
        return {to, text.size()};
    }

  private:
    static constexpr std::size_t kChunk = 64 * 1024;

    void add_chunk(std::size_t at_least) {
        const std::size_t capacity = at_least > kChunk ? at_least : kChunk;
        chunks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[capacity]));
        capacity_ = capacity;
        used_ = 0;
    }

    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::size_t used_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace csp::base
