package azure

import (
	_ "embed"
	"encoding/json"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Azure's built-in roles that hold a Key Vault data action, or an action of the control plane that can reach, regrant, destroy or
// blind a vault or a managed identity. From azure/built-in-roles-raw.json of github.com/iann0036/iam-dataset (MIT, see NOTICE) as
// of 2026-08-22.
//
//go:embed roles.json
var rolesJSON []byte

// role is a role compiled for matching.
type role struct {
	name   string
	blocks []block
}

// block is one permission block, compiled.
type block struct {
	actions, notActions         patterns
	dataActions, notDataActions patterns
	condition                   *condition
}

// grants says whether the block has an action of a plane, whatever its condition. The action is in lower case.
func (b *block) grants(plane Plane, action string) bool {
	if plane == Data {
		return b.dataActions.match(action) && !b.notDataActions.match(action)
	}
	return b.actions.match(action) && !b.notActions.match(action)
}

func compileBlocks(permissions []Permission) []block {
	blocks := make([]block, len(permissions))
	for i, p := range permissions {
		blocks[i] = block{
			compilePatterns(p.Actions), compilePatterns(p.NotActions),
			compilePatterns(p.DataActions), compilePatterns(p.NotDataActions),
			compileCondition(p.Condition, p.Version),
		}
	}
	return blocks
}

// builtIn holds the embedded roles and those of Managed HSM by GUID.
var builtIn = sync.OnceValue(func() map[string]role {
	var file struct {
		Roles []struct {
			ID          string
			Name        string
			Permissions []Permission
		}
	}
	if err := json.Unmarshal(rolesJSON, &file); err != nil {
		panic("roles.json: " + err.Error()) // embedded: a test reads it
	}
	roles := map[string]role{}
	for _, r := range file.Roles {
		roles[r.ID] = role{r.Name, compileBlocks(r.Permissions)}
	}
	for _, r := range hsmRoles {
		roles[r.id] = role{r.name, compileBlocks([]Permission{{DataActions: r.dataActions()}})}
	}
	return roles
})

// BuiltIn reports whether a role is one of those that requests need not hold, by its ID or the GUID that ends it.
func BuiltIn(id string) bool {
	_, ok := builtIn()[guid(id)]
	return ok
}

// BuiltInRoles are the GUIDs of those roles, but for those of Managed HSM.
func BuiltInRoles() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(builtIn())), func(id string) bool {
		return slices.ContainsFunc(hsmRoles, func(r hsmRole) bool { return r.id == id })
	})
}

// guid is the last segment of an ID, in lower case: what names a role in every scope.
func guid(id string) string {
	id = strings.TrimRight(id, "/")
	return strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])
}

// cacheLimit bounds each cache of an evaluator. An estate has some hundreds of custom roles, and deny assignments and conditions
// mostly repeat; what does not fit is compiled again.
const cacheLimit = 4096

// cache keeps what was compiled from a text or from permission blocks, and forgets all of it when it is full.
type cache[K comparable, V any] struct {
	mu sync.RWMutex
	m  map[K]V
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.m[k]
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= cacheLimit {
		c.m = map[K]V{}
	}
	c.m[k] = v
}

// compiled keeps the permissions beside the blocks, since different permissions may have the same hash.
type compiled struct {
	from   []Permission
	blocks []block
}

// blocks compiles permission blocks, once for equal ones.
func (e *Evaluator) blocks(permissions []Permission) []block {
	key := e.hash(permissions)
	if c, ok := e.roles.get(key); ok && slices.EqualFunc(c.from, permissions, equalPermission) {
		return c.blocks
	}
	c := compiled{make([]Permission, len(permissions)), compileBlocks(permissions)}
	for i, p := range permissions { // the caller may change what it gave
		p.Actions, p.NotActions = slices.Clone(p.Actions), slices.Clone(p.NotActions)
		p.DataActions, p.NotDataActions = slices.Clone(p.DataActions), slices.Clone(p.NotDataActions)
		c.from[i] = p
	}
	e.roles.put(key, c)
	return c.blocks
}

func equalPermission(a, b Permission) bool {
	return slices.Equal(a.Actions, b.Actions) && slices.Equal(a.NotActions, b.NotActions) &&
		slices.Equal(a.DataActions, b.DataActions) && slices.Equal(a.NotDataActions, b.NotDataActions) &&
		a.Condition == b.Condition && a.Version == b.Version
}

func (e *Evaluator) hash(permissions []Permission) uint64 {
	var h maphash.Hash
	h.SetSeed(e.seed)
	for _, p := range permissions {
		for _, list := range [...][]string{p.Actions, p.NotActions, p.DataActions, p.NotDataActions, {p.Condition, p.Version}} {
			for _, s := range list {
				h.WriteString(s)
				h.WriteByte(0)
			}
			h.WriteByte(1)
		}
	}
	return h.Sum64()
}

// condition compiles the condition of an assignment, once for equal ones.
func (e *Evaluator) condition(text, version string) *condition {
	if text == "" {
		return nil
	}
	key := [2]string{text, version}
	c, ok := e.conditions.get(key)
	if !ok {
		c = compileCondition(text, version)
		e.conditions.put(key, c)
	}
	return c
}

// lookup finds the blocks of a role by its ID: of the request's definitions all with its GUID, or else the built-in role.
func (e *Evaluator) lookup(r *Request, id string) (role, bool) {
	want := guid(id)
	if want == "" {
		return role{}, false
	}
	var found role
	var ok bool
	for i := range r.RoleDefinitions {
		d := &r.RoleDefinitions[i]
		if have := d.ID; guid(have) != want && (have != "" || guid(d.Name) != want) {
			continue
		}
		found.blocks = append(found.blocks, e.blocks(d.Permissions)...)
		if ok {
			found.name = min(found.name, d.RoleName)
		} else {
			found.name = d.RoleName
		}
		ok = true
	}
	if !ok {
		found, ok = builtIn()[want]
	}
	if found.name == "" {
		found.name = want
	}
	return found, ok
}
