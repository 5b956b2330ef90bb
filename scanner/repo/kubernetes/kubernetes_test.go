package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/declare/declaretest"
)

// long is as long as a key of AWS, and none.
var long = strings.Repeat("EXAMPLE-", 5)

func readFiles(t *testing.T, files map[string]string) declare.Declared {
	t.Helper()
	return declaretest.Read(t, Dialect, files)
}

// brief writes what was declared, a line each: the facts that are not as Kubernetes has them by default, and those that are open.
func brief(d declare.Declared) string {
	var out []string
	for _, r := range d.Resources {
		line := fmt.Sprintf("%s:%d", r.ID[strings.Index(string(r.ID), "/")+1:], r.Location.StartLine)
		if p := r.Principal; p != nil {
			line += told2(" role=", p.RoleARN) + told2(" client=", p.AzureClientID) + flagged(" no token", p.MountsToken, false)
		}
		if w := r.Workload; w != nil {
			line += told2(" as ", strings.TrimPrefix(w.ServiceAccount, "default")) + flagged(" no token", w.MountsToken, false) + flagged(" identity", w.AzureIdentity, true) + flagged(" label", w.AzureLabel, true)
			for _, c := range w.Credentials {
				line += fmt.Sprintf(" [%s %s %s]", c.At, c.Provider, c.Via)
			}
		}
		if s := r.Secret; s != nil {
			line += told2(" type=", strings.TrimPrefix(s.Format, opaque)) + flagged(" in code", s.ValueInCode, true)
		}
		if p := r.Policy; p != nil {
			for _, s := range p.Statements {
				line += fmt.Sprintf(" %s%q%q%q%q", s.At, s.Groups, s.Resources, s.Names, s.Verbs)
			}
		}
		for _, u := range r.Unknown {
			line += fmt.Sprintf(" (%s: %s)", u.Fact[strings.Index(u.Fact, ".")+1:], u.Hint)
		}
		out = append(out, line)
	}
	for _, g := range d.Gaps {
		out = append(out, fmt.Sprintf("%s %s: %s", g.Why, g.What, g.Err))
	}
	return strings.Join(out, "\n")
}

func told2(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}

func flagged(label string, b *bool, when bool) string {
	if b == nil || *b != when {
		return ""
	}
	return label
}

// A table has the text of a file with what is declared in it.
type table map[string]struct{ text, want string }

