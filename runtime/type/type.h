#pragma once

// Run-time type descriptors: layout for the heap and the VM, names, fields and methods for printing,
// assertions and reflection. Immutable once the program is compiled, and shared by its engines.
// Identical types of a program have one descriptor, so types are compared by address.

#include <cstdint>
#include <span>
#include <string_view>

namespace csp::runtime {

enum class Kind : std::uint8_t {
    Invalid, Bool, Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64, Uintptr,
    Float32, Float64, Complex64, Complex128, Array, Chan, Func, Interface, Map, Pointer, Slice, String,
    Struct, UnsafePointer,
};

enum class ChanDir : std::uint8_t { Both, Send, Recv };

struct Type;

struct Field {
    std::string_view name;
    std::string_view package;  ///< Package path of an unexported field; empty for exported ones.
    std::string_view tag;
    const Type* type;
    std::uint32_t offset;  ///< Bytes from the start of the struct.
    bool embedded;
    bool exported;
};

/// A method of a concrete type, or one that an interface asks for.
struct Method {
    std::string_view name;
    std::string_view package;  ///< Package path of an unexported method; empty for exported ones.
    const Type* type;          ///< Its func type, without receiver.
    std::uint32_t id;          ///< One a distinct (name, package, type) of the program.
    /// The code to call with the interface's word as receiver; opaque here (the VM's Function). Null
    /// in interfaces.
    const void* code;
};

/// How two values of a type are compared and hashed.
enum class Equality : std::uint8_t {
    None,       ///< Not comparable: a run-time panic.
    Bits,       ///< Memory compares as bits (ints, pointers, structs of them without padding).
    Float32, Float64, Complex64, Complex128, String, Interface,
    Struct,     ///< Field by field.
    Array,      ///< Element by element.
};

/// The layout rules: every scalar has Go's natural size and alignment; strings, slices, interfaces
/// and complex128 are 16 bytes (strings, slices and interfaces aligned to 16, so that one 128-bit
/// instruction moves them indivisibly); maps, channels, funcs and pointers are 8 bytes.
///
/// In *slots* (frames, channel buffers, map entries, closures, interface words) a scalar smaller than
/// 8 bytes fills its 8-byte slot in canonical form: integers sign- or zero-extended, bool 0 or 1,
/// float32 as its bits zero-extended. Every other value has in slots the bytes it has in memory, the
/// last slot padded.
struct Type {
    Kind kind = Kind::Invalid;
    std::uint8_t align = 1;
    Equality equality = Equality::None;
    /// Fits an interface's word: scalars and pointer-shaped types. Others are boxed: the word points
    /// to an immutable heap copy (in memory form). Zero-size types are inline with word 0.
    bool inline_in_interface = false;
    bool has_pointers = false;
    bool variadic = false;              ///< Func.
    ChanDir chan_dir = ChanDir::Both;   ///< Chan.
    bool is_byte_like = false;          ///< Uint8 kind (element type of []byte-like slices).
    std::uint32_t size = 0;             ///< Bytes in memory.
    std::uint32_t slots = 0;            ///< (size + 7) / 8.
    std::uint32_t hash = 0;             ///< Of the type itself.
    std::string_view string;            ///< As %T prints it: "map[string]main.T".
    std::string_view name;              ///< Of a defined type: "T"; else empty.
    std::string_view package;           ///< Package path of a defined type; empty for predeclared ones.
    const Type* elem = nullptr;         ///< Array, Chan, Map, Pointer, Slice.
    const Type* key = nullptr;          ///< Map.
    std::int64_t length = 0;            ///< Array.
    std::span<const Field> fields;      ///< Struct.
    std::span<const Type* const> params;   ///< Func; a variadic's last is a Slice.
    std::span<const Type* const> results;  ///< Func.
    /// Interface: what it asks for. Concrete: all methods callable through an interface. By name.
    std::span<const Method> methods;
    /// One bit for each 8-byte word of memory, lowest first: does the word hold a heap pointer?
    /// (For an interface both words are marked: the heap ignores what does not point into it.)
    std::span<const std::uint64_t> pointer_bits;
    /// Method code by Method::id: open addressing, size a power of two, key 0 = empty (ids start at 1).
    struct MethodSlot {
        std::uint32_t id;
        const void* code;
    };
    std::span<const MethodSlot> method_table;
    const Type* pointer_to = nullptr;   ///< *T, when the program has it.

    const void* find_method(std::uint32_t id) const {
        if (method_table.empty()) return nullptr;
        const std::size_t mask = method_table.size() - 1;
        for (std::size_t i = id & mask;; i = (i + 1) & mask) {
            if (method_table[i].id == id) return method_table[i].code;
            if (method_table[i].id == 0) return nullptr;
        }
    }
    bool is_scalar_narrow() const { return size < 8 && kind != Kind::Struct && kind != Kind::Array; }
};

/// How the keys of a map are hashed and compared.
enum class KeyForm : std::uint32_t {
    Word,     ///< One slot, as bits.
    Text,     ///< Strings.
    General,  ///< As Type::equality says.
};
KeyForm key_form(const Type& key);

/// Does concrete type `type` have all methods of `interface`? When not, `missing` (if given) gets the first.
bool implements(const Type& type, const Type& interface, const Method** missing);

}  // namespace csp::runtime
