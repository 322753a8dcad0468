#pragma once

// What each node is made of: one list for everything that copies, stores or walks whole trees. Only what the
// parser sets is listed; `pos` and `end`, which every node has, are left to the visitor.

#include <utility>

#include "interpreter/ast/nodes.h"

namespace csp::ast {

// clang-format off
template <class V> void fields(V&, BadExpr&) {}
template <class V> void fields(V& v, Ident& n) { v(n.name); }
template <class V> void fields(V& v, BasicLit& n) { v(n.lit); v(n.text); }
template <class V> void fields(V& v, CompositeLit& n) { v(n.type_expr); v(n.elements); v(n.rbrace); }
template <class V> void fields(V& v, FuncLit& n) { v(n.func_type); v(n.body); }
template <class V> void fields(V& v, ParenExpr& n) { v(n.x); }
template <class V> void fields(V& v, SelectorExpr& n) { v(n.x); v(n.sel); }
template <class V> void fields(V& v, IndexExpr& n) { v(n.x); v(n.indices); }
template <class V> void fields(V& v, SliceExpr& n) { v(n.x); v(n.low); v(n.high); v(n.max); v(n.three); v(n.second_colon); }
template <class V> void fields(V& v, TypeAssertExpr& n) { v(n.x); v(n.type_expr); }
template <class V> void fields(V& v, CallExpr& n) { v(n.fun); v(n.args); v(n.ellipsis); v(n.rparen); }
template <class V> void fields(V& v, StarExpr& n) { v(n.x); }
template <class V> void fields(V& v, UnaryExpr& n) { v(n.op); v(n.x); }
template <class V> void fields(V& v, BinaryExpr& n) { v(n.op); v(n.op_pos); v(n.x); v(n.y); }
template <class V> void fields(V& v, KeyValueExpr& n) { v(n.key); v(n.value_expr); }

template <class V> void fields(V& v, ArrayType& n) { v(n.length); v(n.elem); }
template <class V> void fields(V& v, Field& n) { v(n.names); v(n.type); v(n.tag); v(n.pos); }
template <class V> void fields(V& v, StructType& n) { v(n.fields); }
template <class V> void fields(V& v, FuncType& n) { v(n.type_params); v(n.params); v(n.results); }
template <class V> void fields(V& v, InterfaceType& n) { v(n.elements); }
template <class V> void fields(V& v, MapType& n) { v(n.key); v(n.elem); }
template <class V> void fields(V& v, ChanType& n) { v(n.dir); v(n.elem); }
template <class V> void fields(V& v, Ellipsis& n) { v(n.elem); }

template <class V> void fields(V&, BadStmt&) {}
template <class V> void fields(V& v, DeclStmt& n) { v(n.decl); }
template <class V> void fields(V&, EmptyStmt&) {}
template <class V> void fields(V& v, LabeledStmt& n) { v(n.label); v(n.stmt); }
template <class V> void fields(V& v, ExprStmt& n) { v(n.x); }
template <class V> void fields(V& v, SendStmt& n) { v(n.chan); v(n.value); v(n.arrow); }
template <class V> void fields(V& v, IncDecStmt& n) { v(n.x); v(n.increment); }
template <class V> void fields(V& v, AssignStmt& n) { v(n.lhs); v(n.rhs); v(n.op_pos); v(n.op); v(n.define); }
template <class V> void fields(V& v, GoStmt& n) { v(n.call); }
template <class V> void fields(V& v, DeferStmt& n) { v(n.call); }
template <class V> void fields(V& v, ReturnStmt& n) { v(n.results); }
template <class V> void fields(V& v, BranchStmt& n) { v(n.branch); v(n.label); }
template <class V> void fields(V& v, BlockStmt& n) { v(n.stmts); v(n.rbrace); }
template <class V> void fields(V& v, IfStmt& n) { v(n.init); v(n.cond); v(n.then); v(n.otherwise); }
template <class V> void fields(V& v, CaseClause& n) { v(n.is_default); v(n.values); v(n.body); }
template <class V> void fields(V& v, SwitchStmt& n) { v(n.init); v(n.tag); v(n.clauses); }
template <class V> void fields(V& v, TypeSwitchStmt& n) { v(n.init); v(n.name); v(n.x); v(n.clauses); }
template <class V> void fields(V& v, CommClause& n) { v(n.comm); v(n.body); }
template <class V> void fields(V& v, SelectStmt& n) { v(n.clauses); }
template <class V> void fields(V& v, ForStmt& n) { v(n.init); v(n.cond); v(n.post); v(n.body); }
template <class V> void fields(V& v, RangeStmt& n) { v(n.key); v(n.value); v(n.surplus); v(n.define); v(n.x); v(n.body); }
template <class V> void fields(V& v, SyncStmt& n) { v(n.lock); v(n.body); }

template <class V> void fields(V& v, ImportSpec& n) { v(n.name); v(n.path); }
template <class V> void fields(V& v, ValueSpec& n) { v(n.names); v(n.type_expr); v(n.values); v(n.iota); }
template <class V> void fields(V& v, TypeSpec& n) { v(n.name); v(n.type_params); v(n.is_alias); v(n.type_expr); }
template <class V> void fields(V& v, GenDecl& n) { v(n.decl); v(n.specs); }
template <class V> void fields(V& v, FuncDecl& n) { v(n.receiver); v(n.name); v(n.func_type); v(n.body); }
template <class V> void fields(V& v, File& n) { v(n.package); v(n.imports); v(n.decls); v(n.script); v(n.pos); v(n.end); }

/// Calls `f.template operator()<T>()` with the node type of `kind`; false when there is no such kind.
template <class F>
bool with_type(Kind kind, F&& f) {
    switch (kind) {
        case Kind::BadExpr: f.template operator()<BadExpr>(); return true;
        case Kind::Ident: f.template operator()<Ident>(); return true;
        case Kind::BasicLit: f.template operator()<BasicLit>(); return true;
        case Kind::CompositeLit: f.template operator()<CompositeLit>(); return true;
        case Kind::FuncLit: f.template operator()<FuncLit>(); return true;
        case Kind::ParenExpr: f.template operator()<ParenExpr>(); return true;
        case Kind::SelectorExpr: f.template operator()<SelectorExpr>(); return true;
        case Kind::IndexExpr: f.template operator()<IndexExpr>(); return true;
        case Kind::SliceExpr: f.template operator()<SliceExpr>(); return true;
        case Kind::TypeAssertExpr: f.template operator()<TypeAssertExpr>(); return true;
        case Kind::CallExpr: f.template operator()<CallExpr>(); return true;
        case Kind::StarExpr: f.template operator()<StarExpr>(); return true;
        case Kind::UnaryExpr: f.template operator()<UnaryExpr>(); return true;
        case Kind::BinaryExpr: f.template operator()<BinaryExpr>(); return true;
        case Kind::KeyValueExpr: f.template operator()<KeyValueExpr>(); return true;
        case Kind::ArrayType: f.template operator()<ArrayType>(); return true;
        case Kind::StructType: f.template operator()<StructType>(); return true;
        case Kind::FuncType: f.template operator()<FuncType>(); return true;
        case Kind::InterfaceType: f.template operator()<InterfaceType>(); return true;
        case Kind::MapType: f.template operator()<MapType>(); return true;
        case Kind::ChanType: f.template operator()<ChanType>(); return true;
        case Kind::Ellipsis: f.template operator()<Ellipsis>(); return true;
        case Kind::BadStmt: f.template operator()<BadStmt>(); return true;
        case Kind::DeclStmt: f.template operator()<DeclStmt>(); return true;
        case Kind::EmptyStmt: f.template operator()<EmptyStmt>(); return true;
        case Kind::LabeledStmt: f.template operator()<LabeledStmt>(); return true;
        case Kind::ExprStmt: f.template operator()<ExprStmt>(); return true;
        case Kind::SendStmt: f.template operator()<SendStmt>(); return true;
        case Kind::IncDecStmt: f.template operator()<IncDecStmt>(); return true;
        case Kind::AssignStmt: f.template operator()<AssignStmt>(); return true;
        case Kind::GoStmt: f.template operator()<GoStmt>(); return true;
        case Kind::DeferStmt: f.template operator()<DeferStmt>(); return true;
        case Kind::ReturnStmt: f.template operator()<ReturnStmt>(); return true;
        case Kind::BranchStmt: f.template operator()<BranchStmt>(); return true;
        case Kind::BlockStmt: f.template operator()<BlockStmt>(); return true;
        case Kind::IfStmt: f.template operator()<IfStmt>(); return true;
        case Kind::CaseClause: f.template operator()<CaseClause>(); return true;
        case Kind::SwitchStmt: f.template operator()<SwitchStmt>(); return true;
        case Kind::TypeSwitchStmt: f.template operator()<TypeSwitchStmt>(); return true;
        case Kind::CommClause: f.template operator()<CommClause>(); return true;
        case Kind::SelectStmt: f.template operator()<SelectStmt>(); return true;
        case Kind::ForStmt: f.template operator()<ForStmt>(); return true;
        case Kind::RangeStmt: f.template operator()<RangeStmt>(); return true;
        case Kind::SyncStmt: f.template operator()<SyncStmt>(); return true;
        case Kind::ImportSpec: f.template operator()<ImportSpec>(); return true;
        case Kind::ValueSpec: f.template operator()<ValueSpec>(); return true;
        case Kind::TypeSpec: f.template operator()<TypeSpec>(); return true;
        case Kind::GenDecl: f.template operator()<GenDecl>(); return true;
        case Kind::FuncDecl: f.template operator()<FuncDecl>(); return true;
    }
    return false;
}
// clang-format on

}  // namespace csp::ast
