package terraform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// files makes a tree of pairs of path and text.
func files(pairs ...string) *declare.Tree {
	t := &declare.Tree{Name: "shop"}
	for i := 0; i < len(pairs); i += 2 {
		t.Files = append(t.Files, declare.File{Path: pairs[i], Data: []byte(pairs[i+1])})
	}
	return t
}

func TestLines(t *testing.T) {
	text := `resource "azurerm_key_vault" "v" {
  name = "v"
  tags = {
    a = 1
  }

  network_acls {
    bypass         = "None"
    default_action = "Deny"
  }
  dynamic "access_policy" {
    for_each = ["a", "b"]
    content {
      object_id = access_policy.value
    }
  }
}
`
	for name, text := range map[string]string{"as it is": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "BOM": "\ufeff" + text} {
		t.Run(name, func(t *testing.T) {
			list, notes := instancesOf(t.Context(), files("infra/main.tf", text), func(string) bool { return true })
			gaps := notes.gaps()
			if len(list) != 1 || len(gaps) > 0 {
				t.Fatalf("got %d instances and %v", len(list), gaps)
			}
			in := list[0]
			if got := show(in.Values); got != `{access_policy=[{object_id="a"} {object_id="b"}] name="v" network_acls=[{bypass="None" default_action="Deny"}] tags={a=1}}` {
				t.Errorf("values are %s", got)
			}
			for path, want := range map[string][2]int{
				"name": {2, 2}, "tags": {3, 5}, "tags.a": {3, 5}, "network_acls": {7, 10}, "network_acls.0": {7, 10}, "network_acls.0.default_action": {9, 9},
				"network_acls.0.nothing": {7, 10}, "access_policy.1.object_id": {14, 14}, "nothing": {1, 17},
			} {
				if got := in.At(path); got != (inventory.Location{Path: "infra/main.tf", StartLine: want[0], EndLine: want[1]}) {
					t.Errorf("%s is at %+v, want lines %v", path, got, want)
				}
			}
		})
	}
}

func TestLinesOfJSON(t *testing.T) {
	list, _ := instancesOf(t.Context(), files("main.tf.json", `{
  "resource": {
    "azurerm_key_vault": {
      "v": {
        "name": "v",
        "network_acls": {
          "default_action": "Deny"
        }
      }
    }
  }
}`), func(string) bool { return true })
	for path, want := range map[string][2]int{"": {4, 8}, "name": {5, 5}, "network_acls.0.default_action": {7, 7}} {
		if got := list[0].At(path); got.StartLine != want[0] || got.EndLine != want[1] {
			t.Errorf("%q is at %+v, want lines %v", path, got, want)
		}
	}
}

