package kubernetes

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

func BenchmarkRead5000(b *testing.B) {
	tree := &declare.Tree{Name: "shop", Scope: "repo/shop"}
	for i := range 5000 {
		text := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata:\n      labels: {a: b}\n    spec:\n      serviceAccountName: s\n      containers:\n"
		for c := range 3 {
			text += fmt.Sprintf("      - name: c%d\n        image: i\n        command: [sh, -c, 'echo hello; exec app --port 80']\n        ports: [{containerPort: 80}]\n        resources: {limits: {cpu: 1, memory: 1Gi}}\n        env:\n        - name: A\n          value: b\n        - name: C\n          valueFrom: {secretKeyRef: {name: s, key: k}}\n        envFrom: [{secretRef: {name: s}}]\n", c)
		}
		text += "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, namespace: n}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: n}\nstringData: {a: '${B}'}\n"
		tree.Files = append(tree.Files, declare.File{Path: fmt.Sprintf("app%d/a.yaml", i), Data: []byte(text)})
	}
	for b.Loop() {
		if d := read(b.Context(), tree); len(d.Resources) != 15_000 {
			b.Fatal(len(d.Resources))
		}
	}
}
