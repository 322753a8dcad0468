#include "interpreter/capi/signature.h"

#include <algorithm>
#include <array>
#include <utility>

namespace csp::capi {

namespace {

/// By csp_type.
constexpr std::array<std::string_view, CSP_TYPE_ERROR + 1> kNames = {
    "",       "bool",   "int",    "int8",    "int16",   "int32",   "int64",  "uint",   "uint8",
    "uint16", "uint32", "uint64", "uintptr", "float32", "float64", "string", "[]byte", "error"};

csp_type type_of(std::string_view name) {
    if (name == "byte") return CSP_TYPE_UINT8;
    if (name == "rune") return CSP_TYPE_INT32;
    if (name == "[]uint8") return CSP_TYPE_BYTES;
    const auto* const found = std::find(kNames.begin() + 1, kNames.end(), name);
    return found == kNames.end() ? 0 : static_cast<csp_type>(found - kNames.begin());
}

class Parser {
  public:
    Parser(std::string_view text, std::string& error) : text_(text), error_(error) {}

    std::optional<Signature> parse() {
        Signature out;
        if (!word("func") || !list(out.params)) return std::nullopt;
        if (std::find(out.params.begin(), out.params.end(), csp_type{CSP_TYPE_ERROR}) != out.params.end())
            return fail("error is a type of results only"), std::nullopt;
        skip();
        if (at_ < text_.size() && text_[at_] == '(') {
            if (!list(out.results)) return std::nullopt;
        } else if (at_ < text_.size() && !type(out.results)) {
            return std::nullopt;
        }
        skip();
        if (at_ < text_.size()) return fail("something follows the signature"), std::nullopt;
        return out;
    }

  private:
    static constexpr std::size_t kMost = 64;

    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool fail(const std::string& what) {
        error_ = what + " at byte " + std::to_string(at_ + 1);
        return false;
    }
    bool word(std::string_view expected) {
        skip();
        if (!text_.substr(at_).starts_with(expected)) return fail("no " + std::string(expected));
        at_ += expected.size();
        return true;
    }
    bool list(std::vector<csp_type>& types) {
        if (!word("(")) return false;
        skip();
        if (at_ < text_.size() && text_[at_] == ')') return ++at_, true;
        for (;;) {
            if (!type(types)) return false;
            skip();
            if (at_ < text_.size() && text_[at_] == ')') return ++at_, true;
            if (!word(",")) return false;
        }
    }
    bool type(std::vector<csp_type>& types) {
        skip();
        const std::size_t end = std::min(text_.find_first_of(" ,()", at_), text_.size());
        const std::string_view name = text_.substr(at_, end - at_);
        const csp_type found = type_of(name);
        if (found == 0) return fail(name.empty() ? "no type" : "no values of type " + std::string(name));
        if (types.size() == kMost) return fail("more than " + std::to_string(kMost) + " types");
        types.push_back(found);
        at_ = end;
        return true;
    }

    std::string_view text_;
    std::string& error_;
    std::size_t at_ = 0;
};

std::string joined(const std::vector<csp_type>& types) {
    std::string text;
    for (const csp_type type : types) (text += text.empty() ? "" : ", ") += name_of(type);
    return text;
}

}  // namespace

std::string Signature::text() const {
    std::string text = "func(" + joined(params) + ")";
    if (results.size() == 1) return text + " " + joined(results);
    return results.empty() ? text : text + " (" + joined(results) + ")";
}

std::size_t slots_of(csp_type type) { return type >= CSP_TYPE_STRING ? 2 : 1; }

std::size_t slots_of(const std::vector<csp_type>& types) {
    std::size_t slots = 0;
    for (const csp_type type : types) slots += slots_of(type);
    return slots;
}

std::string_view name_of(csp_type type) { return kNames[type]; }

std::optional<Signature> parse_signature(std::string_view text, std::string& error) { return Parser(text, error).parse(); }

}  // namespace csp::capi
