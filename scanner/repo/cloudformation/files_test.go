package cloudformation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

func TestFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text      string
		resources int
		gap       string
	}{
		"empty":                     {"", 0, ""},
		"no template":               {"kind: ConfigMap\ndata: {x: 'AWS::KMS::Key'}\n", 0, ""},
		"a list":                    {"- AWS::KMS::Key\n", 0, ""},
		"broken, no template":       {"a: [\n", 0, ""},
		"broken":                    {"Resources:\n  K: {Type: AWS::KMS::Key\n  L: ]\n", 0, "line 2"},
		"broken JSON":               {"{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\"}", 0, "line 1: did not"},
		"a key twice":               {"Resources:\n  K: {Type: AWS::KMS::Key}\n  K: {Type: AWS::KMS::Key}\n", 0, `line 3: the key "K" stands twice`},
		"JSON with tabs":            {"{\n\t\"Resources\": {\n\t\t\"K\": {\"Type\": \"AWS::KMS::Key\"}\n\t}\n}\n", 1, ""},
		"CRLF":                      {"Resources:\r\n  K:\r\n    Type: AWS::KMS::Key\r\n", 1, ""},
		"a byte order mark":         {"\xef\xbb\xbfResources:\n  K:\n    Type: AWS::KMS::Key\n", 1, ""},
		"SAM":                       {"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n  K: {Type: AWS::KMS::Key}\n", 2, ""},
		"by its version":            {"AWSTemplateFormatVersion: 2010-09-09\nResources:\n  K: {Type: AWS::KMS::Key}\n", 1, ""},
		"resources of a wrong kind": {"AWSTemplateFormatVersion: 2010-09-09\nResources: [AWS::KMS::Key]\n", 0, ""},
		"properties of a wrong one": {"Resources:\n  K: {Type: AWS::KMS::Key, Properties: [x]}\n  L: {Type: [AWS::KMS::Key]}\n  M: AWS::KMS::Key\n", 1, ""},
		"a bomb":                    {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nResources: {K: {Type: AWS::KMS::Key}}\n", 0, "more than 1000000 values"},
		"deep":                      {"Resources:\n  K: {Type: AWS::KMS::Key, Properties: {X: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}}\n", 0, "200 levels deep"},
		"after another document":    {"a: 1\n---\nResources:\n  K: {Type: AWS::KMS::Key}\n", 1, ""},
		"a second document":         {"Resources:\n  K: {Type: AWS::KMS::Key}\n---\na: [\n", 1, ""},
	} {
		found := reading(t, c.text)
		if len(found.Resources) != c.resources {
			t.Errorf("%s: %d resources", name, len(found.Resources))
		}
		var gaps []string
		for _, g := range found.Gaps {
			gaps = append(gaps, g.Error())
		}
		if all := strings.Join(gaps, "; "); (all == "") != (c.gap == "") || !strings.Contains(all, c.gap) {
			t.Errorf("%s: gaps %q; want %q", name, all, c.gap)
		}
	}
}

// A file that says that it is JSON is taken at its word; YAML takes more.
func TestJSONFiles(t *testing.T) {
	for text, gap := range map[string]string{
		"{\"Resources\": {\n\"K\": {\"Type\": \"AWS::KMS::Key\"}}}":           "",
		"\xef\xbb\xbf{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\"}}}": "",
		"{\"Resources\": {\n\"K\": {\"Type\": \"AWS::KMS::Key\"},\n}}":        "line 3: it is no JSON: invalid character '}'",
		"{\"Resources\": {\n# a key\n\"K\": {\"Type\": \"AWS::KMS::Key\"}}}":  "line 2: it is no JSON: invalid character '#'",
		"{\"Resources\": {\"K\": {'Type': \"AWS::KMS::Key\"}}}":               `line 1: it is no JSON: invalid character '\''`,
		"Resources:\n  K: {Type: AWS::KMS::Key}\n":                            "line 1: it is no JSON: invalid character 'R'",
		"{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\"}}}\n{}":         "line 2",
		"{\"tags\": [\"AWS::KMS::Key\",]}":                                    "", // settings of some editor
	} {
		for _, name := range []string{"app.json", "app.TEMPLATE.JSON"} {
			found := read(t.Context(), &declare.Tree{Name: "shop", Scope: "repo/shop", Files: []declare.File{{Path: name, Data: []byte(text)}}})
			if gap == "" && len(found.Gaps) == 0 {
				continue
			}
			if len(found.Gaps) != 1 || gap == "" || !strings.Contains(found.Gaps[0].Error(), gap) || found.Gaps[0].Why != inventory.Unreadable || len(found.Resources) > 0 {
				t.Errorf("%q: %d resources, gaps %v; want %q", text, len(found.Resources), found.Gaps, gap)
			}
		}
		if found := reading(t, text); gap != "" && !strings.HasSuffix(text, "{}") && len(found.Resources) != 1 {
			t.Errorf("%q is YAML, yet it has %d resources and the gaps %v", text, len(found.Resources), found.Gaps)
		}
	}
}

