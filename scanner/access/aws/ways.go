package aws

// Ways are by what some rights are certain, and what else is certain to be within reach. Of Wide, Delegated and Unbounded nothing is more
// than what is certain.
type Ways struct {
	Delegated Set // the resource's policies leave it to those of the account's identities
	Wide      Set // statements of its own policies allow it that cover all keys, or all secrets, of that Region and account, or all but some
	Unbounded Set // the resource's policy allows it, its permissions boundary does not
	Sessions  Set // likewise of a session of it that the policy names, whatever is certain of all of them
	ByPolicy  Set // it would be allowed if the resource's policy named the principal
	ByGrant   Set // it would be allowed if a grant named the principal
	Through   Set // of KeyActions, on a secret: what it may do to the secret's key through Secrets Manager, if that was asked
}

// ways finds them, within what is certain. Room is what denials and control policies certainly leave, but for the policy of the resource.
func (k *target) ways(m *member, o *own, h *heard, is, room, wide Set) (w Ways) {
	limits := o.limits().t
	own := o.identity.fixed.t & limits
	wide &= limits
	switch m.caller.kind {
	case root:
		own, wide = limits, limits
	case federated:
		own, wide = 0, 0
	}
	if k.realm == keys {
		w.ByGrant = room & grantable &^ h.denied.p
	}
	if m.caller.outside() {
		return w
	}
	if m.caller.account != k.account.ID {
		w.Wide = is & h.any().t & wide
		return w
	}
	leaves := ^Set(0)
	if k.realm == keys {
		leaves = h.policy[byAccount].t
	}
	w.Delegated, w.Wide = is&leaves&own, is&leaves&wide
	direct := h.policy[exactly].t | h.policy[anyone].t
	w.ByPolicy = room
	if o.bounded {
		w.Unbounded = is & direct &^ o.boundary.fixed.p
		w.Sessions = room & h.sessions &^ h.denied.p &^ o.boundary.fixed.p
	}
	if m.caller.kind == role {
		w.ByPolicy &= limits
	}
	return w
}

// within leaves out what is not certain after all, and of sessions what is not possible.
func (w Ways) within(is pair) Ways {
	w.Delegated, w.Wide, w.Unbounded, w.Sessions = w.Delegated&is.t, w.Wide&is.t, w.Unbounded&is.t, w.Sessions&is.p
	return w
}

// freeGrant is what a request for FreeGrant says of the condition keys that are only in such requests, in lower case.
var freeGrant = map[string]Values{
	"kms:grantoperations": operations, "kms:granteeprincipal": {"arn:aws:iam::000000000000:root"}, "kms:grantisforawsresource": {"false"},
	"kms:grantconstrainttype": {}, "kms:grantconstraintsourcearn": {}, "kms:granteeserviceprincipal": {},
	"kms:retiringprincipal": {}, "kms:retiringserviceprincipal": {}, "kms:viaservice": {}, "aws:calledvia": {}, "aws:calledviafirst": {}, "aws:calledvialast": {},
	"aws:viaawsservice": {"false"},
}
