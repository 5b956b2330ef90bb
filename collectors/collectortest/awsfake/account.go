package awsfake

import "fmt"

// An Account is one AWS account.
type Account struct {
	ID string // twelve digits

	server   *Server
	regions  map[string]*Region
	disabled map[string]bool
	roles    map[string]Role // by name, with its path: "team/keyreeve-read"
	iam      identities
}

// A Role may be assumed by callers of other accounts. IAM tells of it, too.
type Role struct {
	Holder
	Name       string
	Trusts     []string // accounts whose callers may assume it; empty: all
	ExternalID string   // that an assumer has to give; empty: none
	Policy     string   // its trust policy, as IAM tells it; empty: one that trusts the account
}

// A caller is who an access key stands for.
type caller struct {
	account string
	arn     string
}

// AddAccessKey makes calls signed with an access key's ID come from a user of this account.
func (a *Account) AddAccessKey(id string) {
	a.server.locked(func() {
		a.server.callers[id] = caller{account: a.ID, arn: "arn:aws:iam::" + a.ID + ":user/reader"}
	})
}

// AddRole adds a role and returns its ARN.
func (a *Account) AddRole(r Role) string {
	a.server.locked(func() { a.roles[r.Name] = r })
	return "arn:aws:iam::" + a.ID + ":role/" + r.Name
}

// Region returns a Region of the account.
func (a *Account) Region(name string) *Region {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.region(name)
}

func (a *Account) region(name string) *Region {
	r := a.regions[name]
	if r == nil {
		r = &Region{Name: name, account: a}
		a.regions[name] = r
	}
	return r
}

// Disable makes a Region one that the account has not enabled: nobody's credentials are valid there.
func (a *Account) Disable(region string) {
	a.server.locked(func() { a.disabled[region] = true })
}

// assume makes credentials for a role. Their IDs are counted up, so that equal runs get equal ones.
func (s *Server) assume(a *Account, role Role, session string) (accessKey, arn string) {
	s.sessions++
	accessKey = fmt.Sprintf("ASIA%012d", s.sessions)
	arn = fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", a.ID, role.Name, session)
	s.callers[accessKey] = caller{account: a.ID, arn: arn}
	return accessKey, arn
}