func TestLargeTemplate(t *testing.T) {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for i := 0; b.Len() < 3_000_000; i++ {
		fmt.Fprintf(&b, "  Key%d:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n  Alias%d:\n    Type: AWS::KMS::Alias\n    Properties:\n      AliasName: alias/k%d\n      TargetKeyId: !Ref Key%d\n", i, i, i, i)
	}
	begin := time.Now()
	found := reading(t, b.String())
	if len(found.Resources) < 10_000 || len(found.Gaps) > 0 {
		t.Error(len(found.Resources), found.Gaps)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Error(took)
	}
}

func TestTypesAreThoseOfTheTable(t *testing.T) {
	for _, typ := range types {
		if _, ok := inventory.TypeOf(typ); !ok {
			t.Errorf("%s is no type", typ)
		}
	}
	if !slices.IsSorted(types) {
		t.Error("types are not sorted")
	}
}

func TestWants(t *testing.T) {
	for name, want := range map[string]bool{"a.yaml": true, "x/a.yml": true, "a.JSON": true, "a.template": true, "a.template.json": true, "a.tf": false, "yaml": false} {
		if wants(name) != want {
			t.Error(name)
		}
	}
}

func FuzzReadIsTheSameTwice(f *testing.F) {
	for _, s := range []string{
		key("      EnableKeyRotation: !If [A, true, !Ref X]") + "Conditions: {A: !Equals [!Ref X, 1]}\nParameters: {X: {Default: 1}}\n",
		"{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\", \"Properties\": {\"KeyPolicy\": {\"Fn::Sub\": [\"${a}\", {\"a\": 1}]}}}}}",
		"Resources:\n  T: {Type: AWS::CloudTrail::Trail, Properties: {EventSelectors: [{ReadWriteType: !Select [0, !Split [a, b]]}]}}\n",
		"Resources:\n  S: {Type: AWS::SecretsManager::Secret}\n  R: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref S, RotationRules: {ScheduleExpression: rate(1 day)}}}\n",
		"Resources:\n  R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: !Ref X, PolicyDocument: !FindInMap [a, b, c]}, !GetAtt A.B]}}\n",
		"Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L: [X, [a, b], {'K${X}': {Type: AWS::KMS::Key, Properties: {Enabled: !Ref X}}}]\n",
		"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {Policies: [{Statement: []}, A, !If [B, C, D]]}}\n",
		"Resources:\n  A: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {SecretId: !Ref A}}\n  R: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref A}}\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, b := reading(t, text), reading(t, text)
		if !reflect.DeepEqual(a, b) {
			t.Fatal("two readings differ")
		}
		ids := map[inventory.ID]bool{}
		for i := range a.Resources {
			r := &a.Resources[i]
			if ids[r.ID] {
				t.Fatalf("two resources have the ID %q", r.ID)
			}
			ids[r.ID] = true
			if !slices.Contains(types, r.Type) {
				t.Fatalf("the type %q is not one of the dialect", r.Type)
			}
			if r.Location.StartLine < 1 || r.Location.EndLine < r.Location.StartLine {
				t.Fatalf("%s stands in lines %d to %d", r.ID, r.Location.StartLine, r.Location.EndLine)
			}
			r.Complete()
		}
	})
}

func BenchmarkTemplates(b *testing.B) {
	var text strings.Builder
	text.WriteString("Parameters: {Env: {Type: String, Default: prod}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\nResources:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  Key%d:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: !If [Prod, true, false]\n      KeyPolicy:\n        Statement:\n"+
			"          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}\n", i)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		reading(b, text.String())
	}
}
