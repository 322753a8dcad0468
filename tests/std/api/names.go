// Names prints what Go packages export, as JSON, with a kind for each name: {"PATH": {"Name": "type", "Name.Member": "method"}}.
// Arguments: PATH=FOLDER. Files are chosen as for linux/amd64.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

type names map[string]string

func (n names) values(kind string, groups []*doc.Value) {
	for _, group := range groups {
		for _, name := range group.Names {
			if token.IsExported(name) {
				n[name] = kind
			}
		}
	}
}

func (n names) functions(functions []*doc.Func) {
	for _, function := range functions {
		n[function.Name] = "func"
	}
}

// baseName is the name that an embedded field has.
func baseName(expr ast.Expr) string {
	switch x := expr.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return baseName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.IndexExpr:
		return baseName(x.X)
	case *ast.IndexListExpr:
		return baseName(x.X)
	}
	return ""
}

func (n names) members(owner, kind string, fields *ast.FieldList) {
	for _, field := range fields.List {
		for _, name := range field.Names {
			if name.IsExported() {
				n[owner+"."+name.Name] = kind
			}
		}
		if name := baseName(field.Type); kind == "field" && len(field.Names) == 0 && token.IsExported(name) {
			n[owner+"."+name] = kind
		}
	}
}

func (n names) declared(t *doc.Type) {
	n[t.Name] = "type"
	for _, method := range t.Methods {
		n[t.Name+"."+method.Name] = "method"
	}
	for _, spec := range t.Decl.Specs {
		spec := spec.(*ast.TypeSpec)
		if spec.Name.Name != t.Name {
			continue
		}
		if spec.Assign.IsValid() {
			n[t.Name] = "alias"
		}
		switch x := spec.Type.(type) {
		case *ast.StructType:
			n.members(t.Name, "field", x.Fields)
		case *ast.InterfaceType:
			n.members(t.Name, "method", x.Methods)
		}
	}
}

func read(path, folder string) (names, error) {
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = "linux", "amd64", false
	found, err := context.ImportDir(folder, 0)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, path)
	if err != nil {
		return nil, err
	}
	n := names{}
	n.values("const", p.Consts)
	n.values("var", p.Vars)
	n.functions(p.Funcs)
	for _, t := range p.Types {
		n.declared(t)
		n.values("const", t.Consts)
		n.values("var", t.Vars)
		n.functions(t.Funcs)
	}
	return n, nil
}

func main() {
	packages := map[string]names{}
	for _, argument := range os.Args[1:] {
		path, folder, _ := strings.Cut(argument, "=")
		n, err := read(path, folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, path+":", err)
			os.Exit(1)
		}
		packages[path] = n
	}
	json.NewEncoder(os.Stdout).Encode(packages)
}
