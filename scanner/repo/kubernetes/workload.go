package kubernetes

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A podTemplate says where a kind of object holds the template of its pods.
type podTemplate struct {
	groups []string
	path   []string // to the template, which has metadata and spec; none: the object itself
}

func (t podTemplate) of(group string) bool { return slices.Contains(t.groups, group) }

var (
	apps    = []string{"apps", "extensions"}
	batch   = []string{"batch"}
	inSpec  = []string{"spec", "template"}
	cronJob = []string{"spec", "jobTemplate", "spec", "template"}
)

// podTemplates are the kinds that make pods: those of Kubernetes (API reference, "Workload resources"), DeploymentConfig of OpenShift,
// Rollout of Argo, Service of Knative.
var podTemplates = map[string]podTemplate{
	"Pod":                   {[]string{""}, nil},
	"PodTemplate":           {[]string{""}, []string{"template"}},
	"ReplicationController": {[]string{""}, inSpec},
	"Deployment":            {apps, inSpec},
	"StatefulSet":           {apps, inSpec},
	"DaemonSet":             {apps, inSpec},
	"ReplicaSet":            {apps, inSpec},
	"Job":                   {batch, inSpec},
	"CronJob":               {batch, cronJob},
	"DeploymentConfig":      {[]string{"apps.openshift.io"}, inSpec},
	"Rollout":               {[]string{"argoproj.io"}, inSpec},
	"Service":               {[]string{"serving.knative.dev"}, inSpec},
}

var containerFields = []string{"containers", "initContainers", "ephemeralContainers"}

// workload reads what pods are handed, and as whom they run.
func (r *reader) workload(o *object, t podTemplate) {
	template := o.node.Get(t.path...)
	if template == nil && o.node.Get("spec", "workloadRef") != nil {
		return // a Rollout for the pods of a Deployment
	}
	spec := template.Get("spec")
	p := pods{reader: r, object: o, spec: spec}
	whole := false // a container names its image, as one of a fragment need not
	for _, field := range containerFields {
		for _, c := range items(spec.Get(field)) {
			whole = whole || c.Get("image") != nil
			p.container(c)
		}
	}
	if o.custom {
		p.besideTemplate(template)
	}
	p.vaultAgent(template.Get("metadata", "annotations"))

	res := r.new(o, workload)
	res.Workload = &inventory.Workload{Platform: "kubernetes"}
	if !whole || o.patch {
		r.fragment(o, &p, res)
		return
	}
	if why := r.kustom.may(o, handed); why != "" {
		p.set.Open(why)
	}
	for _, server := range r.dev[path.Dir(o.file)] {
		p.set.Dev(server)
	}
	at := *res.Location
	p.set.State(&res)
	if why := p.taken(); why != "" && len(res.Workload.Credentials) > 0 && !inFile(res.Workload.Credentials) {
		res.Workload.Credentials, res.Location = nil, &at
		declare.Open(&res, "workload.credentials", why)
	}
	r.identity(&res, o, template, spec)
	r.yieldResource(res)
}

// devServers notes the commands and variables of containers that start a Vault server in development mode.
func (r *reader) devServers(o *object) {
	t, ok := podTemplates[o.kind]
	if !ok || !t.of(o.group) {
		return
	}
	note := func(text string) { r.dev[path.Dir(o.file)] = append(r.dev[path.Dir(o.file)], text) }
	for _, field := range containerFields {
		for _, c := range items(o.node.Get(t.path...).Get("spec", field)) {
			command, _ := c.Get("command").Strings()
			args, _ := c.Get("args").Strings()
			note(strings.Join(slices.Concat(command, args), " "))
			for _, e := range items(c.Get("env")) {
				if called, _ := e.Get("name").Str(); called == staticcred.DevToken {
					note(called + "=" + or(e.Get("value"), ""))
				}
			}
		}
	}
}

