// On OpenSSL's functions for one algorithm each: unlike its EVP interface they show their state, which so can be in the
// script's memory, copied, marshaled and collected there.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

template <class T>
T big_endian(const unsigned char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    if constexpr (std::endian::native == std::endian::big) return value;
    return sizeof(T) == 4 ? static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)))
                          : static_cast<T>(__builtin_bswap64(value));
}
template <class T>
void put_big_endian(unsigned char* to, T value) {
    const T swapped = big_endian<T>(reinterpret_cast<const unsigned char*>(&value));
    std::memcpy(to, &swapped, sizeof swapped);
}

// What the algorithms differ in. The chaining value of the first two consists of single members. A `Whole` is the algorithm
// of which others are a part of the result, from another initial value.

struct Md5 {
    using Whole = Md5;
    using Context = MD5_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t kWords = 4, kBlock = 64;
    static auto words(Context& c) { return std::array{&c.A, &c.B, &c.C, &c.D}; }
    static unsigned char* block(Context& c) { return reinterpret_cast<unsigned char*>(c.data); }
    static void begin(Context& c) { MD5_Init(&c); }
    static void update(Context& c, std::string_view data) { MD5_Update(&c, data.data(), data.size()); }
    static void finish(Context& c, unsigned char* sum) { MD5_Final(sum, &c); }
};

struct Sha1 {
    using Whole = Sha1;
    using Context = SHA_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t kWords = 5, kBlock = 64;
    static auto words(Context& c) { return std::array{&c.h0, &c.h1, &c.h2, &c.h3, &c.h4}; }
    static unsigned char* block(Context& c) { return reinterpret_cast<unsigned char*>(c.data); }
    static void begin(Context& c) { SHA1_Init(&c); }
    static void update(Context& c, std::string_view data) { SHA1_Update(&c, data.data(), data.size()); }
    static void finish(Context& c, unsigned char* sum) { SHA1_Final(sum, &c); }
};

template <class T>
std::array<T*, 8> addresses(T (&h)[8]) {
    return {&h[0], &h[1], &h[2], &h[3], &h[4], &h[5], &h[6], &h[7]};
}

struct Sha256 {
    using Whole = Sha256;
    using Context = SHA256_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t kWords = 8, kBlock = 64;
    static auto words(Context& c) { return addresses(c.h); }
    static unsigned char* block(Context& c) { return reinterpret_cast<unsigned char*>(c.data); }
    static void begin(Context& c) { SHA256_Init(&c); }
    static void update(Context& c, std::string_view data) { SHA256_Update(&c, data.data(), data.size()); }
    static void finish(Context& c, unsigned char* sum) { SHA256_Final(sum, &c); }
};
struct Sha224 : Sha256 {
    static void begin(Context& c) {
        SHA224_Init(&c);
        c.md_len = SHA256_DIGEST_LENGTH;
    }
};

struct Sha512 {
    using Whole = Sha512;
    using Context = SHA512_CTX;
    using Word = std::uint64_t;
    static constexpr std::size_t kWords = 8, kBlock = 128;
    static auto words(Context& c) { return addresses(c.h); }
    static unsigned char* block(Context& c) { return c.u.p; }
    static void begin(Context& c) { SHA512_Init(&c); }
    static void update(Context& c, std::string_view data) { SHA512_Update(&c, data.data(), data.size()); }
    static void finish(Context& c, unsigned char* sum) { SHA512_Final(sum, &c); }
};
struct Sha384 : Sha512 {
    static void begin(Context& c) {
        SHA384_Init(&c);
        c.md_len = SHA512_DIGEST_LENGTH;
    }
};
/// FIPS 180-4, 5.3.6: the initial value is the hash of the function's name, by SHA-512 from a changed initial value.
std::array<std::uint64_t, 8> initial_value(std::string_view name) {
    SHA512_CTX generator;
    SHA512_Init(&generator);
    for (auto& word : generator.h) word ^= 0xa5a5a5a5a5a5a5a5;
    unsigned char sum[SHA512_DIGEST_LENGTH];
    SHA512_Update(&generator, name.data(), name.size());
    SHA512_Final(sum, &generator);
    std::array<std::uint64_t, 8> value;
    for (std::size_t i = 0; i < 8; ++i) value[i] = big_endian<std::uint64_t>(sum + i * 8);
    return value;
}
struct Sha512To224 : Sha512 {
    static void begin(Context& c) {
        static const auto kInitial = initial_value("SHA-512/224");
        Sha512::begin(c);
        std::copy(kInitial.begin(), kInitial.end(), c.h);
    }
};
struct Sha512To256 : Sha512 {
    static void begin(Context& c) {
        static const auto kInitial = initial_value("SHA-512/256");
        Sha512::begin(c);
        std::copy(kInitial.begin(), kInitial.end(), c.h);
    }
};

/// Calls f with the algorithm of a Kind of blockhash.csp.
template <class F>
void with_algorithm(Slot kind, const F& f) {
    switch (kind) {
        case 0: return f(Md5());
        case 1: return f(Sha1());
        case 2: return f(Sha224());
        case 3: return f(Sha256());
        case 4: return f(Sha384());
        case 5: return f(Sha512());
        case 6: return f(Sha512To224());
        default: return f(Sha512To256());
    }
}

