package terraform

import (
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// A row says what becomes of the instances of one type: resources they declare, and what they add to those of others once all are
// declared, such as the rotation of a secret.
type row struct {
	declare func(*mapping, *block)
	add     func(*mapping, *block)
}

// rows are the types of Terraform that are understood, by provider. Every other type declares nothing that is judged.
var rows = merged(awsRows, azureRows, vaultRows)

// defaults are the values of arguments that are not stated, by type and path.
var defaults = merged(awsDefaults, azureDefaults, vaultDefaults)

func merged[V any](tables ...map[string]V) map[string]V {
	out := map[string]V{}
	for _, t := range tables {
		for k, v := range t {
			out[k] = v
		}
	}
	return out
}

// A mapping is one pass over the instances of a repository.
type mapping struct {
	tree   *declare.Tree
	notes  *notes
	at     map[place][]*Instance // by address, and by address without the last index
	ofType map[place][]*Instance // by type
	made   map[*Instance]*draft  // the first resource that an instance declared
	out    []*draft
}

// A place is something in a root module: an address, a type.
type place struct{ root, name string }

// mapInstances yields the resources that instances declare, in the order of the instances, and notes what they may declare besides.
func mapInstances(n *notes, list []Instance) []inventory.Resource {
	m := &mapping{tree: n.tree, notes: n, at: map[place][]*Instance{}, ofType: map[place][]*Instance{}, made: map[*Instance]*draft{}}
	for i := range list {
		in := &list[i]
		m.at[place{in.Root, in.Address}] = append(m.at[place{in.Root, in.Address}], in)
		if base, indexed := unindexed(in.Address); indexed {
			m.at[place{in.Root, base}] = append(m.at[place{in.Root, base}], in)
		}
		if !in.Data {
			m.ofType[place{in.Root, in.Type}] = append(m.ofType[place{in.Root, in.Type}], in)
		}
	}
	for i := range list {
		if r := rows[list[i].Type]; r.declare != nil && !list[i].Data {
			r.declare(m, ofInstance(&list[i]))
		}
	}
	for i := range list {
		if r := rows[list[i].Type]; r.add != nil && !list[i].Data {
			r.add(m, ofInstance(&list[i]))
		}
	}
	out := make([]inventory.Resource, len(m.out))
	for i, d := range m.out {
		d.settle()
		d.miss()
		out[i] = *d.r
	}
	return out
}

// missing is why a fact is open whose argument is not there although Terraform asks for it.
const missing = "the code does not state it"

// settle leaves open what code that Terraform would refuse does not state.
func (d *draft) settle() {
	for _, fact := range d.r.RequiredFacts() {
		if !d.r.HasFact(fact) {
			d.open(fact, missing)
		}
	}
}

// miss leaves open what resources or arguments that could not be read may say of this one.
func (d *draft) miss() {
	if why := d.in.Masked; why != "" {
		for _, fact := range []string{string(d.r.Kind), "name", "tags", "refs"} {
			d.open(fact, why)
		}
	}
	why := d.in.Missing
	switch s := d.r.Secret; d.r.Type {
	case "aws.secretsmanager.secret":
		if s.Rotation.Automatic != nil && !*s.Rotation.Automatic {
			d.open("secret.rotation.automatic", why)
			d.open("secret.rotation.period_days", why)
		}
		if s.ValueInCode != nil && !*s.ValueInCode {
			d.open("secret.value_in_code", why)
		}
	case "vault.mount":
		d.open("store.max_versions", why)
	case "aws.kms.key", "aws.iam.role", "aws.iam.user":
		d.open("refs", why)
	}
}

// declare begins the resource that an instance stands for. It stands at the argument that decides most of its rules.
func (m *mapping) declare(b *block, typ, deciding string) *draft {
	d := m.part(b, typ, "", deciding)
	m.made[b.in] = d
	return d
}

// parts are the blocks of a name, each of which declares a resource of a type. Where it is not known which there are, it is told that
// such resources may be missing.
func (m *mapping) parts(b *block, name, typ string) (list []*block, why string) {
	list, why = b.blocks(name)
	if why != "" {
		m.notes.hidden(typ, b.in.At(b.path+name), fmt.Sprintf("which blocks %q there are in %q cannot be resolved: %s", name, b.in.Address, why))
	}
	return list, why
}

// part begins a further resource that a block of an instance declares: its address is the instance's and a suffix.
func (m *mapping) part(b *block, typ, suffix, deciding string) *draft {
	address := b.in.Address + suffix
	r := m.tree.New(m.tree.ID("terraform", b.in.Root, address), typ, address, b.in.At(b.path+deciding))
	d := &draft{block: *b, r: &r}
	m.out = append(m.out, d)
	return d
}