// Each of these would use up the stack, the memory or the day of a reader without bounds.
func TestBounds(t *testing.T) {
	deep := func(open, middle, end string) string {
		return "locals {\n  a = " + strings.Repeat(open, 200_000) + middle + strings.Repeat(end, 200_000) + "\n}\nresource \"aws_kms_key\" \"k\" { description = local.a }\n"
	}
	var doubled, chain, tripled strings.Builder
	doubled.WriteString("locals {\n  l0 = \"xxxxxxxxxxxxxxxx\"\n")
	tripled.WriteString("locals {\n  l0 = [\"x\"]\n")
	chain.WriteString("locals {\n  l0 = \"x\"\n")
	for i := range 60 {
		fmt.Fprintf(&doubled, "  l%d = \"${local.l%d}${local.l%d}\"\n", i+1, i, i)
		fmt.Fprintf(&tripled, "  l%d = [local.l%d, local.l%d, local.l%d]\n", i+1, i, i, i)
	}
	for i := range 50_000 {
		fmt.Fprintf(&chain, "  l%d = local.l%d\n", i+1, i)
	}
	key := "}\nresource \"aws_kms_key\" \"k\" {\n  description = jsonencode(local.l%d)\n}\n"
	for name, c := range map[string]struct{ file, text, gap string }{
		"brackets":     {"a.tf", deep("[", "", "]"), "nested too deeply"},
		"parentheses":  {"a.tf", deep("(", "1", ")"), "nested too deeply"},
		"objects":      {"a.tf", deep("{ a = ", "1", "}"), "nested too deeply"},
		"negations":    {"a.tf", deep("!", "true", ""), "nested too deeply"},
		"conditions":   {"a.tf", deep("true ? 1 : ", "1", ""), "nested too deeply"},
		"sums":         {"a.tf", deep("1 + ", "1", ""), "nested too deeply"},
		"templates":    {"a.tf", deep(`"${`, "1", `}"`), "nested too deeply"},
		"directives":   {"a.tf", "locals {\n a = \"" + strings.Repeat("%{ if true }", 200_000) + "\"\n}\n", "nested too deeply"},
		"unclosed":     {"a.tf", "locals {\n a = " + strings.Repeat("[", 200_000), "nested too deeply"},
		"blocks":       {"a.tf", strings.Repeat("a {\n", 200_000), "nested too deeply"},
		"JSON":         {"a.tf.json", `{"locals": {"a": ` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}}", "nested too deeply"},
		"text in JSON": {"a.tf.json", `{"locals": {"a": "${` + strings.Repeat("(", 200_000) + `}"}}`, "nested too deeply"},
		"values":       {"terraform.tfvars", "a = " + strings.Repeat("[", 200_000), "nested too deeply"},
		"texts":        {"a.tf", doubled.String() + fmt.Sprintf(key, 60), "more than 2 MB"},
		"lists":        {"a.tf", tripled.String() + fmt.Sprintf(key, 60), "more than 2 MB"},
		"chain":        {"a.tf", chain.String() + fmt.Sprintf(key, 50_000), "more than 300 other values"},
		"loops": {"a.tf", `resource "aws_kms_key" "k" {
			description = length([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]])
		}`, "takes too long"},
		"products": {"a.tf", `locals {
			l = range(1000)
		}
		resource "aws_kms_key" "k" { description = setproduct(local.l, local.l, local.l) }`, "takes too long"},
		"count":  {"a.tf", `resource "aws_kms_key" "k" { count = 12000 }`, `count of "aws_kms_key.k" is 12000, more than the 10000 instances that are told apart, so it is judged as one`},
		"nobody": {"a.tf", `resource "aws_kms_key" "k" { count = -1 }`, "cannot be resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := found(t, files(c.file, c.text))
			if spent := time.Since(start); spent > 20*time.Second {
				t.Errorf("took %s", spent)
			}
			if !strings.Contains(got, c.gap) {
				t.Errorf("nothing told of it: %.2000s", got)
			}
		})
	}
}

func TestManyModules(t *testing.T) {
	got := found(t, files(
		"a/main.tf", "module \"b\" {\n  source = \"../b\"\n  count = 9000\n}\n",
		"b/main.tf", "module \"c\" {\n  source = \"../c\"\n  count = 9000\n}\n",
		"c/main.tf", "module \"d\" {\n  source = \"../d\"\n  count = 9000\n}\n",
		"d/main.tf", "resource \"aws_kms_key\" \"k\" {}\n"))
	if !strings.Contains(got, "more than 100000 resources and modules") {
		t.Errorf("nothing told of it: %s", got[len(got)-500:])
	}
}

func TestLargeFile(t *testing.T) {
	var b strings.Builder
	n, text := 0, strings.Repeat("text ", 500)
	for b.Len() < declare.MaxFileBytes-4000 {
		fmt.Fprintf(&b, "resource \"aws_kms_key\" \"k%d\" {\n  description = \"key %d %s\"\n  enable_key_rotation = true\n  policy = jsonencode({ Statement = [] })\n}\n\n", n, n, text)
		n++
	}
	start := time.Now()
	list, notes := instancesOf(t.Context(), files("main.tf", b.String()), func(string) bool { return true })
	gaps := notes.gaps()
	if len(list) != n || len(gaps) > 0 {
		t.Errorf("got %d of %d instances and %v", len(list), n, gaps)
	}
	t.Logf("%d resources in %s", n, time.Since(start))
}

func TestEmptyFiles(t *testing.T) {
	if got := found(t, files("a.tf", "", "b.tf.json", "", "c.tf", "\ufeff", "terraform.tfvars", "", "d.tf.json", "{}", "e.json", "")); got != "" {
		t.Errorf("got %s", got)
	}
}
