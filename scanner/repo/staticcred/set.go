package staticcred

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// Handed is something that a workload is handed under a name.
type Handed struct {
	Scope string // the container, step or instruction that gets it; "" the whole workload
	Name  string
	// Via is how it is handed over; "" where that cannot be told: what a step of a pipeline made may be short-lived.
	Via   string
	Value string // of a literal; it is measured, and kept no longer than the set
	Line  int    // where it stands; 0: in another file than the workload
}

// A Set gathers what one workload is handed. The zero Set is ready.
//
// An AWS secret key beside a session token for the same scope, both handed over in the same way, is a temporary credential: whoever
// stores it has to renew it within hours. It is not reported. A token of another kind of source says nothing of the key.
type Set struct {
	list     []entry
	sessions map[[2]string]bool // scope and way of a session token
	open     string
	dev      map[string]bool // tokens of a server in development mode
}

// DevToken is the variable that gives a Vault server in development mode, which keeps nothing, its root token.
const DevToken = "VAULT_DEV_ROOT_TOKEN_ID"

type entry struct {
	inventory.StaticCredential
	text  string // of a token of Vault that the file holds
	scope string
	sort  sort
	line  int
}

// Add notes what is handed over. Names that do not mean a credential are passed over.
func (s *Set) Add(h Handed) {
	if h.Name == DevToken && h.Via == Literal && h.Value != "" {
		if s.dev == nil {
			s.dev = map[string]bool{}
		}
		s.dev[h.Value] = true
	}
	if m, ok := meant(h.Name); ok {
		s.note(m, h)
	}
}

// AddAs notes a credential whose provider something else than its name tells: the input of an action.
func (s *Set) AddAs(provider string, h Handed) {
	s.note(meaning{provider: provider}, h)
}

func (s *Set) note(m meaning, h Handed) {
	switch {
	case h.Via == Literal && !m.holds(h.Value):
	case m.sort == session:
		if s.sessions == nil {
			s.sessions = map[[2]string]bool{}
		}
		s.sessions[[2]string{h.Scope, h.Via}] = true
	case m.sort == unsure:
		s.Open("the file that " + h.Name + " names may hold a key, or say how to do without one")
	case h.Via == "":
		s.Open("what " + h.Name + " holds is not stated")
	case m.sort == path:
		h.Via = File
		s.add(h, m)
	default:
		s.add(h, m)
	}
}

// AddFile notes a file from a store of secrets, or a variable that names one: whatever the file is like, it is a credential.
func (s *Set) AddFile(h Handed) {
	h.Via = File
	if m, ok := meant(h.Name); ok && m.sort == session {
		s.note(m, h)
	} else if ok {
		s.add(h, m)
	}
}

func (s *Set) add(h Handed, m meaning) {
	at := h.Name
	if h.Scope != "" {
		at = h.Scope + "/" + h.Name
	}
	e := entry{StaticCredential: inventory.StaticCredential{At: at, Provider: m.provider, Via: h.Via}, scope: h.Scope, sort: m.sort, line: h.Line}
	if m.provider == Vault && (h.Via == Literal || h.Via == Argument) && !strings.Contains(h.Value, "$") {
		e.text = h.Value
	}
	if !slices.ContainsFunc(s.list, func(o entry) bool { return o.StaticCredential == e.StaticCredential && o.text == e.text }) {
		s.list = append(s.list, e)
	}
}

// Open notes that there may be more than was found. The first reason stays.
func (s *Set) Open(why string) {
	if s.open == "" {
		s.open = why
	}
}

// State writes the set into a workload: as a known list where it holds a credential for certain, as open where it is empty but need
// not be, else as none. The first credential is the place of the workload then.
func (s *Set) State(r *inventory.Resource) {
	r.Workload.Credentials = []inventory.StaticCredential{}
	line := 0
	for _, e := range s.list {
		if e.Provider == AWS && e.sort == value && s.sessions[[2]string{e.scope, e.Via}] || e.text != "" && s.dev[e.text] {
			continue
		}
		if slices.Contains(r.Workload.Credentials, e.StaticCredential) {
			continue
		}
		r.Workload.Credentials = append(r.Workload.Credentials, e.StaticCredential)
		if line == 0 {
			line = e.line
		}
	}
	if len(r.Workload.Credentials) == 0 && s.open != "" {
		declare.Open(r, "workload.credentials", s.open)
	}
	if line > 0 {
		r.Location.StartLine, r.Location.EndLine = line, line
	}
}