// taken says what may take away a credential that was found, "" for nothing.
func (p *pods) taken() string {
	return p.kustom.changed(p.object.file, p.object.kind, func(c change) bool {
		return c.fact == anything || c.fact == handed && (c.takes || slices.ContainsFunc(p.called, func(name string) bool { return strings.Contains(c.text, name) }))
	})
}

// inFile reports whether a file holds one of the credentials itself: no patch takes it out of that.
func inFile(list []inventory.StaticCredential) bool {
	return slices.ContainsFunc(list, func(c inventory.StaticCredential) bool {
		return c.Via == staticcred.Literal || c.Via == staticcred.Argument
	})
}

// identity reads the service account of pods, and the label that has Azure's webhook give them a token.
func (r *reader) identity(res *inventory.Resource, o *object, template, spec *yamlnode.Node) {
	account := "default"
	for _, field := range []string{"serviceAccount", "serviceAccountName"} { // the first is the older name of the second
		n := spec.Get(field)
		if s, ok := n.Str(); ok && s != "" {
			account = s
		} else if n != nil && n.Kind >= yamlnode.List {
			account = "{{ }}"
		}
	}
	renamed := ""
	if account != "default" { // which no kustomization renames where no file declares it
		renamed = r.kustom.may(o, names)
	}
	switch why := cmp.Or(r.kustom.may(o, accountName), renamed); {
	case staticcred.Template(account):
		declare.Open(res, "workload.service_account", "its service account is filled in from elsewhere")
	case why != "":
		declare.Open(res, "workload.service_account", why)
	default:
		res.Workload.ServiceAccount = account
	}
	r.account(res, o, account, spec.Get("automountServiceAccountToken"))

	n := template.Get("metadata", "labels", useLabel)
	text, isText := n.Str()
	label := text == "true"
	switch {
	case n != nil && !isText && n.Kind != yamlnode.Null, filled(text): // an unquoted {{ template }} reads as a map
		declare.Open(res, "workload.azure_label", "the label "+useLabel+" is filled in from elsewhere")
	case r.kustom.sets(o.file, o.kind, useLabel):
		declare.Open(res, "workload.azure_label", "a kustomization may set the label "+useLabel)
	default:
		res.Workload.AzureLabel = &label
	}
}

// fragment deals with a part of an object, such as a patch: a credential in it is certain, everything else is in another file.
func (r *reader) fragment(o *object, p *pods, res inventory.Resource) {
	if !p.stated() {
		if !o.patch { // patches are told where they are named
			r.notUnderstoodOnce(o.file, o.node.Line, "an object without containers or their images is read as a fragment of another")
		}
		return
	}
	p.set.State(&res)
	for _, fact := range []string{"workload.service_account", "workload.mounts_token", "workload.azure_identity", "workload.azure_label"} {
		declare.Open(&res, fact, "this is a fragment of an object")
	}
	r.yieldResource(res)
}

// vaultAgent reads the annotations of the Vault Agent Injector. It logs in with the pod's own token unless they, or a configuration that
// they name, say otherwise; an AppRole needs a secret-id, and the method token_file a token.
func (p *pods) vaultAgent(annotations *yamlnode.Node) {
	const prefix = "vault.hashicorp.com/"
	if inject, _ := annotations.Get(prefix + "agent-inject").Str(); inject == "false" || inject == "" {
		return
	}
	method := annotations.Get(prefix + "auth-type")
	switch text, ok := method.Str(); {
	case strings.EqualFold(text, "approle"), strings.EqualFold(text, "token_file"):
		p.set.AddAs(staticcred.Vault, staticcred.Handed{Name: prefix + "auth-type", Via: staticcred.File, Line: method.Line})
	case method != nil && (!ok || filled(text)):
		p.set.Open("how Vault's agent logs in is filled in from elsewhere")
	}
	if annotations.Get(prefix+"agent-configmap") != nil {
		p.set.Open("how Vault's agent logs in is in the ConfigMap " + or(annotations.Get(prefix+"agent-configmap"), ""))
	}
}
