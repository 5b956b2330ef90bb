package terraform

import (
	"bytes"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// Whatever a file holds, reading it ends, names no place outside of it, and says twice the same.
func FuzzReadIsTotalAndStable(f *testing.F) {
	for _, file := range []string{"a.tf", "a.tf.json", "terraform.tfvars", "plan.json"} {
		f.Add(file, "")
	}
	f.Add("a.tf", keysHCL)
	f.Add("plan.json", keysPlan)
	f.Add("a.tf", "locals {\n a = local.b\n b = [for x in local.a : \"${x}%{if true}y%{endif}\"]\n}\nresource \"aws_kms_key\" \"k\" {\n policy = <<-E\n {\"Statement\": \"${local.a}\"}\n E\n dynamic \"x\" {\n for_each = local.b\n content {}\n }\n}\n")
	f.Add("a.tf", "data \"aws_iam_policy_document\" \"d\" {\n statement {\n principals {\n type = \"*\"\n identifiers = [var.x]\n }\n }\n source_policy_documents = [var.y, 1, null]\n}\nresource \"aws_kms_key\" \"k\" { policy = data.aws_iam_policy_document.d.json }\n")
	f.Add("a.tf.json", `{"resource": {"aws_kms_key": {"k": [{"for_each": "${toset([\"a\"])}", "x": {"${each.key}": null}}]}}}`)
	f.Fuzz(func(t *testing.T, file, text string) {
		lines := bytes.Count([]byte(text), []byte("\n")) + 1
		tree := func() *declare.Tree { return files("m/a.tf", "variable \"x\" {}\n", "m/"+file, text) }
		list, _ := instancesOf(t.Context(), tree(), func(string) bool { return true })
		for i := range list {
			if b := list[i].Block; b.StartLine < 1 || b.EndLine > lines {
				t.Errorf("%s is at %+v of %d lines", list[i].Address, b, lines)
			}
		}
		if first, second := found(t, tree()), found(t, tree()); first != second {
			t.Errorf("first\n%s\nthen\n%s", first, second)
		}
		Dialect.Read(t.Context(), tree())
	})
}
