#include "interpreter/ast/fields.h"
#include "interpreter/image/format.h"
#include "interpreter/image/image.h"

namespace csp::image {

namespace {

class Writer {
  public:
    Writer(const source::SourceFile& file, std::string& out) : file_(file), out_(out) {}

    void number(std::uint64_t value) {
        while (value >= 0x80) {
            out_ += static_cast<char>(value | 0x80);
            value >>= 7;
        }
        out_ += static_cast<char>(value);
    }

    void operator()(source::Pos pos) {
        const std::uint32_t at = pos.known() ? pos.value() - file_.base() + 1 : 0;
        number(zigzag(static_cast<std::int64_t>(at) - static_cast<std::int64_t>(last_)));
        last_ = at;
    }

    void operator()(std::string_view text) {
        number(text.size());
        if (text.empty()) return;
        const auto at = static_cast<std::int64_t>(text.data() - file_.text().data());
        number(zigzag(at - static_cast<std::int64_t>(last_)));
    }

    void operator()(bool value) { number(value ? 1 : 0); }
    void operator()(std::int64_t value) { number(zigzag(value)); }

    template <class T>
    void operator()(T value)
        requires std::is_enum_v<T>
    {
        number(static_cast<std::uint64_t>(value));
    }

    template <class T>
    void operator()(ast::List<T> list) {
        number(list.size());
        for (T& item : list) (*this)(item);
    }

    void operator()(ast::Field* field) {
        number(field == nullptr ? 0 : 1);
        if (field != nullptr) ast::fields(*this, *field);
    }

    template <class T>
    void operator()(T* node)
        requires std::is_base_of_v<ast::Node, T>
    {
        if (node == nullptr) {
            number(0);
            return;
        }
        number(static_cast<std::uint64_t>(node->kind) + 1);
        (*this)(node->pos);
        ast::with_type(node->kind, [&]<class N>() { ast::fields(*this, static_cast<N&>(static_cast<ast::Node&>(*node))); });
        (*this)(node->end);
    }

  private:
    const source::SourceFile& file_;
    std::string& out_;
    std::uint32_t last_ = 0;  // position written last
};

}  // namespace

std::string write(const source::SourceFile& file, ast::File& tree) {
    std::string out(kMagic);
    Writer writer(file, out);
    writer.number(file.text().size());
    out += file.text();
    ast::fields(writer, tree);
    return out;
}

}  // namespace csp::image
