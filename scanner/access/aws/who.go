package aws

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Rights are what one principal, or several that are alike, may do to a key or secret.
type Rights struct {
	Certain, Possible Set // of KeyActions or SecretActions; what is certain is possible, too
	Ways

	ix      *Index
	target  *target
	sited   *sited
	members []int32
	without []bool // members that have rights of their own
}

// Principals lists whose rights these are: ARNs, names of services, and "*" for everybody whom the index does not know.
func (r *Rights) Principals() iter.Seq[string] {
	return func(yield func(string) bool) {
		for id := range r.ids() {
			if !yield(r.ix.members[id].name) {
				return
			}
		}
	}
}

func (r *Rights) ids() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for _, id := range r.members {
			if (r.without == nil || !r.without[id]) && !yield(id) {
				return
			}
		}
	}
}

// Len is how many principals there are.
func (r *Rights) Len() (n int) {
	for range r.ids() {
		n++
	}
	return n
}

// list works out the rights on a target. They are good until the reader turns to the next.
func (rd *reader) list(k *target) iter.Seq[Rights] {
	return func(yield func(Rights) bool) {
		rd.open(k, nil)
		rd.seat()
		if k.key != nil {
			rd.openKey(k)
		}
		for i := range rd.seats {
			s := &rd.seats[i]
			found, ways := rd.rights(s)
			if k.key != nil {
				found, ways.Through = rd.with(s, found)
			}
			if found.p == 0 {
				continue
			}
			r := Rights{Certain: found.t, Possible: found.p, Ways: ways.within(found), ix: rd.ix, target: k, sited: s.sited, members: s.group, without: rd.marks}
			if s.group == nil {
				r.members, r.without = []int32{s.id}, nil
			}
			if !yield(r) {
				return
			}
		}
	}
}

func (rd *reader) openKey(k *target) {
	if rd.through == nil {
		rd.through = newReader(rd.ix)
	}
	rd.through.open(k.key, k)
}

// with leaves of the rights on a secret those for which the rights on its key are there, too. It says what is certain on the key.
func (rd *reader) with(s *seat, found pair) (pair, Set) {
	if found.p&(needing|ruling) == 0 {
		return found, 0
	}
	key := rd.through.take(s.id, nil)
	on, _ := rd.through.rights(&key)
	for action, list := range needs {
		bit := SecretActions.Of(action)
		for _, need := range list {
			n := KeyActions.Of(need)
			if on.t&n == 0 {
				found.t &^= bit
			}
			if on.p&n == 0 {
				found.p &^= bit
			}
		}
	}
	return found, on.t
}

// needing are the actions on a secret for which its key is used, and ruling is the one by which others get to be allowed.
var (
	needing = SecretActions.where(func(a string) bool { return needs[a] != nil })
	ruling  = SecretActions.Of("secretsmanager:PutResourcePolicy")
)

// Rights are those of all principals on a key or secret. Principals without any are left out.
func (ix *Index) Rights(arn string) (iter.Seq[Rights], error) {
	k, err := ix.find(arn)
	if err != nil {
		return nil, err
	}
	return newReader(ix).list(k), nil
}

// Holder is a principal that may do something.
type Holder struct {
	Principal string // ARN, name of a service, or "*" for everybody whom the index does not know
	Certain   bool
	Unread    []access.Unread // if it is not certain: documents that might make it so, or deny it
}

// Holders are all who may do something to a key or secret.
type Holders struct {
	List     []Holder        // those who certainly may first, each part sorted by principal
	Unlisted []access.Unread // accounts that have principals which were not read, and which the resource's documents may let in
}

// Who answers who may do something to a key or secret.
func (ix *Index) Who(arn, action string) (Holders, error) {
	k, bit, err := ix.target(arn, action)
	if err != nil {
		return Holders{}, err
	}
	rd := newReader(ix)
	var out Holders
	unread := k.unread()
	for r := range rd.list(k) {
		if r.Possible&bit == 0 {
			continue
		}
		certain := r.Certain&bit != 0
		for id := range r.ids() {
			m := ix.members[id]
			h := Holder{Principal: m.name, Certain: certain}
			if !certain {
				h.Unread = slices.Concat(m.unread(), unread)
			}
			out.List = append(out.List, h)
		}
	}
	slices.SortFunc(out.List, func(a, b Holder) int {
		if a.Certain != b.Certain {
			if a.Certain {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Principal, b.Principal)
	})
	out.Unlisted = ix.unlisted(k)
	return out, nil
}

// Tally counts who holds some rights on a key or secret.
type Tally struct {
	Certain, Possible int      // principals; Possible are those of whom it is not certain
	Worst             []string // a few of them, those of whom it is certain first, each part sorted
}

// Tally counts those whose rights a test says to count, and names a few.
func (ix *Index) Tally(rights iter.Seq[Rights], few int, counts func(Rights) access.Truth) (t Tally) {
	var names [access.Yes + 1][]string
	for r := range rights {
		is := counts(r)
		switch is {
		case access.No:
			continue
		case access.Yes:
			t.Certain += r.Len()
		default:
			t.Possible += r.Len()
		}
		for name := range r.Principals() {
			if i, _ := slices.BinarySearch(names[is], name); i < few {
				names[is] = slices.Insert(names[is], i, name)
				names[is] = names[is][:min(few, len(names[is]))]
			}
		}
	}
	t.Worst = append(names[access.Yes], names[access.Maybe]...)
	t.Worst = t.Worst[:min(few, len(t.Worst))]
	return t
}

// Each works out the rights on all keys and secrets, in several goroutines at once: do has to be good for that. The rights are good until
// it returns.
func (ix *Index) Each(goroutines int, do func(arn string, rights iter.Seq[Rights])) {
	var next sync.Mutex
	at := 0
	take := func() []*target { // of one site as a rule
		next.Lock()
		defer next.Unlock()
		from := at
		for at < len(ix.targets) && (at == from || ix.targets[at].site == ix.targets[from].site && at-from < 1000) {
			at++
		}
		return ix.targets[from:at]
	}
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			rd := newReader(ix)
			for list := take(); len(list) > 0; list = take() {
				for i := range list {
					do(list[i].resource.ARN, rd.list(list[i]))
				}
			}
		})
	}
	group.Wait()
}
