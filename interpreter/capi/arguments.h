#pragma once

// What the functions of the C interface check of their arguments, and the exclusive use of what they work on.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "csp/csp.h"

namespace csp::capi {

inline bool valid(csp_string text) { return text.size == 0 || (text.data != nullptr && text.size <= PTRDIFF_MAX); }
inline std::string_view view(csp_string text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline csp_string string_of(std::string_view text) { return {text.data(), text.size()}; }

/// More than any struct of any version has: a `size` beyond it was never set.
constexpr std::size_t kMaxStruct = 4096;

/// Reads a struct whose first member is its size for the caller, who may have an older or newer header.
template <class T>
bool read_struct(const T* from, T& to) {
    const std::size_t size = from->size;
    if (size < sizeof from->size || size > kMaxStruct) return false;
    const auto* const bytes = reinterpret_cast<const char*>(from);
    if (size > sizeof(T) && !std::all_of(bytes + sizeof(T), bytes + size, [](char c) { return c == 0; })) return false;
    std::memset(static_cast<void*>(&to), 0, sizeof to);
    std::memcpy(static_cast<void*>(&to), bytes, std::min(size, sizeof to));
    return true;
}

/// Writes one that the caller has told the size of.
template <class T>
bool write_struct(T from, T* to) {
    const std::size_t size = to->size;
    if (size < sizeof from.size || size > kMaxStruct) return false;
    from.size = size;
    std::memcpy(static_cast<void*>(to), &from, std::min(size, sizeof from));
    if (size > sizeof from) std::memset(reinterpret_cast<char*>(to) + sizeof from, 0, size - sizeof from);
    return true;
}

/// Something that one call at a time uses.
class Exclusive {
  public:
    class Use {
      public:
        explicit Use(Exclusive& of) : of_(of), entered_(!of.used_.exchange(true, std::memory_order_acquire)) {}
        ~Use() {
            if (entered_) of_.used_.store(false, std::memory_order_release);
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        explicit operator bool() const { return entered_; }

      private:
        Exclusive& of_;
        bool entered_;
    };

  private:
    std::atomic<bool> used_{false};
};

/// What callbacks get. It is given back when the last who may call them is gone.
class UserData {
  public:
    explicit UserData(void* data) : data_(data) {}
    ~UserData() {
        if (destroy_ != nullptr) destroy_(data_);
    }
    UserData(const UserData&) = delete;
    UserData& operator=(const UserData&) = delete;

    void* get() const { return data_; }
    /// From now on it is ours.
    void own(void (*destroy)(void*)) { destroy_ = destroy; }

  private:
    void* data_;
    void (*destroy_)(void*) = nullptr;
};

}  // namespace csp::capi
