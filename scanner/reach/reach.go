// Package reach answers who can do what to which key or secret of a snapshot, by all documents in it: directly, and by becoming
// somebody who can. For rules it makes a summary of each resource.
//
// It decides nothing by itself: the packages beneath it put together what the evaluators of package access ask for, one for each
// system.
package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/aws"
	"github.com/keyreeve/keyreeve/scanner/reach/aws/document"
	"github.com/keyreeve/keyreeve/scanner/reach/azure"
	"github.com/keyreeve/keyreeve/scanner/reach/vault"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// system is the part of a snapshot that one evaluator understands. Its methods may be called by several goroutines.
type system interface {
	// Find returns the keys and secrets that a name may mean: an ID, an ARN, an alias, a path.
	Find(name string) []inventory.ID
	// Who lists all who may do something to a key or secret by themselves. An error says what is wrong with the action.
	Who(action string, key inventory.ID) (access.Holders, error)
	// Explain answers for one principal, with the smallest change that takes the permission away. An error says what is wrong with
	// the principal or the action.
	Explain(principal, action string, key inventory.ID) (access.Explanation, error)
	// Gains lists the actions by which whoever may do them to a key or secret gives itself the permission for another.
	Gains(action string, key inventory.ID) []string
	// StepsTo lists in which ways somebody becomes a principal, or gets what it has. Those of somebody who does not matter may be left
	// out.
	StepsTo(principal string, matters func(from string) bool) []access.Step
	// Found summarizes what is known about a resource for rules.
	Found(r *inventory.Resource) access.Found
}

// Estate is a snapshot whose documents are put together. It may be used by several goroutines.
type Estate struct {
	systems map[string]system // by the beginning of a resource's type: "aws"
	names   map[inventory.ID]string
	others  func() unanswered // made when it is first asked for
}

// builders make the systems.
var builders = map[string]func(*inventory.Snapshot) (system, error){
	"aws":   func(snap *inventory.Snapshot) (system, error) { return aws.New(snap) },
	"azure": func(snap *inventory.Snapshot) (system, error) { return azure.New(snap) },
	"vault": func(snap *inventory.Snapshot) (system, error) { return vault.New(snap) },
}

// New puts the documents of a snapshot together. It keeps a hold of the snapshot, which must not change. What could not be read is no
// error; the answers name it.
func New(snap *inventory.Snapshot) (*Estate, error) {
	e := &Estate{systems: map[string]system{}, names: map[inventory.ID]string{}}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		name := backend(r.Type)
		build := builders[name]
		if build == nil || e.systems[name] != nil {
			continue
		}
		made, err := build(snap)
		if err != nil {
			return nil, fmt.Errorf("put together who may do what: %w", err)
		}
		e.systems[name] = made
	}
	for i := range snap.Resources {
		if r := &snap.Resources[i]; r.Kind == inventory.KindKey || r.Kind == inventory.KindSecret {
			e.names[r.ID] = r.Name
		}
	}
	e.others = sync.OnceValue(func() unanswered { return e.unanswered(snap) })
	return e, nil
}

// backend is the system that a type belongs to.
func backend(typ string) string {
	name, _, _ := strings.Cut(typ, ".")
	return name
}

// Found summarizes what is known about a resource for rules. A declared resource is judged by its own document: what else there will be
// beside it, the code does not say.
func (e *Estate) Found(r *inventory.Resource) access.Found {
	if s := e.systems[backend(r.Type)]; s != nil && r.Origin != inventory.Declared {
		return s.Found(r)
	}
	if r.Type == "vault.policy" {
		return vault.Declared(r)
	}
	return document.Found(r, func(string) access.Truth { return access.Maybe })
}

// find returns the one key or secret that a name means, and its system.
func (e *Estate) find(name string) (system, inventory.ID, error) {
	var found []inventory.ID
	var of system
	for _, s := range e.systems {
		if ids := s.Find(name); len(ids) > 0 {
			found, of = append(found, ids...), s
		}
	}
	if ids := e.others().Find(name); len(ids) > 0 {
		found, of = append(found, ids...), e.others()
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return nil, "", &NoKey{Name: name, Near: e.near(name)}
	case 1:
		return of, found[0], nil
	}
	return nil, "", &NoKey{Name: name, Several: found}
}

// NoKey says that a name means no key or secret, or more than one.
type NoKey struct {
	Name    string
	Several []inventory.ID // all that it may mean, sorted
	Near    []string       // names that are much like it
}

func (e *NoKey) Error() string {
	if len(e.Several) > 0 {
		return fmt.Sprintf("%q means %d keys or secrets", e.Name, len(e.Several))
	}
	return fmt.Sprintf("no key or secret is called %q among those that were read", e.Name)
}

// near lists a few names of keys and secrets that hold a name, in any letter case; else the one that differs least from it, or whose
// part behind the last "/" does.
func (e *Estate) near(name string) []string {
	var out []string
	for _, n := range e.Names() {
		if strings.Contains(strings.ToLower(n), strings.ToLower(name)) {
			out = append(out, n)
		}
	}
	if len(out) > 0 {
		return out[:min(3, len(out))]
	}
	all, ends, whole := []string{}, []string{}, map[string]string{}
	for _, n := range e.Names() {
		end := n[strings.LastIndexByte(n, '/')+1:]
		if _, there := whole[end]; !there {
			ends, whole[end] = append(ends, end), n
		}
		all = append(all, n)
	}
	if n := strictyaml.Nearest(name, all); n != "" {
		return []string{n}
	}
	if end := strictyaml.Nearest(name[strings.LastIndexByte(name, '/')+1:], ends); end != "" {
		return []string{whole[end]}
	}
	return nil
}

// Names lists what the keys and secrets are called that may be asked about, sorted.
func (e *Estate) Names() []string {
	out := make([]string, 0, len(e.names))
	for id, n := range e.names {
		out = append(out, cmp.Or(n, string(id)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Empty reports whether the snapshot holds no key and no secret that could be asked about.
func (e *Estate) Empty() bool { return len(e.names) == 0 }
