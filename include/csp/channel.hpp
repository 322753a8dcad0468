#pragma once

/// \file
/// Channels that threads of the host share with goroutines.
///
///     csp::Channel<std::string> jobs(100);
///     instance->call<void>("Start", jobs);      // func Start(jobs <-chan string)
///     jobs.send("first");                       // from any thread of the host
///
/// To scripts it is a `chan T` like any other: send, receive, range, select, close, len and cap are as usual. A script gets it
/// as an argument of a call, as the result of a host function, or from that in a package variable. T is what bind.hpp has for
/// numbers, bool, std::string (string), and std::vector<std::uint8_t> ([]byte); values are copied.
///
/// It belongs to the first run or instance that gets it. Before, it buffers only. When that goes, what is still in it can be
/// received; apart from that all operations answer Transfer::Gone, also those under way.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/bind.hpp"

namespace csp {

/// How an operation on a Channel has ended.
enum class Transfer : std::uint8_t {
    Done,
    Closed,       ///< Sending and closing: it has been closed. Receiving: that, and there is nothing left in it.
    Busy,         ///< It would have had to wait: try_send(), try_receive(), and whatever is called by a function that a script has called.
    TimedOut,
    Stopped,      ///< By the stop token.
    Gone,         ///< With the run or instance that it belonged to.
    OutOfMemory,  ///< The script's memory has no room for the value.
};

/// What has been received, or why nothing has.
template <class T>
struct Received {
    std::optional<T> value;  ///< None, unless `how` is Done.
    Transfer how = Transfer::Done;  ///< Done: there is a value.
    explicit operator bool() const { return value.has_value(); }  ///< There is a value.
    T& operator*() { return *value; }  ///< The value that there is.
    const T& operator*() const { return *value; }  ///< The value that there is.
};

template <class T>
class Channel;

namespace detail {

class ChannelCore;
class HostCall;
struct InstanceState;

template <class T>
inline constexpr bool kIsChannel = false;
template <class T>
inline constexpr bool kIsChannel<Channel<T>> = true;

/// A value on its way.
struct ChannelValue {
    Slot word = 0;      ///< Of a number or bool.
    std::string bytes;  ///< Of a string or []byte.
};

/// How long an operation may wait.
struct ChannelWait {
    bool may_wait = true;
    std::optional<std::chrono::steady_clock::time_point> until;
    std::stop_token stop;
};

/// The host's hold on a channel; goroutines wait for the host as long as there is one.
class ChannelHandle {
  public:
    /// `element`: its type, as scripts write it.
    ChannelHandle(std::string_view element, std::size_t capacity);
    ~ChannelHandle();
    ChannelHandle(const ChannelHandle&) = delete;
    ChannelHandle& operator=(const ChannelHandle&) = delete;

    Transfer send(ChannelValue& value, const ChannelWait& wait);
    Transfer receive(ChannelValue& value, const ChannelWait& wait);
    Transfer close();
    std::size_t size();
    std::size_t capacity() const;
    /// Makes it the calling run's, and puts it into a slot. False: a panic is under way.
    [[nodiscard]] bool put(Call& call, Slot* to);
    /// The same for an argument of a call by the host; false, with `error`.
    bool enter(InstanceState& instance, Slot* to, std::string& error);

  private:
    std::shared_ptr<ChannelCore> core_;
};

}  // namespace detail

/// A handle: copies are the same channel. Any thread, and any number of them at once, may use it. An operation called by a
/// function that a script has called never waits, for it would keep the script from running.
template <class T>
class Channel {
  public:
    /// `capacity`: how many values it holds that have not been received; with 0 a sender waits for a receiver.
    explicit Channel(std::size_t capacity = 0)
        : handle_(std::make_shared<detail::ChannelHandle>(detail::Convert<T>::type(), capacity)) {}

    /// Waits while it is full.
    Transfer send(T value, std::stop_token stop = {}) { return put(std::move(value), {true, {}, std::move(stop)}); }
    /// As send(), but not for longer than that.
    Transfer send_for(T value, std::chrono::nanoseconds most, std::stop_token stop = {}) {
        return put(std::move(value), {true, until(most), std::move(stop)});
    }
    Transfer try_send(T value) { return put(std::move(value), {false, {}, {}}); }  ///< As send(), but never waits.

    /// Waits while it is empty.
    Received<T> receive(std::stop_token stop = {}) { return get({true, {}, std::move(stop)}); }
    /// As receive(), but not for longer than that.
    Received<T> receive_for(std::chrono::nanoseconds most, std::stop_token stop = {}) {
        return get({true, until(most), std::move(stop)});
    }
    Received<T> try_receive() { return get({false, {}, {}}); }  ///< As receive(), but never waits.

    /// Nothing can be sent any more; what is in it can be received.
    Transfer close() { return handle_->close(); }
    /// How many values are in it.
    std::size_t size() const { return handle_->size(); }
    std::size_t capacity() const { return handle_->capacity(); }  ///< What it was made with.

  private:
    friend struct detail::Convert<Channel>;
    friend class detail::HostCall;
    static constexpr bool kIsWord = std::is_arithmetic_v<T>;
    static_assert(kIsWord || std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::uint8_t>>,
                  "channels carry numbers, bool, std::string and std::vector<std::uint8_t>");

    static std::chrono::steady_clock::time_point until(std::chrono::nanoseconds most) {
        const auto now = std::chrono::steady_clock::now();
        const auto never = std::chrono::steady_clock::time_point::max();
        return most > never - now ? never : now + most;
    }
    Transfer put(T value, const detail::ChannelWait& wait) {
        detail::ChannelValue out;
        if constexpr (std::is_floating_point_v<T>)
            std::memcpy(&out.word, &value, sizeof value);
        else if constexpr (std::is_signed_v<T>)
            out.word = static_cast<Slot>(static_cast<std::int64_t>(value));
        else if constexpr (kIsWord)
            out.word = static_cast<Slot>(value);
        else if constexpr (std::is_same_v<T, std::string>)
            out.bytes = std::move(value);
        else
            out.bytes.assign(value.begin(), value.end());
        return handle_->send(out, wait);
    }
    Received<T> get(const detail::ChannelWait& wait) {
        detail::ChannelValue in;
        Received<T> received;
        received.how = handle_->receive(in, wait);
        if (received.how != Transfer::Done) return received;
        if constexpr (kIsWord)
            received.value = detail::Convert<T>::get(&in.word);
        else if constexpr (std::is_same_v<T, std::string>)
            received.value = std::move(in.bytes);
        else
            received.value.emplace(in.bytes.begin(), in.bytes.end());
        return received;
    }

    std::shared_ptr<detail::ChannelHandle> handle_;
};

namespace detail {

/// Results of host functions, and arguments of calls by the host.
template <class T>
struct Convert<Channel<T>> {
    static constexpr std::size_t slots = 1;
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame, const Channel<T>& value) {
        return value.handle_->put(call, frame + at);
    }
    static std::string type() { return "chan " + Convert<T>::type(); }
};

}  // namespace detail

}  // namespace csp
