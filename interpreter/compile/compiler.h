#pragma once

// From the checked tree to bytecode, program side: which functions are needed, types, constants,
// globals, method tables. FunctionCompiler (function_compiler.h) does the code of one function.
//
// Only what is reachable is compiled: package initialisers (but for those without effects of variables that nothing uses)
// and main, what they mention, and the methods of types that some interface of the program asks for (or all exported ones,
// where reflection may call them).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/bytecode/program.h"
#include "interpreter/check/check.h"
#include "interpreter/types/object.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/universe.h"
#include "runtime/type/builder.h"

namespace csp::compile {

/// Finds the native behind a function without a body. Implemented by the engine.
class NativeResolver {
  public:
    virtual ~NativeResolver() = default;
    /// `name` is "Func" or "Type.Method"; null when there is none.
    virtual const NativeEntry* find(std::string_view package, std::string_view name) = 0;
};

/// Type arguments in force while an instance of a generic function is compiled.
struct Substitution {
    std::vector<types::TypeParam*> params;
    std::vector<types::Type*> args;
    bool empty() const { return params.empty(); }
};

/// Something the compiler cannot do (yet), with its place; shown as a diagnostic.
struct Unsupported {
    source::Pos pos;
    std::string what;
};

class FunctionCompiler;

class Compiler {
  public:
    Compiler(types::Universe& universe, check::Checker& checker, NativeResolver& natives,
             runtime::TypeTable& type_table, bytecode::Program& program);
    ~Compiler();

    /// Compiles `main` and everything it needs. `unsupported` gets what could not be compiled.
    /// `runtime` is the package that holds what the VM needs of Csp code, `entry` the function that a run begins with.
    void compile(types::Package& main, types::Package& runtime, std::vector<Unsupported>& unsupported,
                 std::string_view entry = "main");
    /// Compiles exported functions of `main` for hosts that call them by name.
    bytecode::Function* exported(types::Package& main, std::string_view name);

    // ---- for FunctionCompiler ----

    const runtime::Type* lower(types::Type* type);
    const runtime::Type* lower_basic(types::BasicKind kind);
    std::uint16_t type_index(const runtime::Type* type);
    std::uint32_t constant(std::uint64_t bits);
    std::uint32_t constant_pair(std::uint64_t first, std::uint64_t second);
    std::uint32_t string_constant(std::string_view text);
    std::uint32_t global_offset(types::Var& var);

    /// The code of a declared function or method (an instance of it when `args` are given).
    bytecode::Function* function(types::Func& func, const std::vector<types::Type*>& args = {});
    /// The code that an interface's method table or a method value needs: takes the receiver as one
    /// interface word of type `recv` and calls `entry`'s method.
    bytecode::Function* method_wrapper(types::Type* recv, const types::MethodEntry& entry);
    /// The same for the method with that name, which `recv` has.
    bytecode::Function* method_wrapper(types::Type* recv, std::string_view name);
    bytecode::Function* new_function(std::string name, source::Pos pos);
    std::uint32_t method_id(const runtime::Method& method);
    /// `user` mentions `method`: if that is how reflect finds methods by name or number, all exported ones are compiled.
    void note_method_use(const types::Func& method, const bytecode::Function& user);
    void report(source::Pos pos, std::string what) { unsupported_->push_back({pos, std::move(what)}); }

    types::Universe& universe() { return universe_; }
    bytecode::Program& program() { return program_; }
    runtime::TypeTable& type_table() { return type_table_; }
    /// Work to be done after the present function is finished.
    void later(std::function<void()> work) { queue_.push_back(std::move(work)); }
    /// A function of the runtime package, by name.
    bytecode::Function* runtime_function(std::string_view name);
    /// The id of sync.Locker's method Unlock.
    std::uint32_t unlock_method();

  private:
    friend class TypeLowering;
    void drain();
    void compile_entry(types::Package& main, std::string_view name);
    std::vector<types::Package*> initialization_order() const;
    bytecode::Function* initializer(const types::Package& package, const types::Initializer& init);
    void collect_initializers();
    void compile_initialize();
    void finish_methods();
    const runtime::Type* lower_shallow(types::Type* type);
    const runtime::Type* lower_structure(types::Type* type);
    const runtime::Type* lower_named(types::Named* type);
    const runtime::Type* lower_struct(types::Struct* type);
    const runtime::Type* lower_interface(types::Interface* type);
    const runtime::Type* lower_signature(types::Signature* type);
    void complete_named(types::Named* type, runtime::Type* shell);
    void note_methods(types::Type* type, const runtime::Type* lowered);
    std::string function_name(const types::Func& func) const;

    struct TypeHash {
        std::size_t operator()(types::Type* type) const { return types::hash(type); }
    };
    struct TypeEqual {
        bool operator()(types::Type* a, types::Type* b) const { return types::identical(a, b); }
    };
    struct Instance {
        std::vector<types::Type*> args;
        bytecode::Function* code;
    };

    types::Universe& universe_;
    check::Checker& checker_;
    NativeResolver& natives_;
    runtime::TypeTable& type_table_;
    bytecode::Program& program_;
    std::vector<Unsupported>* unsupported_ = nullptr;

    std::unordered_map<types::Type*, const runtime::Type*> lowered_by_address_;
    /// Named types that have a descriptor without layout so far.
    std::unordered_map<types::Named*, runtime::Type*> shells_;
    int lowering_depth_ = 0;
    std::unordered_map<types::Type*, const runtime::Type*, TypeHash, TypeEqual> lowered_;
    std::unordered_map<const runtime::Type*, std::uint16_t> type_indices_;
    std::unordered_map<std::uint64_t, std::uint32_t> constants_;
    std::map<std::string, std::uint32_t, std::less<>> string_constants_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> pairs_;
    std::unordered_map<types::Func*, bytecode::Function*> functions_;
    std::unordered_map<types::Func*, std::vector<Instance>> instances_;  ///< Of generic functions and methods.
    std::deque<std::function<void()>> queue_;
    bytecode::Function* initialize_ = nullptr;
    std::vector<bytecode::Function*> initializers_;  ///< In order; null: not needed, as far as is known.
    /// Variables that nothing uses so far, and what compiles their initialisers.
    std::unordered_map<const types::Var*, std::function<void()>> unused_;

    /// Method ids by "name|package|type address".
    std::map<std::tuple<std::string, std::string, const runtime::Type*>, std::uint32_t> method_ids_;
    std::set<std::string, std::less<>> wanted_names_;  ///< Names that interfaces ask for.
    struct Methodful {
        types::Type* type;
        runtime::Type* lowered;
        std::vector<types::MethodEntry> entries;
        std::vector<runtime::Method> done;
        std::vector<bool> compiled;
        bool known = false;
    };
    std::deque<Methodful> methodful_;
    bool reflects_ = false;      ///< Package reflect is in the program: from a T it gets to *T.
    bool keeps_methods_ = false; ///< What looks for methods by names that only the run knows is in the program.
    std::map<std::pair<const runtime::Type*, const types::Func*>, bytecode::Function*> wrappers_;
    types::Package* runtime_ = nullptr;
};

}  // namespace csp::compile
