// Types as Go's compiler spells them in messages.

#include <algorithm>

#include "interpreter/constant/quote.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

class TypeWriter {
  public:
    TypeWriter(const Package* relative_to, bool param_names)
        : relative_to_(relative_to), param_names_(param_names) {}

    std::string out;

    void write(const Type* type) {
        if (type == nullptr) {
            out += "<nil>";
            return;
        }
        // Only an anonymous interface can contain itself; a message that deep is of no use anyway.
        constexpr int kMaxDepth = 64;
        if (depth_ >= kMaxDepth) {
            out += "…";
            return;
        }
        ++depth_;
        write_kind(type);
        --depth_;
    }

    void signature(const Signature* type) {
        if (!type->type_params.empty()) type_params(type->type_params);
        tuple(type->params, type->variadic);
        const auto* results = type->results;
        if (results == nullptr || results->size() == 0) return;
        out += ' ';
        if (results->size() == 1 && (results->vars[0]->name.empty() || !param_names_)) {
            write(results->vars[0]->type);
        } else {
            tuple(results, false);
        }
    }

  private:
    void write_kind(const Type* type) {
        switch (type->kind) {
            case TypeKind::Basic: out += as<Basic>(type)->name; return;
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
            case TypeKind::Interface: return interface(as<Interface>(type));
            case TypeKind::Union: return union_of(as<Union>(type));
            case TypeKind::Named: return named(as<Named>(type));
            case TypeKind::TypeParam: return type_param(as<TypeParam>(type));
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
        // chan (<-chan T): without parentheses the arrow would belong to the first chan.
        const bool parens = type->dir == ast::ChanDir::Both && elem != nullptr &&
                            elem->dir == ast::ChanDir::Recv;
        if (parens) out += '(';
        write(type->elem);
        if (parens) out += ')';
    }

    void structure(const Struct* type) {
        out += "struct{";
        for (std::size_t i = 0; i < type->fields.size(); ++i) {
            const Var* field = type->fields[i];
            if (i > 0) out += "; ";
            if (!field->embedded) out.append(field->name) += ' ';
            write(field->type);
            if (i < type->tags.size() && !type->tags[i].empty()) {
                out += ' ';
                out += constant::quote(type->tags[i]);
            }
        }
        out += '}';
    }

    void tuple(const Tuple* type, bool variadic) {
        out += '(';
        const std::size_t size = type == nullptr ? 0 : type->size();
        for (std::size_t i = 0; i < size; ++i) {
            const Var* var = type->vars[i];
            if (i > 0) out += ", ";
            if (param_names_ && !var->name.empty()) out.append(var->name) += ' ';
            if (!variadic || i + 1 < size) {
                write(var->type);
            } else if (const auto* slice = as<Slice>(var->type)) {
                prefixed("...", slice->elem);
            } else {  // append([]byte, string...)
                write(var->type);
                out += "...";
            }
        }
        out += ')';
    }

    void interface(const Interface* type) {
        if (!type->spelling.empty()) {
            out += type->spelling;
            return;
        }
        if (type->implicit && type->methods.empty() && type->embeddeds.size() == 1) {
            return write(type->embeddeds[0]);
        }
        out += "interface{";
        std::string_view separator;
        for (const Func* method : type->methods) {
            out += separator;
            out += method->name;
            if (method->type != nullptr) signature(method->signature());
            separator = "; ";
        }
        for (const Type* embedded : type->embeddeds) {
            prefixed(separator, embedded);
            separator = "; ";
        }
        out += '}';
    }

    void union_of(const Union* type) {
        std::string_view separator;
        for (const Term& term : type->terms) {
            out += separator;
            if (term.tilde) out += '~';
            write(term.type);
            separator = " | ";
        }
    }

    void named(const Named* type) {
        const TypeName* object = type->object;
        if (object->package != nullptr && object->package != relative_to_) {
            out.append(object->package->name) += '.';
        }
        out += object->name;
        const bool local_instance =
            type->origin != nullptr && type->origin->type_params.empty();
        if (!type->type_args.empty() && !local_instance) {
            out += '[';
            for (std::size_t i = 0; i < type->type_args.size(); ++i) {
                prefixed(i > 0 ? ", " : "", type->type_args[i]);
            }
            out += ']';
        } else if (!type->type_params.empty()) {
            type_params(type->type_params);
        }
    }

    /// [K comparable, V any]: a constraint is written behind the last parameter that has it.
    void type_params(const std::vector<TypeParam*>& params) {
        out += '[';
        for (std::size_t i = 0; i < params.size(); ++i) {
            if (i > 0 && params[i]->constraint != params[i - 1]->constraint) {
                prefixed(" ", params[i - 1]->constraint);
            }
            prefixed(i > 0 ? ", " : "", params[i]);
        }
        if (params.back()->constraint != nullptr) prefixed(" ", params.back()->constraint);
        out += ']';
    }

    void type_param(const TypeParam* type) {
        out += type->object->name;
    }

    const Package* relative_to_;
    bool param_names_;
    int depth_ = 0;
};

}  // namespace

std::string to_string(const Type* type, const Package* relative_to) {
    TypeWriter writer(relative_to, true);
    writer.write(type);
    return std::move(writer.out);
}

std::string method_string(const Func* method, const Package* relative_to) {
    TypeWriter writer(relative_to, false);
    writer.out = method->name;
    if (method->type != nullptr) writer.signature(static_cast<const Signature*>(method->type));
    return std::move(writer.out);
}

}  // namespace csp::types
