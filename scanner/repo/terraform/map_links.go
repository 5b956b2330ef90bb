package terraform

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// targets are the instances, of some types, that an argument may name. Sure means that it names just that one, or none of them.
//
//   - A text names one by its ARN or ID, which a plan of what is there already tells, or by the argument that nameArg tells: the name
//     of a secret, the path of a mount.
//   - A reference names an instance by its full address. One without an index to what has several instances may mean each of them.
//   - What a variable without a value gives lies outside of what was read.
func (m *mapping) targets(b *block, arg, nameArg string, types ...string) (found []*Instance, sure bool) {
	v := b.raw(arg)
	if v == cty.NilVal {
		return nil, true
	}
	text, known := b.text(arg)
	if known {
		for _, typ := range types {
			for _, in := range m.ofType[place{b.in.Root, typ}] {
				if in.is(text) {
					found = append(found, in)
				}
			}
		}
		if len(found) > 0 {
			return found, len(found) == 1
		}
	}
	refs := references(v)
	for _, r := range refs {
		for _, in := range m.at[place{b.in.Root, string(r)}] {
			if slices.Contains(types, in.Type) && !slices.Contains(found, in) {
				found = append(found, in)
			}
		}
	}
	if len(found) > 0 {
		// Where the one that is named has another ID than the text, something was made of it.
		return found, len(found) == 1 && len(refs) == 1 && !(known && found[0].identified()) && !disputed(v)
	}
	bare, marks := v.UnmarkDeep()
	if !known && !disputed(v) && (len(reasons(marks)) > 0 || bare.IsWhollyKnown()) {
		return nil, true
	}
	for _, typ := range types {
		for _, in := range m.ofType[place{b.in.Root, typ}] {
			if !known || in.called(nameArg, text) {
				found = append(found, in)
			}
		}
	}
	return found, len(found) == 0 || known && len(found) == 1
}

// identities are the arguments of an instance that an apply has told, by any of which others name it.
var identities = []string{"arn", "id", "key_id"}

func (i *Instance) is(text string) bool {
	return slices.ContainsFunc(identities, func(arg string) bool { id, ok := ofInstance(i).text(arg); return ok && id == text })
}

// identified reports whether it is known by which ARN or ID others name an instance.
func (i *Instance) identified() bool {
	return slices.ContainsFunc(identities, func(arg string) bool { _, ok := ofInstance(i).text(arg); return ok })
}

// secretARN is the ARN of a secret of Secrets Manager, which ends with six characters that AWS adds to the name.
var secretARN = regexp.MustCompile(`^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)$`)

// called reports whether a text that is no reference names an instance by an argument.
func (i *Instance) called(nameArg, text string) bool {
	if arn := secretARN.FindStringSubmatch(text); arn != nil && i.Type == "aws_secretsmanager_secret" {
		name, ok := ofInstance(i).text("name")
		suffix, begins := strings.CutPrefix(arn[1], name)
		return ok && begins && (suffix == "" || len(suffix) == 7 && suffix[0] == '-')
	}
	name, ok := ofInstance(i).text(nameArg)
	return ok && strings.Trim(name, "/") == strings.Trim(text, "/")
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

// onto gives the resources that an argument names to a function. When it is not sure which one is meant, or that the naming one is
// there whenever the other is, sure is false.
func (m *mapping) onto(b *block, arg, nameArg string, do func(target *draft, sure bool), types ...string) {
	found, sure := m.targets(b, arg, nameArg, types...)
	for _, in := range found {
		if d := m.made[in]; d != nil {
			do(d, sure && b.in.with(in))
		}
	}
}

// elsewhere reports whether nothing of the types that an argument may name is declared here: it is a data source, or in another state.
func (m *mapping) elsewhere(b *block, arg, nameArg string, types ...string) bool {
	found, _ := m.targets(b, arg, nameArg, types...)
	return !slices.ContainsFunc(found, func(in *Instance) bool { return !in.Data })
}

// ontoOrElsewhere is onto, also for what a block declared itself because it is elsewhere.
func (m *mapping) ontoOrElsewhere(b *block, arg, nameArg string, do func(target *draft, sure bool), types ...string) {
	if own := m.made[b.in]; own != nil {
		do(own, true)
		return
	}
	m.onto(b, arg, nameArg, do, types...)
}

// link lets a resource name those that an argument names.
func (m *mapping) link(d *draft, edge, arg, nameArg string, types ...string) {
	found, sure := m.targets(&d.block, arg, nameArg, types...)
	for _, in := range found {
		target := m.made[in]
		switch {
		case target == nil:
		case sure:
			d.refer(edge, target, target.r.Name)
		default:
			d.open("refs", d.unresolved(arg, d.raw(arg)))
		}
	}
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
