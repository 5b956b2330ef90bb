package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Bounds of one mount: far beyond what Vault is used for, and near enough that a server gone wrong cannot keep us for ever.
const (
	maxNames = 1_000_000
	maxDepth = 64 // folders within folders
)

// An engine is a secrets engine or auth method that keyreeve reads: a collection of named things, each read by one call.
type engine struct {
	name    string
	version string // of KV
	auth    bool   // an auth method
	usual   string // the mount that "keyreeve permissions" assumes where the configuration names none

	what       string // the collection, for people
	tree       bool   // a name that ends in a slash is a folder
	list, read inventory.Call
	// start states what holds of a thing without asking.
	start func(res *inventory.Resource, mount string)
	// fill turns the answer of the read call into facts.
	fill func(*run, *answer)

	// about is the call, if any, that tells more of a mount than the list of mounts does, and settle turns its answer into facts.
	about  inventory.Call
	settle func(*answer)
}

// engines is the table.
var engines = []engine{transit, kv, approle, kubernetes, jwt, oidc, userpass}

// A tour is one reading of one mount.
type tour struct {
	*run
	engine
	mount   string
	assumed bool // only the configuration says that there is such a mount
	names   atomic.Int64
}

// readEngine adds the reading of a mount to the work.
func (r *run) readEngine(ctx context.Context, e engine, mount string, assumed bool) {
	t := &tour{run: r, engine: e, mount: mount, assumed: assumed}
	r.crew.add(func() { t.readFolder(ctx, "", 0) })
}

// readFolder lists a folder, "" being the top, and adds what is in it to the work.
func (t *tour) readFolder(ctx context.Context, folder string, depth int) {
	at := place{t.mount, folder}
	what := fmt.Sprintf("list of %s in %q", t.what, strings.TrimSuffix(t.mount+"/"+folder, "/"))
	names, err := t.client.list(ctx, t.list, at)
	if refused := (*refusal)(nil); t.assumed && errors.As(err, &refused) && refused.unmounted {
		return // the gap of the list of mounts stands
	}
	if err != nil {
		t.gap(ctx, what, t.list, at, err)
		return
	}
	if depth == maxDepth || t.names.Add(int64(len(names))) > maxNames {
		t.gap(ctx, what, t.list, at, &refusal{why: inventory.OutOfScope, text: fmt.Sprintf("more than %d names in the mount, or %d folders within each other", maxNames, maxDepth)})
		return
	}
	for _, name := range names {
		switch path := folder + name; {
		case strings.Trim(name, "/") == "":
			t.gap(ctx, what, t.list, at, &refusal{why: inventory.Unreadable, text: "it holds an empty name"})
		case t.tree && strings.HasSuffix(name, "/"):
			t.crew.add(func() { t.readFolder(ctx, path, depth+1) })
		default:
			t.crew.add(func() { t.readThing(ctx, path) })
		}
	}
}

// readThing yields one thing. When reading it is refused, it is there all the same, with its facts unknown.
func (t *tour) readThing(ctx context.Context, name string) {
	at := place{t.mount, name}
	res := t.resource(t.read.Type, name, at.path(t.read))
	t.start(&res, t.mount)
	fields, err := t.client.read(ctx, t.read, at)
	var refused *refusal
	switch {
	case err == nil:
		t.fill(t.run, &answer{Resource: &res, call: t.read, fields: fields})
	case errors.As(err, &refused) && refused.gone:
		return // deleted since it was listed
	case errors.As(err, &refused):
		t.unread(&res, t.read, at, refused)
	default:
		return // the context ended
	}
	t.yield(ctx, res)
}
