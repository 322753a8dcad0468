#pragma once

// Numbers of the script as numbers of GMP: a sign and words, the lowest first.
//
// Natives work on private copies, because other goroutines may write to the words meanwhile, and GMP relies on numbers
// that stay as they are. What a result needs is allocated in the script's heap before it is computed: so a number that is
// too large for the heap ends in the script's out of memory, not in GMP's, which would end the host.

#include <gmp.h>

#include <cstddef>
#include <cstring>
#include <memory>

#include "csp/native.hpp"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::big {

/// A number's slots: neg bool, abs []Word.
inline constexpr std::size_t kSlots = 3;
/// Of words: half a gigabyte, far below what GMP gives up at.
inline constexpr std::size_t kMaxWords = std::size_t{1} << 26;

static_assert(sizeof(mp_limb_t) == sizeof(Slot) && GMP_NAIL_BITS == 0);

/// A copy of words without leading zeros.
class Words {
  public:
    explicit Words(const runtime::Slice& words) : size_(words.size) {
        if (size_ > kInline) large_ = std::make_unique_for_overwrite<mp_limb_t[]>(size_);
        if (size_ > 0) std::memcpy(data(), words.data, size_ * sizeof(mp_limb_t));
        while (size_ > 0 && data()[size_ - 1] == 0) --size_;
    }
    mp_limb_t* data() { return large_ != nullptr ? large_.get() : small_; }
    std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t kInline = 16;
    mp_limb_t small_[kInline];
    std::unique_ptr<mp_limb_t[]> large_;
    std::size_t size_;
};

/// A parameter.
class Operand {
  public:
    explicit Operand(const Slot* s) : Operand((s[0] & 1) != 0, s + 1) {}
    /// Of words only: not negative.
    static Operand of_words(const Slot* s) { return {false, s}; }
    Operand(const Operand&) = delete;

    operator mpz_srcptr() const { return number_; }
    std::size_t size() const { return words_.size(); }
    std::size_t bits() const { return words_.size() == 0 ? 0 : mpz_sizeinbase(number_, 2); }
    int sign() const { return mpz_sgn(number_); }

  private:
    Operand(bool negative, const Slot* words) : words_(slice_at(words)) {
        const auto size = static_cast<mp_size_t>(words_.size());
        mpz_roinit_n(number_, words_.data(), negative ? -size : size);
    }

    Words words_;
    mpz_t number_;
};

/// A number of GMP's.
class Integer {
  public:
    Integer() { mpz_init(number_); }
    ~Integer() { mpz_clear(number_); }
    Integer(const Integer&) = delete;
    operator mpz_ptr() { return number_; }
    int sign() const { return mpz_sgn(number_); }
    std::size_t bits() const { return sign() == 0 ? 0 : mpz_sizeinbase(number_, 2); }

  private:
    mpz_t number_;
};

/// Room in the script's heap for a result of at most `words` words. Check it: without room a panic is under way.
class Room {
  public:
    Room(Call& call, std::size_t words) {
        if (words > kMaxWords) status_ = call.out_of_memory();
        else if (words > 0) {
            data_ = call.allocate_bytes(words * sizeof(mp_limb_t));
            if (data_ == nullptr) status_ = Status::Panic;
        }
    }
    bool failed() const { return status_ != Status::Ok; }
    Status status() const { return status_; }

    /// Puts a result into its slots.
    void put(Slot* s, mpz_srcptr number) const {
        const std::size_t size = mpz_size(number);
        s[0] = mpz_sgn(number) < 0;
        put_words(s + 1, mpz_limbs_read(number), size);
    }
    /// Puts words only.
    void put_words(Slot* s, const mp_limb_t* words, std::size_t size) const {
        if (size > 0) std::memcpy(data_, words, size * sizeof(mp_limb_t));
        s[0] = size == 0 ? 0 : reinterpret_cast<Slot>(data_);
        s[1] = size | static_cast<Slot>(size) << 32;
    }

  private:
    char* data_ = nullptr;
    Status status_ = Status::Ok;
};

}  // namespace csp::stdlib::big

namespace csp {
class Package;
}

namespace csp::stdlib {

/// The natives of big.Int's arithmetic, of its texts and bytes, of big.Float and its texts, of what is read, and of big.Rat.
void bind_big_arithmetic(Package& package);
void bind_big_theory(Package& package);
void bind_big_conversions(Package& package);
void bind_big_floats(Package& package);
void bind_big_float_text(Package& package);
void bind_big_literals(Package& package);
void bind_big_fractions(Package& package);

}  // namespace csp::stdlib
