package kubernetes

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// Annotations and labels of workload identity: EKS User Guide, "IAM roles for service accounts"; Azure Workload Identity, "Labels and
// annotations".
const (
	roleAnnotation   = "eks.amazonaws.com/role-arn"
	clientAnnotation = "azure.workload.identity/client-id"
	useLabel         = "azure.workload.identity/use"
)

// serviceAccount reads a service account. Its token is mounted unless it says otherwise (API reference of ServiceAccount).
func (r *reader) serviceAccount(o *object) {
	if o.patch {
		return
	}
	res := r.new(o, serviceAccount)
	p := &inventory.Principal{}
	res.Principal = p
	for _, a := range []struct {
		key, fact string
		into      *string
	}{{roleAnnotation, "principal.role_arn", &p.RoleARN}, {clientAnnotation, "principal.azure_client_id", &p.AzureClientID}} {
		n := o.node.Get("metadata", "annotations", a.key)
		text, ok := n.Str()
		switch {
		case n != nil && (!ok && n.Kind != yamlnode.Null || filled(text)):
			declare.Open(&res, a.fact, "the annotation "+a.key+" is filled in from elsewhere")
		case r.kustom.sets(o.file, o.kind, a.key):
			declare.Open(&res, a.fact, "a kustomization may set the annotation "+a.key)
		default:
			*a.into = text
		}
	}
	if p.RoleARN != "" {
		res.Refs = append(res.Refs, inventory.Ref{Edge: "names", To: inventory.ID(p.RoleARN), Target: "aws.iam.role", Name: p.RoleARN})
	}
	mounts, ok := mountsToken(o.node.Get("automountServiceAccountToken"))
	switch why := r.kustom.may(o, token); {
	case !ok:
		declare.Open(&res, "principal.mounts_token", "automountServiceAccountToken is filled in from elsewhere")
	case why != "":
		declare.Open(&res, "principal.mounts_token", why)
	default:
		p.MountsToken = &mounts
	}
	r.yieldResource(res)
}

// mountsToken reads automountServiceAccountToken, which is true where nothing is said.
func mountsToken(n *yamlnode.Node) (value, ok bool) {
	if n == nil || n.Kind == yamlnode.Null {
		return true, true
	}
	return n.Bool()
}

// account fills in what the service account of a workload decides. The account "default" that no file declares is as Kubernetes makes it.
func (r *reader) account(res *inventory.Resource, o *object, account string, own *yamlnode.Node) {
	list := r.accounts.find(o.file, key("", o.namespace, account))
	unread := len(list) == 0 && account != "default" || staticcred.Template(account)

	mounts, ok := mountsToken(own)
	why := "automountServiceAccountToken is filled in from elsewhere"
	if own == nil || own.Kind == yamlnode.Null {
		mounts, ok = agree(list, true, func(a object) (bool, bool) { return mountsToken(a.node.Get("automountServiceAccountToken")) })
		why = "its service account says whether the token is mounted"
		ok = ok && !unread
	}
	other := r.kustom.may(o, accountName)
	patched := cmp.Or(r.kustom.may(o, token), other)
	for i := range list {
		patched = cmp.Or(patched, r.kustom.may(&list[i], token))
	}
	switch {
	case !ok:
		declare.Open(res, "workload.mounts_token", why)
	case patched != "":
		declare.Open(res, "workload.mounts_token", patched)
	default:
		res.Workload.MountsToken = &mounts
	}

	identity, ok := agree(list, false, func(a object) (bool, bool) {
		text, isText := a.node.Get("metadata", "annotations", clientAnnotation).Str()
		return isText && text != "", true
	})
	switch {
	case unread:
		declare.Open(res, "workload.azure_identity", "the service account "+strconv.Quote(account)+" is not in these files")
	case !ok:
		declare.Open(res, "workload.azure_identity", "the files that declare its service account do not agree")
	case other != "":
		declare.Open(res, "workload.azure_identity", other)
	case slices.ContainsFunc(list, func(a object) bool { return r.kustom.sets(a.file, a.kind, clientAnnotation) }),
		len(list) == 0 && r.kustom.sets(o.file, "ServiceAccount", clientAnnotation):
		declare.Open(res, "workload.azure_identity", "a kustomization may set the annotation "+clientAnnotation)
	default:
		res.Workload.AzureIdentity = &identity
	}
}

// agree is what all accounts say; not ok where they differ or one does not say.
func agree(list []object, none bool, say func(object) (value, ok bool)) (value, ok bool) {
	if len(list) == 0 {
		return none, true
	}
	value, ok = say(list[0])
	for _, a := range list[1:] {
		v, said := say(a)
		ok = ok && said && v == value
	}
	return value, ok
}
