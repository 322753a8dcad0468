#pragma once

// Builds types without source text, for the tests of this folder.

#include <initializer_list>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/universe.h"

namespace csp::types {

class TypeTest : public testing::Test {
  protected:
    struct Field {
        std::string_view name;
        Type* type;
        bool embedded = false;
    };

    Type* basic(BasicKind kind) { return universe_.basic(kind); }
    Pointer* pointer(Type* elem) { return universe_.make_type<Pointer>(elem); }
    Slice* slice(Type* elem) { return universe_.make_type<Slice>(elem); }

    Var* var(std::string_view name, Type* type, Package* package) {
        return universe_.make_object<Var>(source::Pos{}, package, name, type);
    }

    Struct* structure(std::initializer_list<Field> fields, Package* package = nullptr) {
        auto* out = universe_.make_type<Struct>();
        for (const Field& field : fields) {
            Var* object = var(field.name, field.type, package != nullptr ? package : main_);
            object->embedded = field.embedded;
            object->is_field = true;
            out->fields.push_back(object);
        }
        return out;
    }

    Tuple* tuple(std::initializer_list<Type*> types) {
        auto* out = universe_.make_type<Tuple>();
        for (Type* type : types) out->vars.push_back(var("", type, main_));
        return out;
    }

    Signature* function(std::initializer_list<Type*> params, std::initializer_list<Type*> results,
                        bool variadic = false) {
        auto* out = universe_.make_type<Signature>();
        out->params = tuple(params);
        out->results = tuple(results);
        out->variadic = variadic;
        return out;
    }

    Func* method(std::string_view name, Signature* signature, Package* package = nullptr) {
        return universe_.make_object<Func>(source::Pos{}, package != nullptr ? package : main_,
                                           name, signature);
    }

    Interface* interface(std::initializer_list<Func*> methods,
                         std::initializer_list<Type*> embeddeds = {}) {
        auto* out = universe_.make_type<Interface>();
        out->methods = methods;
        out->embeddeds = embeddeds;
        return out;
    }

    /// The constraint that admits exactly `terms`.
    Interface* constraint(std::initializer_list<Interface::Term> terms) {
        auto* set = universe_.make_type<Union>();
        set->terms = terms;
        Interface* out = interface({}, {set});
        out->implicit = true;
        return out;
    }

    Named* named(std::string_view name, Type* underlying, Scope* scope = nullptr) {
        auto* object = universe_.make_object<TypeName>(source::Pos{}, main_, name, nullptr);
        (scope != nullptr ? scope : main_->scope)->insert(object);
        auto* out = universe_.make_type<Named>(object);
        out->underlying = underlying;
        object->type = out;
        return out;
    }

    Func* add_method(Named* type, std::string_view name, Signature* signature,
                     bool pointer_receiver = false) {
        Func* out = method(name, signature);
        Type* receiver = type;
        if (pointer_receiver) receiver = pointer(type);
        signature->recv = var("r", receiver, main_);
        out->pointer_receiver = pointer_receiver;
        type->methods.push_back(out);
        return out;
    }

    TypeParam* type_param(std::string_view name, int index, Type* bound = nullptr) {
        auto* object = universe_.make_object<TypeName>(source::Pos{}, main_, name, nullptr);
        auto* out = universe_.make_type<TypeParam>(object, index);
        out->constraint = bound != nullptr ? bound : universe_.empty_interface();
        object->type = out;
        return out;
    }

    base::Arena arena_;
    Universe universe_{arena_};
    Package* main_ = universe_.make_package("main", "main");
    Package* other_ = universe_.make_package("a/other", "other");
    Type* int_ = basic(BasicKind::Int);
    Type* string_ = basic(BasicKind::String);
    Type* float_ = basic(BasicKind::Float64);
};

}  // namespace csp::types
