package kubernetes

import (
	"strings"
	"testing"
)

func TestKustomize(t *testing.T) {
	base := map[string]string{
		"base/app.yaml": pod("envFrom: [{secretRef: {name: s}}]") + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n",
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a generator": {
			map[string]string{"base/kustomization.yaml": "secretGenerator:\n- name: s\n  literals:\n  - VAULT_TOKEN=\n"},
			"base/kustomization.yaml#default/Secret/s:2\nbase/app.yaml#default/Pod/p:8 [app/VAULT_TOKEN vault secret]\nbase/app.yaml#default/ServiceAccount/a:10",
		},
		"a literal of one": {
			map[string]string{"base/kustomization.yaml": "namespace: prod\nsecretGenerator:\n- name: s\n  files: [x, y=z]\n  literals:\n  - A=b\n"},
			"base/kustomization.yaml#prod/Secret/s:6 in code\nbase/app.yaml#default/Pod/p:1\nbase/app.yaml#default/ServiceAccount/a:10",
		},
		"files of variables": {
			map[string]string{"base/kustomization.yaml": "secretGenerator:\n- {name: s, envs: [a.env]}\n"},
			"base/kustomization.yaml#default/Secret/s:2 (value_in_code: its values are in other files)\nbase/app.yaml#default/Pod/p:1 (credentials: the keys of the Secret s are not in these files)\nbase/app.yaml#default/ServiceAccount/a:10",
		},
		"a patch": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"base/kustomization.yaml": "resources: [app.yaml]\n",
			"over/kustomization.yaml": "resources: [../base]\npatches:\n- path: patch.yaml\n",
			"over/patch.yaml":         "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {azure.workload.identity/use: 'true'}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, annotations: {eks.amazonaws.com/role-arn: r}}\n",
		}, "base/app.yaml#default/Pod/p:1 (azure_label: a kustomization may set the label azure.workload.identity/use)\nbase/app.yaml#default/ServiceAccount/a:10 (role_arn: a kustomization may set the annotation eks.amazonaws.com/role-arn)\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a patch of envFrom": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches:\n- patch: '[{op: add, path: /spec/containers/0/envFrom, value: []}]'\n  target: {kind: Pod}\n",
		}, "base/app.yaml#default/Pod/p:1 (credentials: a patch of kustomize names envFrom)\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a patch of others": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches:\n- patch: '{kind: Job, spec: {template: {spec: {volumes: [{name: v}]}}}}'\n",
		}, "base/app.yaml#default/Pod/p:1\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a component": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"part/kustomization.yaml": "patches:\n- patch: '{kind: Pod, spec: {volumes: [{name: v}]}}'\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\ncomponents: [../part]\n",
		}, "base/app.yaml#default/Pod/p:1 (credentials: a patch of kustomize names volumes)\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"part/kustomization.yaml\": line 2: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a patch of rules": {map[string]string{
			"base/app.yaml":           "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches:\n- patch: '[{op: add, path: /rules/-, value: {verbs: [get]}}]'\n  target: {kind: Role}\n",
		}, "base/app.yaml#default/Role/r:1 (statements: a patch of kustomize names rules)\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"replacements": {map[string]string{
			"base/app.yaml":           "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\nreplacements: [{path: r.yaml}]\n",
		}, "base/app.yaml#default/Role/r:1 (statements: a kustomization lists replacements)\nnot_stated file \"over/kustomization.yaml\": line 2: replacements of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a patch that hands over": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches:\n- patch: '[{op: add, path: /spec/containers/0/env/-, value: {name: VAULT_TOKEN, value: x}}]'\n",
		}, "base/app.yaml#default/Pod/p:1 (credentials: a patch of kustomize names VAULT_TOKEN)\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a name to come": {map[string]string{
			"base/app.yaml":           pod("serviceAccountName: a", "") + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\nnamePrefix: prod-\n",
		}, "base/app.yaml#default/Pod/p:1 (service_account: a kustomization sets namePrefix)\nbase/app.yaml#default/ServiceAccount/a:11"},
		"another account": {map[string]string{
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches:\n- target: {kind: P.d}\n  patch: '[{op: add, path: /spec/serviceAccountName, value: b}]'\n- target: {kind: Service.*}\n  patch: '[{op: add, path: /automountServiceAccountToken, value: false}]'\n",
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
		}, "base/app.yaml#default/Pod/p:1 (azure_identity: a patch of kustomize names serviceAccountName) (mounts_token: a patch of kustomize names serviceAccountName) (service_account: a patch of kustomize names serviceAccountName)\nbase/app.yaml#default/ServiceAccount/a:10 (mounts_token: a patch of kustomize names automountServiceAccountToken)\nbase/secret.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 3: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a patch of elsewhere": {map[string]string{
			"base/app.yaml":           "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\npatches: [{path: patch.yaml}]\n",
		}, "base/app.yaml#default/Role/r:1 (statements: a patch of kustomize is not in these files)\nnot_stated file \"over/kustomization.yaml\": line 2: patches of kustomize are not applied: build it with kustomize and lint the outcome"},
		"a component of elsewhere": {map[string]string{
			"base/app.yaml":           "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\ncomponents: ['https://example.com/parts//tls?ref=v1']\n",
		}, "base/app.yaml#default/Role/r:1 (statements: a kustomization lists a component that is not in these files)\nnot_stated file \"over/kustomization.yaml\": line 2: what a kustomization takes from elsewhere is not in these files"},
		"charts": {map[string]string{
			"base/app.yaml":           "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"over/kustomization.yaml": "resources: [../base/app.yaml]\nhelmCharts: [{name: minio}]\n",
		}, "base/app.yaml#default/Secret/s:1\nnot_stated file \"over/kustomization.yaml\": line 2: helmCharts of kustomize are not applied: build it with kustomize and lint the outcome"},
		"labels": {map[string]string{
			"base/secret.yaml":        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"base/kustomization.yaml": "resources: [app.yaml]\n",
			"over/kustomization.yaml": "resources: [../base]\nlabels: [{pairs: {azure.workload.identity/use: 'true'}, includeTemplates: true}]\n",
		}, "base/app.yaml#default/Pod/p:1 (azure_label: a kustomization may set the label azure.workload.identity/use)\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1"},
		"of others": {map[string]string{
			"base/secret.yaml":         "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"other/kustomization.yaml": "resources: [.]\nlabels: [{pairs: {azure.workload.identity/use: 'true'}}]\n",
		}, "base/app.yaml#default/Pod/p:1\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1"},
		"near before far": {map[string]string{
			"base/secret.yaml":  "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
			"other/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {VAULT_TOKEN: '${T}'}\n",
		}, "base/app.yaml#default/Pod/p:1\nbase/app.yaml#default/ServiceAccount/a:10\nbase/secret.yaml#default/Secret/s:1\nother/secret.yaml#default/Secret/s:1"},
	} {
		files := map[string]string{}
		for _, m := range []map[string]string{base, c.files} {
			for path, text := range m {
				files["k/"+path] = text
			}
		}
		got := strings.ReplaceAll(brief(readFiles(t, files)), "k/", "")
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
