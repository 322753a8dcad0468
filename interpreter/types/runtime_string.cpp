// Types as a running program sees them: reflect's Type.String and fmt's %T.

#include <algorithm>

#include "interpreter/constant/quote.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

class RuntimeWriter {
  public:
    std::string out;

    void write(const Type* type) {
        switch (type->kind) {
            case TypeKind::Basic: return basic(as<Basic>(type));
            case TypeKind::Pointer: return prefixed("*", as<Pointer>(type)->elem);
            case TypeKind::Slice: return prefixed("[]", as<Slice>(type)->elem);
            case TypeKind::Array: {
                const auto* array = as<Array>(type);
                return prefixed("[" + std::to_string(array->length) + "]", array->elem);
            }
            case TypeKind::Map:
                prefixed("map[", as<Map>(type)->key);
                return prefixed("]", as<Map>(type)->elem);
            case TypeKind::Chan: return chan(as<Chan>(type));
            case TypeKind::Struct: return structure(as<Struct>(type));
            case TypeKind::Tuple: return tuple(as<Tuple>(type), false);
            case TypeKind::Signature: out += "func"; return signature(as<Signature>(type));
            case TypeKind::Interface:
                return interface(const_cast<Interface*>(as<Interface>(type)));
            case TypeKind::Named: return named(as<Named>(type));
            case TypeKind::TypeParam: out += as<TypeParam>(type)->object->name; return;
            case TypeKind::Union: out += to_string(type); return;
        }
    }

  private:
    void basic(const Basic* type) {
        // byte and rune are but other names at run time.
        if (type->basic == BasicKind::Uint8) {
            out += "uint8";
        } else if (type->basic == BasicKind::Int32) {
            out += "int32";
        } else {
            out += type->name;
        }
    }

    void prefixed(std::string_view prefix, const Type* type) {
        out += prefix;
        write(type);
    }

    void chan(const Chan* type) {
        constexpr std::string_view kPrefix[] = {"chan ", "chan<- ", "<-chan "};
        out += kPrefix[static_cast<std::size_t>(type->dir)];
        const auto* elem = as<Chan>(type->elem);
        const bool parens = type->dir == ast::ChanDir::Both && elem != nullptr &&
                            elem->dir == ast::ChanDir::Recv;
        if (parens) out += '(';
        write(type->elem);
        if (parens) out += ')';
    }

    void structure(const Struct* type) {
        out += "struct {";
        for (std::size_t i = 0; i < type->fields.size(); ++i) {
            const Var* field = type->fields[i];
            out += i > 0 ? "; " : " ";
            if (!field->embedded) out.append(field->name) += ' ';
            write(field->type);
            if (i < type->tags.size() && !type->tags[i].empty()) {
                out += ' ';
                out += constant::quote(type->tags[i]);
            }
        }
        out += type->fields.empty() ? "}" : " }";
    }

    void tuple(const Tuple* type, bool variadic) {
        out += '(';
        const std::size_t size = type == nullptr ? 0 : type->size();
        for (std::size_t i = 0; i < size; ++i) {
            const Type* each = type->vars[i]->type;
            if (i > 0) out += ", ";
            const auto* slice = as<Slice>(each);
            if (variadic && i + 1 == size && slice != nullptr) {
                prefixed("...", slice->elem);
            } else {
                write(each);
            }
        }
        out += ')';
    }

    void signature(const Signature* type) {
        tuple(type->params, type->variadic);
        const auto* results = type->results;
        if (results == nullptr || results->size() == 0) return;
        out += ' ';
        if (results->size() == 1) {
            write(results->vars[0]->type);
        } else {
            tuple(results, false);
        }
    }

    void interface(Interface* type) {
        complete(type);
        out += "interface {";
        std::string_view separator = " ";
        for (const Func* method : type->all_methods) {
            out += separator;
            if (!method->exported() && method->package != nullptr) {
                out.append(method->package->name) += '.';
            }
            out += method->name;
            if (method->type != nullptr) signature(static_cast<const Signature*>(method->type));
            separator = "; ";
        }
        out += type->all_methods.empty() ? "}" : " }";
    }

    void named(const Named* type) {
        const TypeName* object = type->object;
        // Type arguments are qualified by their packages' paths, everything else by their names.
        if (object->package != nullptr) {
            out.append(in_arguments_ ? object->package->path : object->package->name) += '.';
        }
        out += object->name;
        if (type->type_args.empty()) return;
        const bool outer = in_arguments_;
        in_arguments_ = true;
        out += '[';
        for (std::size_t i = 0; i < type->type_args.size(); ++i) {
            prefixed(i > 0 ? "," : "", type->type_args[i]);
        }
        out += ']';
        in_arguments_ = outer;
    }

    bool in_arguments_ = false;
};

}  // namespace

std::string runtime_string(const Type* type) {
    RuntimeWriter writer;
    writer.write(type);
    return std::move(writer.out);
}

}  // namespace csp::types