/// A state in the script's memory: chaining value and length as big-endian numbers around the block under way. Goroutines
/// may race on it: whatever is there makes a valid context.
template <class A>
struct State {
    static constexpr std::size_t kBlockAt = A::kWords * sizeof(typename A::Word), kLengthAt = kBlockAt + A::kBlock,
                                 kSize = kLengthAt + 8;

    static typename A::Context load(const unsigned char* state) {
        typename A::Context context;
        A::Whole::begin(context);  // for the members that never change
        std::size_t at = 0;
        for (auto* word : A::words(context)) *word = big_endian<typename A::Word>(state + sizeof(typename A::Word) * at++);
        const auto length = big_endian<std::uint64_t>(state + kLengthAt);
        std::memcpy(A::block(context), state + kBlockAt, A::kBlock);
        context.num = static_cast<unsigned>(length % A::kBlock);
        // In bits, of which 64 are counted.
        context.Nl = static_cast<decltype(context.Nl)>(length << 3);
        context.Nh = sizeof(typename A::Word) == 8 ? 0 : static_cast<decltype(context.Nh)>(length >> 29);
        return context;
    }

    static void store(typename A::Context& context, std::uint64_t length, unsigned char* state) {
        std::size_t at = 0;
        for (auto* word : A::words(context))
            put_big_endian(state + sizeof(typename A::Word) * at++, static_cast<typename A::Word>(*word));
        std::memcpy(state + kBlockAt, A::block(context), A::kBlock);
        put_big_endian(state + kLengthAt, length);
    }
};

unsigned char* state_at(const Slot* s) {
    constexpr std::size_t kMaxState = State<Sha512>::kSize;
    const runtime::Slice state = slice_at(s);
    return state.size >= kMaxState ? static_cast<unsigned char*>(state.data) : nullptr;
}

Status no_state(Call& call) { return call.panic("crypto: no state of a hash function"); }

/// func begin(kind Kind, state []byte)
Status begin(Call& call, const NativeEntry&) {
    unsigned char* const state = state_at(call.slots() + 1);
    if (state == nullptr) return no_state(call);
    with_algorithm(call.slots()[0], [&]<class A>(A) {
        typename A::Context context;
        std::memset(&context, 0, sizeof context);
        A::begin(context);
        State<A>::store(context, 0, state);
    });
    return Status::Ok;
}

/// func update(kind Kind, state, data []byte)
Status update(Call& call, const NativeEntry&) {
    unsigned char* const state = state_at(call.slots() + 1);
    if (state == nullptr) return no_state(call);
    const std::string_view data = bytes_at(call.slots() + 3);
    with_algorithm(call.slots()[0], [&]<class A>(A) {
        const auto length = big_endian<std::uint64_t>(state + State<A>::kLengthAt);
        auto context = State<A>::load(state);
        Work work(call);
        in_pieces(work, data, [&context](std::string_view part) { A::update(context, part); });
        State<A>::store(context, length + data.size(), state);
    });
    return Status::Ok;
}

void put_sum(const unsigned char* sum, std::size_t size, const runtime::Slice& to) {
    std::copy_n(sum, std::min<std::size_t>(size, to.size), static_cast<unsigned char*>(to.data));
}

/// func finish(kind Kind, state, sum []byte)
Status finish(Call& call, const NativeEntry&) {
    const unsigned char* const state = state_at(call.slots() + 1);
    if (state == nullptr) return no_state(call);
    const runtime::Slice to = slice_at(call.slots() + 3);
    with_algorithm(call.slots()[0], [&]<class A>(A) {
        auto context = State<A>::load(state);
        unsigned char sum[SHA512_DIGEST_LENGTH];
        A::finish(context, sum);
        put_sum(sum, State<A>::kBlockAt, to);
    });
    return Status::Ok;
}

/// func wipe(kind Kind, state []byte): zeros behind the end of the block under way.
Status wipe(Call& call, const NativeEntry&) {
    unsigned char* const state = state_at(call.slots() + 1);
    if (state == nullptr) return no_state(call);
    with_algorithm(call.slots()[0], [&]<class A>(A) {
        const std::size_t used = big_endian<std::uint64_t>(state + State<A>::kLengthAt) % A::kBlock;
        std::memset(state + State<A>::kBlockAt + used, 0, A::kBlock - used);
    });
    return Status::Ok;
}

/// func Sum(kind Kind, data, sum []byte)
Status sum(Call& call, const NativeEntry&) {
    const std::string_view data = bytes_at(call.slots() + 1);
    const runtime::Slice to = slice_at(call.slots() + 3);
    with_algorithm(call.slots()[0], [&]<class A>(A) {
        typename A::Context context;
        A::begin(context);
        Work work(call);
        in_pieces(work, data, [&context](std::string_view part) { A::update(context, part); });
        unsigned char result[SHA512_DIGEST_LENGTH];
        A::finish(context, result);
        put_sum(result, State<A>::kBlockAt, to);
    });
    return Status::Ok;
}

}  // namespace

void bind_crypto_internal_blockhash(Package& package) {
    package.raw("begin", begin).raw("update", update).raw("finish", finish).raw("wipe", wipe).raw("Sum", sum);
}

}  // namespace csp::stdlib