func (c table) run(t *testing.T) {
	t.Helper()
	for name, c := range c {
		if got := brief(readFiles(t, map[string]string{"a.yaml": c.text})); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// pod is a Pod whose specification is given, the part of the container "app" last.
func pod(parts ...string) string {
	s := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
	for _, p := range parts[:len(parts)-1] {
		s += "  " + strings.ReplaceAll(p, "\n", "\n  ") + "\n"
	}
	return s + "  containers:\n  - name: app\n    image: i\n    " + strings.ReplaceAll(parts[len(parts)-1], "\n", "\n    ") + "\n"
}

func TestEnvironment(t *testing.T) {
	table{
		"nothing":             {pod(""), "a.yaml#default/Pod/p:1"},
		"a literal":           {pod("env: [{name: VAULT_TOKEN, value: x}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault literal]"},
		"empty":               {pod("env: [{name: VAULT_TOKEN, value: ''}]"), "a.yaml#default/Pod/p:1"},
		"no value":            {pod("env: [{name: VAULT_TOKEN}]"), "a.yaml#default/Pod/p:1"},
		"an emulator's":       {pod("env: [{name: AWS_SECRET_ACCESS_KEY, value: test}]"), "a.yaml#default/Pod/p:1"},
		"a key":               {pod("env: [{name: AWS_SECRET_ACCESS_KEY, value: " + long + "}]"), "a.yaml#default/Pod/p:8 [app/AWS_SECRET_ACCESS_KEY aws literal]"},
		"of a Secret":         {pod("env:\n- name: AZURE_CLIENT_SECRET\n  valueFrom: {secretKeyRef: {name: s, key: k}}"), "a.yaml#default/Pod/p:9 [app/AZURE_CLIENT_SECRET azure secret]"},
		"by its key":          {pod("env: [{name: KEY, valueFrom: {secretKeyRef: {name: s, key: aws_secret_access_key}}}]"), "a.yaml#default/Pod/p:8 [app/AWS_SECRET_ACCESS_KEY aws secret]"},
		"of a ConfigMap":      {pod("env: [{name: VAULT_TOKEN, valueFrom: {configMapKeyRef: {name: s, key: k}}}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault variable]"},
		"of the pod":          {pod("env: [{name: VAULT_TOKEN, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"), "a.yaml#default/Pod/p:1"},
		"a template":          {pod("env: [{name: VAULT_TOKEN, value: '${T}'}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault variable]"},
		"an open template":    {pod("env: [{name: VAULT_TOKEN, value: {{ .T }} }]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault variable]"},
		"a store's":           {pod("env: [{name: VAULT_TOKEN, value: '<path:kv/data/a#b>'}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]"},
		"another variable":    {pod("env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: VAULT_TOKEN, value: $(A)}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]"},
		"one of elsewhere":    {pod("env: [{name: VAULT_TOKEN, value: $(A)}]"), "a.yaml#default/Pod/p:1 (credentials: what VAULT_TOKEN holds is not stated)"},
		"not a variable":      {pod("env: [{name: VAULT_TOKEN, value: $$(A)}]"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault literal]"},
		"the later wins":      {pod("env: [{name: VAULT_TOKEN, value: x}, {name: VAULT_TOKEN, value: ''}]"), "a.yaml#default/Pod/p:1"},
		"a session":           {pod("env: [{name: AWS_SECRET_ACCESS_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: AWS_SESSION_TOKEN, valueFrom: {secretKeyRef: {name: s, key: l}}}]"), "a.yaml#default/Pod/p:1"},
		"of a Secret unseen":  {pod("envFrom: [{secretRef: {name: s}}]"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)"},
		"unseen and certain":  {pod("envFrom: [{secretRef: {name: s}}]\nenv: [{name: VAULT_TOKEN, value: x}]"), "a.yaml#default/Pod/p:9 [app/VAULT_TOKEN vault literal]"},
		"a ConfigMap unseen":  {pod("envFrom: [{configMapRef: {name: c}}]"), "a.yaml#default/Pod/p:1 (credentials: the keys of the ConfigMap c are not in these files)"},
		"an argument":         {pod("args: [--vault-token=x]"), "a.yaml#default/Pod/p:8 [app/--vault-token vault argument]"},
		"a variable's":        {pod("args: ['--vault-token=$(T)']\nenv: [{name: T, valueFrom: {secretKeyRef: {name: s, key: k}}}]"), "a.yaml#default/Pod/p:8 [app/--vault-token vault secret]"},
		"a shell":             {pod("command: [sh, -c, 'export VAULT_TOKEN=$(cat /t); exec app']"), "a.yaml#default/Pod/p:1"},
		"a shell's literal":   {pod("command:\n- sh\n- -c\n- |\n  export VAULT_TOKEN=x\n  exec app"), "a.yaml#default/Pod/p:9 [app/VAULT_TOKEN vault argument]"},
		"to begin with":       {strings.Replace(pod("env: [{name: VAULT_TOKEN, value: x}]"), "containers", "initContainers", 1), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault literal]"},
		"the agent":           {strings.Replace(pod(""), "{name: p}", "{name: p, annotations: {vault.hashicorp.com/agent-inject: 'true', vault.hashicorp.com/role: a}}", 1), "a.yaml#default/Pod/p:1"},
		"the agent's role":    {strings.Replace(pod(""), "{name: p}", "{name: p, annotations: {vault.hashicorp.com/agent-inject: 'true', vault.hashicorp.com/auth-type: approle}}", 1), "a.yaml#default/Pod/p:3 [vault.hashicorp.com/auth-type vault file]"},
		"the agent's token":   {strings.Replace(pod(""), "{name: p}", "{name: p, annotations: {vault.hashicorp.com/agent-inject: true, vault.hashicorp.com/auth-type: token_file}}", 1), "a.yaml#default/Pod/p:3 [vault.hashicorp.com/auth-type vault file]"},
		"the agent's file":    {strings.Replace(pod(""), "{name: p}", "{name: p, annotations: {vault.hashicorp.com/agent-inject: 'true', vault.hashicorp.com/agent-configmap: c}}", 1), "a.yaml#default/Pod/p:1 (credentials: how Vault's agent logs in is in the ConfigMap c)"},
		"after the start":     {pod("lifecycle: {postStart: {exec: {command: [sh, -c, 'vault login x']}}}"), "a.yaml#default/Pod/p:8 [app/vault login vault argument]"},
		"a probe":             {pod("livenessProbe: {exec: {command: [sh, -c, 'VAULT_TOKEN=x vault status']}}"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault argument]"},
		"of a file":           {pod("env: [{name: VAULT_TOKEN, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]"), "a.yaml#default/Pod/p:1 (credentials: what VAULT_TOKEN holds is not stated)"},
		"a file of a Secret":  {pod("volumes: [{name: v, secret: {secretName: s, items: [{key: k, path: cloud}]}}]", "env: [{name: AWS_SHARED_CREDENTIALS_FILE, value: /c/cloud}]\nvolumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:9 [app/AWS_SHARED_CREDENTIALS_FILE aws file]"},
		"a file of who knows": {pod("env: [{name: GOOGLE_APPLICATION_CREDENTIALS, value: /c/cloud}]"), "a.yaml#default/Pod/p:1 (credentials: the file that GOOGLE_APPLICATION_CREDENTIALS names may hold a key, or say how to do without one)"},
		"a federation":        {pod("volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}, {configMap: {name: c}}]}}]", "env: [{name: GOOGLE_APPLICATION_CREDENTIALS, value: /c/f.json}]\nvolumeMounts: [{name: v, mountPath: /c/}]"), "a.yaml#default/Pod/p:1"},
		"mounted, unseen":     {pod("volumes: [{name: v, secret: {secretName: s}}]", "volumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s, which it mounts, are not in these files)"},
		"not mounted":         {pod("volumes: [{name: v, secret: {secretName: s}}]", ""), "a.yaml#default/Pod/p:1"},
		"mounted, harmless":   {pod("volumes: [{name: v, secret: {secretName: s, items: [{key: tls.crt, path: a}]}}]", "volumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:1"},
		"mounted by name":     {pod("volumes: [{name: v, projected: {sources: [{secret: {name: s, items: [{key: vault-token, path: a}]}}]}}]", "volumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:9 [app/VAULT_TOKEN vault file]"},
		"mounted at home":     {pod("volumes: [{name: v, secret: {secretName: s, items: [{key: c, path: credentials}]}}]", "volumeMounts: [{name: v, mountPath: /root/.aws}]"), "a.yaml#default/Pod/p:9 [app/.aws/credentials aws file]"},
		"a ConfigMap's file":  {pod("volumes: [{name: v, configMap: {name: s, items: [{key: c, path: credentials}, {key: d, path: config}]}}]", "volumeMounts: [{name: v, mountPath: /root/.aws}]"), "a.yaml#default/Pod/p:9 [app/.aws/credentials aws file]"},
		"a ConfigMap of some": {pod("volumes: [{name: v, configMap: {name: s}}]", "volumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:1"},
		"a part mounted":      {pod("volumes: [{name: v, secret: {secretName: s, items: [{key: c, path: x}]}}]", "volumeMounts: [{name: v, mountPath: /root/.vault-token, subPath: x}]"), "a.yaml#default/Pod/p:9 [app/.vault-token vault file]"},
		"a store's driver":    {pod("volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: k}}}]", "volumeMounts: [{name: v, mountPath: /c}]"), "a.yaml#default/Pod/p:1 (credentials: the files of the SecretProviderClass k are not looked at)"},
	}.run(t)
}

// with is a pod that takes all variables of a Secret and a ConfigMap, with what declares them.
func with(docs string) string {
	return pod("envFrom: [{secretRef: {name: s}, prefix: ''}]") + "---\n" + docs
}

func TestKeys(t *testing.T) {
	table{
		"harmless":           {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {A: b}\n"), "a.yaml#default/Pod/p:1\na.yaml#default/Secret/s:13 in code"},
		"a credential":       {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {VAULT_TOKEN: '${T}'}\n"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]\na.yaml#default/Secret/s:10"},
		"an emulator's":      {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {AWS_SECRET_ACCESS_KEY: dGVzdA==}\n"), "a.yaml#default/Pod/p:8 [app/AWS_SECRET_ACCESS_KEY aws secret]\na.yaml#default/Secret/s:13 in code"},
		"to be replaced":     {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {AWS_SECRET_ACCESS_KEY: ''}\n"), "a.yaml#default/Pod/p:8 [app/AWS_SECRET_ACCESS_KEY aws secret]\na.yaml#default/Secret/s:10"},
		"another namespace":  {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: prod}\nstringData: {A: ''}\n"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)\na.yaml#prod/Secret/s:10"},
		"sealed":             {with("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s}\nspec: {encryptedData: {VAULT_TOKEN: x}}\n"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]"},
		"external":           {with("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec: {target: {name: s}, data: [{secretKey: VAULT_TOKEN}]}\n"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]"},
		"external, whole":    {with("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s}\nspec: {dataFrom: [{extract: {key: k}}]}\n"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)"},
		"external, template": {with("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s}\nspec: {data: [{secretKey: VAULT_TOKEN}], target: {template: {data: {A: '{{ .x }}'}}}}\n"), "a.yaml#default/Pod/p:1"},
		"taken back":         {strings.Replace(with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {VAULT_TOKEN: '${T}'}\n"), "    envFrom", "    env: [{name: VAULT_TOKEN, value: ''}]\n    envFrom", 1), "a.yaml#default/Pod/p:1\na.yaml#default/Secret/s:11"},
		"a certificate":      {with("apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c}\nspec: {secretName: s}\n"), "a.yaml#default/Pod/p:1"},
		"data of a template": {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: '{{ x }}'\n"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)\na.yaml#default/Secret/s:10 (value_in_code: what data holds is not a map)"},
		"two that agree":     {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {A: ''}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {B: ''}\n"), "a.yaml#default/Pod/p:1\na.yaml#default/Secret/s:10\na.yaml#default/Secret/s/2:15"},
		"two that do not":    {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {A: ''}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {VAULT_TOKEN: '${T}'}\n"), "a.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)\na.yaml#default/Secret/s:10\na.yaml#default/Secret/s/2:15"},
		"two that have it":   {with("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {VAULT_TOKEN: '${A}'}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {VAULT_TOKEN: '${T}'}\n"), "a.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]\na.yaml#default/Secret/s:10\na.yaml#default/Secret/s/2:15"},
	}.run(t)
}

func TestSecrets(t *testing.T) {
	s := "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
	table{
		"nothing":            {s, "a.yaml#default/Secret/s:1"},
		"in the clear":       {s + "data:\n  a: YQ==\n", "a.yaml#default/Secret/s:5 in code"},
		"a string":           {s + "stringData:\n  e: ''\n  a: b\n", "a.yaml#default/Secret/s:6 in code"},
		"a number":           {s + "stringData: {a: 1}\n", "a.yaml#default/Secret/s:4 in code"},
		"a placeholder":      {s + "stringData: {a: '${A}', b: '{{ .B }}', c: <path:a/b#c>, d: 'vault:a/b#c', e: 'ref+vault://a'}\n", "a.yaml#default/Secret/s:1"},
		"encoded":            {s + "data: {a: JHtBfQ==}\n", "a.yaml#default/Secret/s:1"},
		"beside one":         {s + "stringData:\n  application.yml: |\n    url: ${DB_URL}\n    password: hunter2\n", "a.yaml#default/Secret/s:1 (value_in_code: a value holds text that may be filled in from elsewhere, or stand beside what is)"},
		"only those":         {s + "stringData:\n  application.yml: |\n    # of the shop\n    db:\n      url: \"${DB_URL}\"\n    json: {\"a\": \"{{ .A }}\"}\n", "a.yaml#default/Secret/s:1"},
		"marks in a text":    {s + "stringData: {a: 'pa${7}!{{x'}\n", "a.yaml#default/Secret/s:1 (value_in_code: a value holds text that may be filled in from elsewhere, or stand beside what is)"},
		"a shell's variable": {s + "stringData: {a: $PASSWORD}\n", "a.yaml#default/Secret/s:1 (value_in_code: a value holds text that may be filled in from elsewhere, or stand beside what is)"},
		"marks of tools":     {s + "stringData: {a: '#{Password}#', b: __PASSWORD__, c: '@@x@@'}\n", "a.yaml#default/Secret/s:1 (value_in_code: a value holds text that may be filled in from elsewhere, or stand beside what is)"},
		"a dollar before":    {s + "stringData: {a: '$ecret'}\n", "a.yaml#default/Secret/s:4 in code"},
		"a dollar in it":     {s + "stringData: {a: 'pa$WORD'}\n", "a.yaml#default/Secret/s:4 in code"},
		"an open mark":       {s + "stringData: {a: 'pass{{word'}\n", "a.yaml#default/Secret/s:1 (value_in_code: a value holds text that may be filled in from elsewhere, or stand beside what is)"},
		"XML":                {s + "stringData: {a: '<c><password>hunter2</password></c>'}\n", "a.yaml#default/Secret/s:4 in code"},
		"lines of a store":   {s + "stringData:\n  a: |\n    vault:a/b#c\n    hunter2\n", "a.yaml#default/Secret/s:5 in code"},
		"by SOPS":            {s + "data: {a: 'ENC[AES256_GCM,data:x,type:str]'}\nsops: {version: 3.9.0}\n", "a.yaml#default/Secret/s:1"},
		"in part by SOPS":    {s + "stringData: {a: 'ENC[AES256_GCM,data:x,type:str]', b: c}\nsops: {version: 3.9.0}\n", "a.yaml#default/Secret/s:4 in code"},
		"a token":            {s + "type: kubernetes.io/service-account-token\n", "a.yaml#default/Secret/s:4 type=kubernetes.io/service-account-token"},
		"a template":         {s + "type: '{{ .Values.type }}'\n", "a.yaml#default/Secret/s:1 (format: its type is filled in from elsewhere)"},
		"of another group":   {"apiVersion: x.io/v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n", ""},
	}.run(t)
}

func TestServiceAccounts(t *testing.T) {
	sa := func(more string) string {
		return "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, namespace: prod" + more
	}
	table{
		"plain":         {sa("}\n"), "a.yaml#prod/ServiceAccount/s:1"},
		"no token":      {sa("}\nautomountServiceAccountToken: false\n"), "a.yaml#prod/ServiceAccount/s:1 no token"},
		"who knows":     {sa("}\nautomountServiceAccountToken: '{{ .x }}'\n"), "a.yaml#prod/ServiceAccount/s:1 (mounts_token: automountServiceAccountToken is filled in from elsewhere)"},
		"a role of AWS": {sa(", annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/r'}}\n"), "a.yaml#prod/ServiceAccount/s:1 role=arn:aws:iam::111122223333:role/r"},
		"a template":    {sa(", annotations: {eks.amazonaws.com/role-arn: '${R}', azure.workload.identity/client-id: {{ x }} }}\n"), "a.yaml#prod/ServiceAccount/s:1 (azure_client_id: the annotation azure.workload.identity/client-id is filled in from elsewhere) (role_arn: the annotation eks.amazonaws.com/role-arn is filled in from elsewhere)"},
		"of Azure":      {sa(", annotations: {azure.workload.identity/client-id: c}}\n"), "a.yaml#prod/ServiceAccount/s:1 client=c"},
	}.run(t)
	d := readFiles(t, map[string]string{"a.yaml": sa(", annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/r'}}\n")})
	if refs := d.Resources[0].Refs; len(refs) != 1 || refs[0].To != "arn:aws:iam::111122223333:role/r" || refs[0].Target != "aws.iam.role" {
		t.Errorf("refs: %+v", refs)
	}
}

func TestIdentity(t *testing.T) {
	deploy := func(labels, spec string) string {
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    metadata: {labels: {" + labels + "}}\n    spec: {" + spec + " containers: [{image: i}]}\n"
	}
	const account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, annotations: {azure.workload.identity/client-id: c}}\nautomountServiceAccountToken: false\n"
	const accountLine = "\na.yaml#default/ServiceAccount/s:9 client=c no token"
	table{
		"default":          {deploy("", ""), "a.yaml#default/Deployment/d:1"},
		"no token":         {deploy("", "automountServiceAccountToken: false,"), "a.yaml#default/Deployment/d:1 no token"},
		"unseen":           {deploy("", "serviceAccountName: s,"), `a.yaml#default/Deployment/d:1 as s (azure_identity: the service account "s" is not in these files) (mounts_token: its service account says whether the token is mounted)`},
		"unseen, told":     {deploy("", "serviceAccountName: s, automountServiceAccountToken: true,"), `a.yaml#default/Deployment/d:1 as s (azure_identity: the service account "s" is not in these files)`},
		"a template":       {deploy("", "serviceAccountName: '${S}',"), `a.yaml#default/Deployment/d:1 (azure_identity: the service account "${S}" is not in these files) (mounts_token: its service account says whether the token is mounted) (service_account: its service account is filled in from elsewhere)`},
		"without label":    {deploy("", "serviceAccountName: s,") + account, "a.yaml#default/Deployment/d:1 as s no token identity" + accountLine},
		"with label":       {deploy("azure.workload.identity/use: 'true'", "serviceAccount: s,") + account, "a.yaml#default/Deployment/d:1 as s no token identity label" + accountLine},
		"an open label":    {deploy("azure.workload.identity/use: {{ x }}", ""), "a.yaml#default/Deployment/d:1 (azure_label: the label azure.workload.identity/use is filled in from elsewhere)"},
		"without identity": {deploy("azure.workload.identity/use: 'true'", ""), "a.yaml#default/Deployment/d:1 label"},
		"two that differ":  {deploy("", "serviceAccountName: s,") + account + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\n", "a.yaml#default/Deployment/d:1 as s (azure_identity: the files that declare its service account do not agree) (mounts_token: its service account says whether the token is mounted)" + accountLine + "\na.yaml#default/ServiceAccount/s/2:14"},
	}.run(t)
}

func TestRoles(t *testing.T) {
	table{
		"rules": {
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules:\n- apiGroups: ['']\n  resources: [secrets]\n  verbs: [get]\n- nonResourceURLs: [/healthz]\n  verbs: [get]\n- {apiGroups: [apps], resources: ['*'], resourceNames: [a], verbs: ['*']}\n",
			`a.yaml#default/Role/r:1 #1[""]["secrets"][]["get"] #2[][][]["get"] #3["apps"]["*"]["a"]["*"]`,
		},
		"none":        {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n", "a.yaml#ClusterRole/r:1"},
		"aggregated":  {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\naggregationRule: {clusterRoleSelectors: []}\n", "a.yaml#ClusterRole/r:1 (statements: it takes its rules from roles with certain labels)"},
		"OpenShift's": {"apiVersion: authorization.openshift.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]\n", `a.yaml#default/Role/r:1 #1[""]["secrets"][]["get"]`},
		"a template":  {"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: ['${R}'], verbs: [get]}]\n", "a.yaml#default/Role/r:1 (statements: a rule is filled in from elsewhere)"},
		"certain":     {"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: ['${R}'], verbs: [get]}, {apiGroups: [''], resources: [secrets], verbs: [list]}]\n", `a.yaml#default/Role/r:1 #2[""]["secrets"][]["list"]`},
		"no list":     {"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: '{{ x }}'\n", "a.yaml#default/Role/r:1 (statements: its rules are filled in from elsewhere)"},
	}.run(t)
}

func TestFiles(t *testing.T) {
	const sa = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\n"
	table{
		"empty":               {"", ""},
		"something else":      {"a: b\nkind: Secret\n", ""},
		"a definition":        {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: s}\n", ""},
		"several":             {"---\n---\n" + sa + "---\n" + strings.Replace(sa, "name: s", "name: t", 1), "a.yaml#default/ServiceAccount/s:3\na.yaml#default/ServiceAccount/t:7"},
		"a list":              {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: s}\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ServiceAccount, metadata: {name: t}}]}\n", "a.yaml#default/ServiceAccount/s:4\na.yaml#default/ServiceAccount/t:7"},
		"JSON":                {`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"s","namespace":"n"}}`, "a.yaml#n/ServiceAccount/s:1"},
		"OpenShift's":         {"apiVersion: template.openshift.io/v1\nkind: Template\nobjects: [{apiVersion: v1, kind: ServiceAccount, metadata: {name: s}}]\n", "a.yaml#default/ServiceAccount/s:3"},
		"CRLF and a mark":     {"\xef\xbb\xbf" + strings.ReplaceAll(sa, "\n", "\r\n"), "a.yaml#default/ServiceAccount/s:1"},
		"a name to come":      {"apiVersion: v1\nkind: ServiceAccount\nmetadata: {generateName: s-}\n", "a.yaml#default/ServiceAccount/s-:1"},
		"no name":             {"apiVersion: v1\nkind: ServiceAccount\n---\napiVersion: v1\nkind: Secret\n", "not_stated file \"a.yaml\": line 1: an object without a name is read as a fragment of another"},
		"a fragment":          {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 2}\n", "not_stated file \"a.yaml\": line 1: an object without containers or their images is read as a fragment of another"},
		"a fragment's own":    {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: a, env: [{name: VAULT_TOKEN, value: x}]}]}}}\n", "a.yaml#default/Deployment/d:4 [a/VAULT_TOKEN vault literal] (azure_identity: this is a fragment of an object) (azure_label: this is a fragment of an object) (mounts_token: this is a fragment of an object) (service_account: this is a fragment of an object)"},
		"broken":              {sa + "---\napiVersion: v1\nkind: [\n", "a.yaml#default/ServiceAccount/s:1\nunreadable file \"a.yaml\": line 6: did not find expected node content"},
		"a broken template":   {"apiVersion: v1\nkind: Secret\n{{- if .x }}\na: b\n{{- end }}\n", "not_stated file \"a.yaml\": line 3: templates are not rendered"},
		"UTF-16":              {"\xff\xfe" + strings.ReplaceAll(sa, "", "\x00")[1:], "a.yaml#default/ServiceAccount/s:1"},
		"an anchor":           {strings.Replace(sa, "kind: ", "kind: &k ", 1), "a.yaml#default/ServiceAccount/s:1"},
		"a tag":               {strings.Replace(sa, "kind: ", "kind: !!str ", 1), "a.yaml#default/ServiceAccount/s:1"},
		"a comment between":   {strings.Replace(sa, "kind: ", "kind: # of whom\n  ", 1), "a.yaml#default/ServiceAccount/s:1"},
		"escapes":             {`{"apiVersion":"v1","kind":"\u0053erviceAccount","metadata":{"name":"s"}}`, "a.yaml#default/ServiceAccount/s:1"},
		"escaped keys":        {`{"\u0061piVersion":"v1","kin\u0064":"ServiceAccount","metadata":{"name":"s"}}`, "a.yaml#default/ServiceAccount/s:1"},
		"a list of one kind":  {"apiVersion: v1\nkind: ServiceAccountList\nitems:\n- metadata: {name: s}\n- {apiVersion: v1, kind: Secret, metadata: {name: t}}\n", "a.yaml#default/ServiceAccount/s:4\na.yaml#default/Secret/t:5"},
		"a mark in a comment": {"apiVersion: v1\nkind: Secret # {{ not one }}\na: [\n", "unreadable file \"a.yaml\": line 3: did not find expected node content"},
		"a mark elsewhere":    {"a: '{{ x }}'\n---\n" + sa + "a: [\n", "unreadable file \"a.yaml\": line 6: did not find expected node content"},
		"behind a template":   {"a: 1\n{{- if .x }}\n---\n" + sa + "---\nb: ]\n", "a.yaml#default/ServiceAccount/s:4\nnot_stated file \"a.yaml\": line 2: templates are not rendered\nunreadable file \"a.yaml\": line 8: did not find expected node content"},
		"a cron job":          {"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: i, env: [{name: VAULT_TOKEN, value: x}]}]}}}}}\n", "a.yaml#default/CronJob/c:4 [a/VAULT_TOKEN vault literal]"},
		"a template of pods":  {"apiVersion: v1\nkind: PodTemplate\nmetadata: {name: c}\ntemplate: {spec: {containers: [{name: a, image: i, env: [{name: VAULT_TOKEN, value: x}]}]}}\n", "a.yaml#default/PodTemplate/c:4 [a/VAULT_TOKEN vault literal]"},
		"an operator's":       {"apiVersion: x.io/v1\nkind: App\nmetadata: {name: c}\nspec:\n  env:\n  - {name: A, value: b}\n  - {name: VAULT_TOKEN, value: x}\n", "not_stated file \"a.yaml\": line 7: what objects of the kind App hand over is not known, and this one names VAULT_TOKEN"},
		"a workflow":          {"apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: c}\nspec: {workflowSpec: {templates: [{container: {image: i,\n  envFrom: [{secretRef: {name: s}}]}}]}}\n", "not_stated file \"a.yaml\": line 5: what objects of the kind CronWorkflow hand over is not known, and this one names envFrom"},
		"an operator's own":   {"apiVersion: x.io/v1\nkind: App\nmetadata: {name: c}\nspec: {serviceAccountName: s}\n", "not_stated file \"a.yaml\": line 4: what objects of the kind App hand over is not known, and this one names serviceAccountName"},
		"a chart's release":   {"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: c}\nspec: {values: {replicas: 1}}\n", ""},
		"a schema":            {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\nspec: {names: {kind: App}, versions: [{schema: {properties: {kind: {type: string}, env: {type: array}, containers: {}}}}]}\n", ""},
		"a roll-out":          {"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec: {workloadRef: {kind: Deployment, name: d}}\n", ""},
		"another Service":     {"apiVersion: v1\nkind: Service\nmetadata: {name: c}\nspec: {template: {spec: {containers: [{image: a}]}}}\n", ""},
	}.run(t)
}

func TestCharts(t *testing.T) {
	got := brief(readFiles(t, map[string]string{
		"c/Chart.yaml":               "apiVersion: v2\nname: c\n",
		"c/templates/a.yaml":         "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
		"c/templates/deep/b.yaml":    "apiVersion: v1\nkind: {{ x }}\n",
		"c/crds/b.yaml":              "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\n",
		"Chart.yaml":                 "apiVersion: v2\nname: root\n",
		"templates/a.yaml":           "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
		"library/Chart.yaml":         "apiVersion: v2\nname: l\n",
		"other/templates/plain.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: t}\n",
	}))
	why := ": the templates of this Helm chart are not rendered: render it with helm template and lint the outcome"
	want := "crds/b.yaml#default/ServiceAccount/s:1\ntemplates/plain.yaml#default/ServiceAccount/t:1\nnot_stated file \"Chart.yaml\"" + why + "\nnot_stated file \"c/Chart.yaml\"" + why
	got = strings.ReplaceAll(strings.ReplaceAll(got, "c/crds", "crds"), "other/templates", "templates")
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// hostile are the files that cannot be read.
var hostile = map[string]bool{"deep": true, "a bomb": true, "a circle": true}

func gapped(d declare.Declared) bool {
	return slices.ContainsFunc(d.Gaps, func(g *inventory.Gap) bool { return g.Why == inventory.Unreadable })
}

func TestHostileFiles(t *testing.T) {
	for name, text := range map[string]string{
		"deep":      "apiVersion: v1\nkind: Secret\nmetadata: " + strings.Repeat("{a: ", 10_000),
		"long":      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n" + strings.Repeat("# a comment that goes on and on\n", 300_000),
		"a bomb":    "apiVersion: v1\nkind: Secret\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]\n",
		"a patch":   "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: " + strings.Repeat("{a: ", 150) + strings.Repeat("}", 150),
		"a circle":  "apiVersion: v1\nkind: Secret\nmetadata: &a {name: s, a: *a}\n",
		"lists":     strings.Repeat("{apiVersion: v1, kind: List, items: [", 60) + strings.Repeat("]}", 60),
		"variables": pod("env: [{name: A, value: $(B)}, {name: B, value: $(A)}, {name: VAULT_TOKEN, value: $(A)}]"),
	} {
		d := readFiles(t, map[string]string{"a.yaml": text})
		if name != "lists" && len(d.Resources)+len(d.Gaps) == 0 {
			t.Errorf("%s: nothing is told of it", name)
		}
		if hostile[name] && !gapped(d) {
			t.Errorf("%s: what cannot be read is no gap: %s", name, brief(d))
		}
	}
}

func FuzzManifestNeverFails(f *testing.F) {
	f.Add(pod("env: [{name: A, value: $(B)}]\nenvFrom: [{secretRef: {name: s}}]\nargs: ['$(A)']"), "secretGenerator: [{name: s, literals: [a=b]}]\npatches: [{path: a.yaml}]\n")
	f.Add("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: b}}]", "")
	f.Fuzz(func(t *testing.T, manifest, kustomization string) {
		readFiles(t, map[string]string{"a.yaml": manifest, "kustomization.yaml": kustomization})
	})
}
