#include "interpreter/ast/fields.h"
#include "interpreter/image/format.h"
#include "interpreter/image/image.h"

namespace csp::image {

namespace {

/// Reads numbers from bytes that may be anything: past the end there are zeros, and ok() says so.
class Bytes {
  public:
    explicit Bytes(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; at_ < end_ && shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(*at_++);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::string_view take(std::uint64_t size) {
        if (size > left()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken(at_, size);
        at_ += size;
        return taken;
    }
    std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }
    bool ok() const { return ok_; }
    void fail() { ok_ = false; }

  private:
    const char* at_;
    const char* end_;
    bool ok_ = true;
};

class Reader {
  public:
    Reader(Bytes& bytes, const source::SourceFile& file, base::Arena& arena)
        : bytes_(bytes), file_(file), arena_(arena) {}

    void operator()(source::Pos& pos) {
        last_ = moved(bytes_.number());
        if (last_ < 0 || static_cast<std::uint64_t>(last_) > file_.text().size() + 1) bytes_.fail();
        pos = last_ == 0 || !bytes_.ok() ? source::Pos() : file_.pos(static_cast<std::size_t>(last_ - 1));
    }

    void operator()(std::string_view& text) {
        const std::uint64_t size = bytes_.number();
        if (size == 0) return;
        const auto at = static_cast<std::uint64_t>(moved(bytes_.number()));
        if (at > file_.text().size() || size > file_.text().size() - at) {
            bytes_.fail();
            return;
        }
        text = file_.text().substr(at, size);
    }

    void operator()(bool& value) { value = bytes_.number() != 0; }
    void operator()(std::int64_t& value) { value = unzigzag(bytes_.number()); }

    template <class T>
    void operator()(T& value)
        requires std::is_enum_v<T>
    {
        value = static_cast<T>(bytes_.number());
    }

    template <class T>
    void operator()(ast::List<T>& list) {
        const std::uint64_t size = bytes_.number();
        if (size > bytes_.left()) bytes_.fail();
        if (size == 0 || !bytes_.ok()) return;
        T* items = static_cast<T*>(arena_.allocate(size * sizeof(T), alignof(T)));
        for (std::uint64_t i = 0; i < size; ++i) (*this)(*new (items + i) T());
        list = {items, size};
    }

    void operator()(ast::Field*& field) {
        if (bytes_.number() == 0) return;
        field = arena_.make<ast::Field>();
        ast::fields(*this, *field);
    }

    template <class T>
    void operator()(T*& node)
        requires std::is_base_of_v<ast::Node, T>
    {
        const std::uint64_t tag = bytes_.number();
        if (tag == 0 || !bytes_.ok()) return;
        if (depth_ == kMaxDepth) {
            bytes_.fail();
            return;
        }
        ++depth_;
        const bool known = ast::with_type(static_cast<ast::Kind>(tag - 1), [&]<class N>() {
            if constexpr (std::is_base_of_v<T, N>) {
                auto* made = arena_.make<N>();
                node = made;
                (*this)(made->pos);
                ast::fields(*this, *made);
                (*this)(made->end);
            } else {
                bytes_.fail();
            }
        });
        if (!known) bytes_.fail();
        --depth_;
    }

  private:
    /// Damaged distances may lead anywhere, in circles as well.
    std::int64_t moved(std::uint64_t distance) const {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(last_) + static_cast<std::uint64_t>(unzigzag(distance)));
    }

    static constexpr int kMaxDepth = 2000;

    Bytes& bytes_;
    const source::SourceFile& file_;
    base::Arena& arena_;
    std::int64_t last_ = 0;
    int depth_ = 0;
};

/// The text at the beginning; `bytes` stands behind it then.
std::string_view take_text(Bytes& bytes) {
    if (bytes.take(kMagic.size()) != kMagic) {
        bytes.fail();
        return {};
    }
    return bytes.take(bytes.number());
}

}  // namespace

std::string_view text_of(std::string_view image) {
    Bytes bytes(image);
    return take_text(bytes);
}

ast::File* read(std::string_view image, const source::SourceFile& file, base::Arena& arena) {
    Bytes bytes(image);
    if (take_text(bytes) != file.text() || !bytes.ok()) return nullptr;
    auto* tree = arena.make<ast::File>();
    Reader reader(bytes, file, arena);
    ast::fields(reader, *tree);
    return bytes.ok() ? tree : nullptr;
}

}  // namespace csp::image
