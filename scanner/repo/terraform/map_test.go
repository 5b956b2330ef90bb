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
	"github.com/zclconf/go-cty/cty/function"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// instances makes instances of resource blocks, so that tests read as code does. Every variable has no value; every attribute of
// another resource is known after an apply only.
func instances(t testing.TB, code string) []Instance {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(code), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var out []Instance
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		in := Instance{
			Address: strings.Join(b.Labels, "."), Type: b.Labels[0], Name: b.Labels[1], Data: b.Type == "data",
			Block: inventory.Location{Path: "main.tf", StartLine: b.Range().Start.Line}, Lines: map[string]inventory.Location{},
		}
		if in.Data {
			in.Address = "data." + in.Address
		}
		in.Values = stated(t, b.Body, "", in.Lines)
		out = append(out, in)
	}
	return out
}

func stated(t testing.TB, body *hclsyntax.Body, path string, lines map[string]inventory.Location) cty.Value {
	t.Helper()
	object := map[string]cty.Value{}
	for name, a := range body.Attributes {
		variables := map[string]map[string]map[string]cty.Value{}
		add := func(a, b, c string, v cty.Value) {
			if variables[a] == nil {
				variables[a] = map[string]map[string]cty.Value{}
			}
			if variables[a][b] == nil {
				variables[a][b] = map[string]cty.Value{}
			}
			variables[a][b][c] = v
		}
		ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: map[string]function.Function{"jsonencode": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true, AllowNull: true}},
			Type:   function.StaticReturnType(cty.String),
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return encodeJSON(args[0]), nil },
		})}}
		for _, used := range a.Expr.Variables() {
			var names []string
			for _, step := range used {
				switch step := step.(type) {
				case hcl.TraverseRoot:
					names = append(names, step.Name)
				case hcl.TraverseAttr:
					names = append(names, step.Name)
				}
			}
			switch {
			case names[0] == "var":
				ctx.Variables["var"] = cty.ObjectVal(map[string]cty.Value{names[1]: cty.DynamicVal.Mark(Unset("var." + names[1]))})
			case names[0] == "data":
				add("data."+names[1], names[2], names[3], refer(Reference("data."+names[1]+"."+names[2]), names[3]))
			default:
				add(names[0], names[1], names[2], refer(Reference(names[0]+"."+names[1]), names[2]))
			}
		}
		data := map[string]cty.Value{}
		for typ, byName := range variables {
			object := map[string]cty.Value{}
			for n, attributes := range byName {
				object[n] = cty.ObjectVal(attributes)
			}
			if inner, ok := strings.CutPrefix(typ, "data."); ok {
				data[inner] = cty.ObjectVal(object)
			} else {
				ctx.Variables[typ] = cty.ObjectVal(object)
			}
		}
		ctx.Variables["data"] = cty.ObjectVal(data)
		v, diags := a.Expr.Value(ctx)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		object[name] = v
		lines[path+name] = inventory.Location{Path: "main.tf", StartLine: a.SrcRange.Start.Line}
	}
	blocks := map[string][]cty.Value{}
	for _, b := range body.Blocks {
		blocks[b.Type] = append(blocks[b.Type], stated(t, b.Body, fmt.Sprintf("%s%s.%d.", path, b.Type, len(blocks[b.Type])), lines))
	}
	for name, list := range blocks {
		object[name] = cty.TupleVal(list)
	}
	return cty.ObjectVal(object)
}

var testTree = &declare.Tree{Name: "shop", Scope: inventory.NewScope("repo", "shop")}

func mapped(t testing.TB, code string) []inventory.Resource {
	t.Helper()
	list := mapInstances(testTree, instances(t, code))
	for i := range list {
		list[i].Complete()
	}
	return list
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

// A mapCase says what the first resource of a type says, of the facts that it lists; "" is a fact that is known to be absent.
type mapCase struct {
	name, code, typ string
	want            map[string]string
}

func (c mapCase) run(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		list := mapped(t, c.code)
		i := slices.IndexFunc(list, func(r inventory.Resource) bool { return r.Type == c.typ })
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
			for _, r := range mapInstances(testTree, []Instance{{Address: typ + ".x", Type: typ, Name: "x", Values: values}}) {
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
