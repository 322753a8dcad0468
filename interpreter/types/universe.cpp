#include "interpreter/types/universe.h"

#include "interpreter/constant/value.h"
#include "interpreter/types/predicates.h"

namespace csp::types {

namespace {

struct BasicRow {
    BasicKind kind;
    unsigned info;
    std::string_view name;
};

constexpr unsigned kUnsignedInteger = kIsInteger | kIsUnsigned;

// Source: Go spec, "Predeclared identifiers". The untyped ones and "invalid type" have no object.
constexpr BasicRow kBasics[] = {
    {BasicKind::Invalid, 0, "invalid type"},
    {BasicKind::Bool, kIsBoolean, "bool"},
    {BasicKind::Int, kIsInteger, "int"},
    {BasicKind::Int8, kIsInteger, "int8"},
    {BasicKind::Int16, kIsInteger, "int16"},
    {BasicKind::Int32, kIsInteger, "int32"},
    {BasicKind::Int64, kIsInteger, "int64"},
    {BasicKind::Uint, kUnsignedInteger, "uint"},
    {BasicKind::Uint8, kUnsignedInteger, "uint8"},
    {BasicKind::Uint16, kUnsignedInteger, "uint16"},
    {BasicKind::Uint32, kUnsignedInteger, "uint32"},
    {BasicKind::Uint64, kUnsignedInteger, "uint64"},
    {BasicKind::Uintptr, kUnsignedInteger, "uintptr"},
    {BasicKind::Float32, kIsFloat, "float32"},
    {BasicKind::Float64, kIsFloat, "float64"},
    {BasicKind::Complex64, kIsComplex, "complex64"},
    {BasicKind::Complex128, kIsComplex, "complex128"},
    {BasicKind::String, kIsString, "string"},
    {BasicKind::UnsafePointer, 0, "unsafe.Pointer"},
    {BasicKind::UntypedBool, kIsBoolean | kIsUntyped, "untyped bool"},
    {BasicKind::UntypedInt, kIsInteger | kIsUntyped, "untyped int"},
    {BasicKind::UntypedRune, kIsInteger | kIsUntyped, "untyped rune"},
    {BasicKind::UntypedFloat, kIsFloat | kIsUntyped, "untyped float"},
    {BasicKind::UntypedComplex, kIsComplex | kIsUntyped, "untyped complex"},
    {BasicKind::UntypedString, kIsString | kIsUntyped, "untyped string"},
    {BasicKind::UntypedNil, kIsUntyped, "untyped nil"},
};

// In the order of Builtin.
constexpr std::string_view kBuiltins[] = {
    "append", "cap", "clear", "close", "complex", "copy",  "delete",  "imag", "len",
    "make",   "max", "min",   "new",   "panic",   "print", "println", "real", "recover",
};

}  // namespace

/// Fills a new Universe with what the language predeclares.
class UniverseBuilder {
  public:
    explicit UniverseBuilder(Universe& universe) : u_(universe) {}

    void build() {
        u_.scope_ = u_.make_scope(nullptr);
        declare_basics();
        declare_interfaces();
        declare_constants();
        for (std::size_t i = 0; i < std::size(kBuiltins); ++i) {
            declare(u_.make_object<BuiltinObject>(kBuiltins[i], static_cast<Builtin>(i)));
        }
        declare(u_.make_object<Nil>(u_.basic(BasicKind::UntypedNil)));
    }

  private:
    void declare(Object* object) {
        object->color = Color::Black;
        u_.scope_->insert(object);
    }

    TypeName* declare_type(std::string_view name, Type* type) {
        auto* object = u_.make_object<TypeName>(source::Pos{}, nullptr, name, type);
        declare(object);
        return object;
    }

    Basic* make_basic(BasicKind kind, unsigned info, std::string_view name) {
        return u_.make_type<Basic>(kind, static_cast<std::uint16_t>(info), name);
    }

    void declare_basics() {
        for (const BasicRow& row : kBasics) {
            Basic* type = make_basic(row.kind, row.info, row.name);
            u_.basics_[static_cast<std::size_t>(row.kind)] = type;
            const bool named = row.kind >= BasicKind::Bool && row.kind <= BasicKind::String;
            if (named) declare_type(row.name, type);
        }
        u_.byte_ = make_basic(BasicKind::Uint8, kUnsignedInteger, "byte");
        u_.rune_ = make_basic(BasicKind::Int32, kIsInteger, "rune");
        declare_type("byte", u_.byte_)->is_alias = true;
        declare_type("rune", u_.rune_)->is_alias = true;
    }

    Named* declare_named(std::string_view name, Interface* underlying) {
        TypeName* object = declare_type(name, nullptr);
        Named* named = u_.make_type<Named>(object);
        named->underlying = underlying;
        object->type = named;
        return named;
    }

    void declare_interfaces() {
        u_.empty_interface_ = u_.make_type<Interface>();
        u_.empty_interface_->spelling = "any";
        u_.empty_interface_->completed = true;
        declare_type("any", u_.empty_interface_)->is_alias = true;

        auto* comparable = u_.make_type<Interface>();
        comparable->spelling = "interface{comparable}";
        comparable->comparable = true;
        comparable->completed = true;
        u_.comparable_ = declare_named("comparable", comparable);

        auto* error = u_.make_type<Interface>();
        u_.error_ = declare_named("error", error);
        error->methods.push_back(error_method());
        complete_interface(u_, error);
    }

    /// Error() string
    Func* error_method() {
        auto* signature = u_.make_type<Signature>();
        signature->recv =
            u_.make_object<Var>(source::Pos{}, nullptr, std::string_view{}, u_.error_);
        signature->params = u_.make_type<Tuple>();
        signature->results = u_.make_type<Tuple>();
        signature->results->vars.push_back(u_.make_object<Var>(
            source::Pos{}, nullptr, std::string_view{}, u_.basic(BasicKind::String)));
        auto* method = u_.make_object<Func>(source::Pos{}, nullptr, "Error", signature);
        method->color = Color::Black;
        return method;
    }

    void declare_constants() {
        base::Arena& arena = u_.arena();
        Basic* untyped_bool = u_.basic(BasicKind::UntypedBool);
        const auto constant = [&](std::string_view name, Type* type, const constant::Value* value) {
            declare(u_.make_object<Const>(source::Pos{}, nullptr, name, type, value));
        };
        constant("true", untyped_bool, constant::make_bool(arena, true));
        constant("false", untyped_bool, constant::make_bool(arena, false));
        constant("iota", u_.basic(BasicKind::UntypedInt), constant::make_int64(arena, 0));
    }

    Universe& u_;
};

Universe::Universe(base::Arena& arena) : arena_(arena) { UniverseBuilder(*this).build(); }

Universe::~Universe() = default;

Scope* Universe::make_scope(Scope* parent) {
    scopes_.push_back(std::make_unique<Scope>(parent));
    return scopes_.back().get();
}

Package* Universe::make_package(std::string_view path, std::string_view name) {
    packages_.push_back(std::make_unique<Package>(path, name, make_scope(scope_)));
    return packages_.back().get();
}

Selection* Universe::make_selection(Selection selection) {
    selections_.push_back(std::make_unique<Selection>(std::move(selection)));
    return selections_.back().get();
}

Signature* Universe::signature_of(Func* method) {
    if (method->type == nullptr && resolve) resolve(method);
    return method->signature();
}

}  // namespace csp::types
