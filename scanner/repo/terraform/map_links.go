package terraform

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// targets are the instances, of some types, that an argument may name. Sure means that it names just that one, or none of them.
//
//   - A reference names an instance of the naming one's module, or by its full address. One without an index to what has several
//     instances may mean each of them.
//   - A text names one by the argument that nameArg tells: the name of a secret, the path of a mount.
//   - What a variable without a value gives lies outside of what was read.
func (m *mapping) targets(b *block, arg, nameArg string, types ...string) (found []*Instance, sure bool) {
	v := b.raw(arg)
	if v == cty.NilVal {
		return nil, true
	}
	refs := references(v)
	for _, r := range refs {
		for _, in := range m.named(b.in, string(r)) {
			if slices.Contains(types, in.Type) && !slices.Contains(found, in) {
				found = append(found, in)
			}
		}
	}
	if len(found) > 0 {
		return found, len(found) == 1 && len(refs) == 1
	}
	bare, marks := v.UnmarkDeep()
	text, known := b.text(arg)
	if !known && (len(marks) > 0 || bare.IsWhollyKnown()) {
		return nil, true
	}
	for _, typ := range types {
		for _, in := range m.ofType[place{b.in.Root, typ}] {
			if !known {
				found = append(found, in)
			} else if name, ok := ofInstance(in).text(nameArg); ok && strings.Trim(name, "/") == strings.Trim(text, "/") {
				found = append(found, in)
			}
		}
	}
	return found, len(found) == 0 || known && len(found) == 1
}

// named are the instances that an address means to an instance.
func (m *mapping) named(from *Instance, address string) []*Instance {
	if found := m.at[place{from.Root, modulePath(from.Address) + address}]; found != nil {
		return found
	}
	return m.at[place{from.Root, address}]
}

// unindexed is an address without its last index: `aws_kms_key.jwt` of `aws_kms_key.jwt["eu"]`.
func unindexed(address string) (base string, indexed bool) {
	path := modulePath(address)
	base, _, indexed = strings.Cut(address[len(path):], "[")
	return path + base, indexed
}

// modulePath is the part of an address that tells the module, with a dot at its end: `module.keys["eu"].`; "" in the root module.
func modulePath(address string) string {
	end := 0
	for strings.HasPrefix(address[end:], "module.") {
		i := end + len("module.")
		for quoted := false; i < len(address) && (quoted || address[i] != '.'); i++ {
			switch {
			case quoted && address[i] == '\\':
				i++
			case address[i] == '"':
				quoted = !quoted
			}
		}
		if i >= len(address) {
			return address[:end]
		}
		end = i + 1
	}
	return address[:end]
}

// onto gives the resources that an argument names to a function; when it is not sure which one is meant, sure is false for each.
func (m *mapping) onto(b *block, arg, nameArg string, do func(target *draft, sure bool), types ...string) {
	found, sure := m.targets(b, arg, nameArg, types...)
	for _, in := range found {
		if d := m.made[in]; d != nil {
			do(d, sure)
		}
	}
}

// link lets a resource name those that an argument names.
func (m *mapping) link(d *draft, edge, arg, nameArg string, types ...string) {
	m.onto(&d.block, arg, nameArg, func(target *draft, sure bool) {
		if sure {
			d.refer(edge, target, target.r.Name)
		} else {
			d.open("refs", d.unresolved(arg, d.raw(arg)))
		}
	}, types...)
}

func (d *draft) refer(edge string, to *draft, name string) {
	d.ref(inventory.Ref{Edge: edge, To: to.r.ID, Target: to.r.Type, Name: name})
}

// ref adds a ref and keeps them sorted by edge and name.
func (d *draft) ref(r inventory.Ref) {
	d.r.Refs = append(d.r.Refs, r)
	slices.SortFunc(d.r.Refs, func(a, b inventory.Ref) int {
		return cmp.Or(strings.Compare(a.Edge, b.Edge), strings.Compare(a.Name, b.Name), cmp.Compare(a.To, b.To))
	})
}
