// Package declare is the contract between package repo and its readers of infrastructure code: a Dialect reads the files of one
// state of a repository and yields what they declare.
//
// It leaves the walk, git and what to do about a change to package repo, and every judgement to the rules.
package declare

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// MaxFileBytes is the size from which on a file of infrastructure code is not read but reported as a gap.
const MaxFileBytes = 10_000_000

// A Dialect is one way to declare resources in files: a folder below package repo, and a line in its table.
//
// Read never fails: what it cannot read is a gap, what a file leaves open is an Unknown (not_stated) of the resource. It yields a
// resource for each thing declared, in any order, and opens no file, runs no program and connects to nothing.
type Dialect struct {
	Name  string   // "terraform": the first part of its IDs
	Types []string // of resources that it may yield
	// Wants says by a file's path whether Read needs it. A file that turns out to be of another dialect is no gap.
	Wants func(path string) bool
	Read  func(ctx context.Context, t *Tree) Declared
}

// Declared is what a dialect found.
type Declared struct {
	Resources []inventory.Resource
	Gaps      []*inventory.Gap
	// Moved are the IDs that resources had before, by the one that they have, where the code itself says so. The latest comes first.
	Moved map[inventory.ID][]inventory.ID
}

// A Tree is one state of a repository, as far as one dialect wants to see it.
type Tree struct {
	Name  string // of the repository, as in IDs
	Scope inventory.Scope
	Files []File // sorted by path
}

// A File is one file, with slashes in its path, relative to the root of the repository.
type File struct {
	Path string
	Data []byte
}

// ID is DIALECT:NAME/PLACE#ADDRESS, where place is a file or folder of the repository ("" is its root).
func (t *Tree) ID(dialect, place, address string) inventory.ID {
	return inventory.ID(dialect + ":" + path.Join(escape(t.Name), escape(strings.TrimPrefix(path.Clean("/"+place), "/"))) + "#" + address)
}

var escapes = strings.NewReplacer("%", "%25", "#", "%23", "\n", "%0A", "\r", "%0D")

func escape(s string) string { return escapes.Replace(s) }

// New begins a resource that a file declares.
func (t *Tree) New(id inventory.ID, typ, name string, at inventory.Location) inventory.Resource {
	info, _ := inventory.TypeOf(typ)
	return inventory.Resource{ID: id, Type: typ, Kind: info.Kind, Name: name, Origin: inventory.Declared, Scope: t.Scope, Location: &at}
}

// Open notes that a file leaves a fact open, and why in a few words: "var.period has no value".
func Open(r *inventory.Resource, fact, why string) {
	r.Unknown = append(r.Unknown, inventory.Unknown{Fact: fact, Why: inventory.NotStated, Hint: why})
}

// Unread is a gap: a file, or a part of it, that could not be read although it should have been. Types are those it may hide.
func (t *Tree) Unread(types []string, file string, line int, why string) *inventory.Gap {
	return t.gap(types, inventory.Unreadable, file, line, why)
}

// NotUnderstood is a construct that the dialect does not resolve, told once a file with its place. It leaves open what it may
// declare, and does not make the reading incomplete.
func (t *Tree) NotUnderstood(types []string, file string, line int, why string) *inventory.Gap {
	return t.gap(types, inventory.NotStated, file, line, why)
}

func (t *Tree) gap(types []string, reason inventory.Reason, file string, line int, why string) *inventory.Gap {
	if line > 0 {
		why = fmt.Sprintf("line %d: %s", line, why) // not in What, by which waivers and baselines know a gap
	}
	return &inventory.Gap{Scope: t.Scope, Types: types, What: fmt.Sprintf("file %q", file), Why: reason, Err: why}
}
