package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

var testTree = &declare.Tree{Name: "shop", Scope: inventory.NewScope("repo", "shop")}

// mapped are the resources of one file. Resources and data sources that it names and does not declare are declared at its end, so that
// their attributes are such as an apply tells; a variable that it does not declare has no value.
func mapped(t testing.TB, code string) []inventory.Resource {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(code), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	declared := map[string]bool{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		declared[strings.Join(append([]string{b.Type}, b.Labels...), ".")] = true
	}
	_ = hclsyntax.VisitAll(file.Body.(*hclsyntax.Body), func(n hclsyntax.Node) hcl.Diagnostics {
		used, ok := n.(*hclsyntax.ScopeTraversalExpr)
		if !ok {
			return nil
		}
		names := []string{"resource"}
		for _, step := range used.Traversal {
			switch step := step.(type) {
			case hcl.TraverseRoot:
				names = append(names, step.Name)
			case hcl.TraverseAttr:
				names = append(names, step.Name)
			}
		}
		if names[1] == "data" {
			names = names[1:]
		}
		if len(names) < 3 || names[1] == "var" || names[1] == "local" {
			return nil
		}
		if label := strings.Join(names[:3], "."); !declared[label] {
			declared[label] = true
			code += fmt.Sprintf("\n%s %q %q {}", names[0], names[1], names[2])
		}
		return nil
	})
	out := Dialect.Read(t.Context(), &declare.Tree{Name: testTree.Name, Scope: testTree.Scope, Files: []declare.File{{Path: "main.tf", Data: []byte(code)}}})
	for _, gap := range out.Gaps {
		t.Log(gap)
	}
	for i := range out.Resources {
		out.Resources[i].Complete()
	}
	return out.Resources
}

// flat lists what a resource says of itself by the paths of facts, and as "?" what it leaves open.
func flat(t testing.TB, r *inventory.Resource) map[string]string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if object, ok := v.(map[string]any); ok && len(object) > 0 {
			for k, v := range object {
				walk(strings.TrimPrefix(path+"."+k, "."), v)
			}
			return
		}
		text, _ := json.Marshal(v)
		out[path] = strings.Trim(string(text), `"`)
	}
	for k, v := range tree {
		if k == "tags" || k == "name" || k == string(r.Kind) {
			walk(k, v)
		}
	}
	for _, u := range r.Unknown {
		for path := range maps.Clone(out) {
			if path == u.Fact || strings.HasPrefix(path, u.Fact+".") {
				delete(out, path)
			}
		}
		out[u.Fact] = "?"
		if u.Why != inventory.NotStated {
			out[u.Fact] = "? " + string(u.Why)
		}
	}
	for _, ref := range r.Refs {
		out["refs "+ref.Edge+" "+ref.Name] = string(ref.To)
	}
	return out
}

// A mapCase says what the first resource of a type, or the one with an address after it, says, of the facts that it lists; "" is a fact that is known to be absent.
type mapCase struct {
	name, code, typ string
	want            map[string]string
}

func (c mapCase) run(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		list := mapped(t, c.code)
		typ, address, _ := strings.Cut(c.typ, " ")
		i := slices.IndexFunc(list, func(r inventory.Resource) bool { return r.Type == typ && strings.HasSuffix(string(r.ID), address) })
		if i < 0 {
			t.Fatalf("no %s among %d resources", c.typ, len(list))
		}
		got := flat(t, &list[i])
		for fact, want := range c.want {
			if got[fact] != want {
				t.Errorf("%s is %q, want %q", fact, got[fact], want)
			}
		}
		for _, u := range list[i].Unknown {
			if u.Why != inventory.NotStated || u.Hint == missing || u.Hint == "" {
				t.Errorf("%s was neither stated nor left open with a reason: %+v", u.Fact, u)
			}
		}
		if t.Failed() {
			for _, fact := range slices.Sorted(maps.Keys(got)) {
				t.Logf("%s = %s", fact, got[fact])
			}
			t.Logf("%+v", list[i].Unknown)
		}
	})
}

// Whatever is stated, not stated or not known, every required fact is told or left open: none is forgotten.
func TestEveryTypeTellsItsRequiredFacts(t *testing.T) {
	arguments := map[string][]string{}
	for path := range defaults {
		typ, arg, _ := strings.Cut(path, ".")
		arguments[typ] = append(arguments[typ], strings.Split(arg, ".")[0])
	}
	common := []string{
		"name", "policy", "tags", "assume_role_policy", "url", "client_id_list", "service_account", "namespace", "type", "path", "options", "policies", "data_json", "key_type", "key_size",
		"key_opts", "certificate_policy", "network_acls", "access_policy", "rotation_policy", "subject", "issuer", "audience", "audiences", "bound_service_account_names", "bound_claims",
		"role_definition_name", "scope", "end_date", "end_date_relative", "password", "rotation_rules", "rotation_lambda_arn", "operations", "grantee_principal", "secret_id", "role_name",
		"key_id", "target_key_id", "primary_key_arn", "custom_key_store_id", "key_material_base64", "inline_policy", "event_selector", "advanced_event_selector", "token_policies",
	}
	for typ := range rows {
		unset := func(args []string) cty.Value {
			object := map[string]cty.Value{}
			for _, a := range args {
				object[a] = cty.DynamicVal.Mark(Unset("var." + a))
			}
			return cty.ObjectVal(object)
		}
		states := []cty.Value{cty.EmptyObjectVal, cty.DynamicVal, unset(append(arguments[typ], common...))}
		for _, a := range append(arguments[typ], common...) {
			states = append(states, unset([]string{a}))
			states = append(states, cty.ObjectVal(map[string]cty.Value{a: cty.TupleVal([]cty.Value{cty.DynamicVal})}))
			states = append(states, cty.ObjectVal(map[string]cty.Value{a: cty.NullVal(cty.DynamicPseudoType)}))
			states = append(states, cty.ObjectVal(map[string]cty.Value{a: cty.NumberFloatVal(1.5)}))
		}
		for _, values := range states {
			for _, r := range mapInstances(newNotes(testTree), []Instance{{Address: typ + ".x", Type: typ, Name: "x", Values: values}}) {
				if _, ok := inventory.TypeOf(r.Type); !ok {
					t.Errorf("%s yields the type %q, which is not in the table of types", typ, r.Type)
				}
				before := slices.Clone(r.Unknown)
				r.Complete()
				for _, u := range r.Unknown {
					if u.Why != inventory.NotStated {
						t.Errorf("%s %#v: %s is %s, before: %v", typ, values, u.Fact, u.Why, before)
					}
				}
			}
		}
	}
}

func TestSameInputSameResources(t *testing.T) {
	const code = `
resource "aws_kms_key" "a" { policy = jsonencode({Statement = [{Effect = "Allow", Action = "kms:*", Principal = "*", Resource = "*"}]}) }
resource "aws_kms_alias" "b" {
  name          = "alias/b"
  target_key_id = aws_kms_key.a.id
}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.id
}
resource "azurerm_key_vault" "v" {
  name = "v"
  access_policy { secret_permissions = ["Get", "Set", "Delete"] }
}
`
	want := mapped(t, code)
	for range 20 {
		if got := mapped(t, code); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
}
