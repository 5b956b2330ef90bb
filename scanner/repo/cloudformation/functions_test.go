package cloudformation

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestFunctions(t *testing.T) {
	const sections = `
Parameters:
  On: {Type: String, Default: 'true'}
  Env: {Type: String, Default: prod}
  Unset: {Type: String}
  Names: {Type: CommaDelimitedList, Default: 'a, true,c'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /rotate}
Mappings:
  ByEnv: {prod: {rotate: true, days: 90}, dev: {rotate: false, days: 365}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Dev: !Equals [!Ref Env, dev]
  NotDev: !Not [!Condition Dev]
  Both: !And [!Condition Prod, {Condition: NotDev}]
  Either: !Or [!Condition Dev, !Condition Unsure, !Condition Prod]
  Neither: !And [!Condition Dev, !Condition Unsure]
  Unsure: !Equals [!Ref Unset, x]
  Region: !Equals [!Ref 'AWS::Region', eu-west-1]
  Loop: !Not [!Condition Pool]
  Pool: !Not [!Condition Loop]`
	for expression, want := range map[string]string{
		"true":                                   "true",
		"'True'":                                 "true",
		"yes":                                    "true",
		"false":                                  "false",
		"[a]":                                    "?",
		"12":                                     "?neither true nor false",
		"~":                                      "?null",
		"!Ref On":                                "true",
		"{Ref: On}":                              "true",
		"!Ref Unset":                             `?the parameter "Unset" has no Default`,
		"!Ref Stored":                            "?parameter store",
		"!Ref Nothing":                           `?"Nothing" is not declared`,
		"!Ref AWS::NoValue":                      "false",
		"!Ref AWS::Region":                       "?AWS::Region is known at deployment only",
		"!If [Prod, true, false]":                "true",
		"{'Fn::If': [Prod, true, false]}":        "true",
		"!If [Dev, false, true]":                 "true",
		"!If [NotDev, true, false]":              "true",
		"!If [Both, true, false]":                "true",
		"!If [Either, true, false]":              "true",
		"!If [Neither, true, false]":             "false",
		"!If [Unsure, true, false]":              `?the condition "Unsure" cannot be told: the parameter "Unset" has no Default`,
		"!If [Unsure, true, true]":               "true",
		"!If [Unsure, true, !Ref AWS::NoValue]":  "?cannot be told",
		"!If [Region, true, false]":              "?AWS::Region",
		"!If [Loop, true, false]":                "?rests on itself",
		"!If [None, true, false]":                "?not declared",
		"!If [Prod, !Ref AWS::NoValue, true]":    "false",
		"!FindInMap [ByEnv, !Ref Env, rotate]":   "true",
		"!FindInMap [ByEnv, !Ref Unset, rotate]": "?Unset",
		"!FindInMap [ByEnv, stage, rotate]":      "?no such key",
		"!FindInMap [ByEnv, stage, rotate, {DefaultValue: true}]": "true",
		"!Sub '${On}'":                                                  "true",
		"!Sub 'tr${End}'":                                               "?End",
		"!Sub ['tr${End}', {End: ue}]":                                  "true",
		"!Sub ['tr${End}', {End: !Ref Unset}]":                          "?Unset",
		"!Sub '${!On}'":                                                 "?neither",
		"!Join ['', [tr, ue]]":                                          "true",
		"!Join ['', [tr, !Ref Unset]]":                                  "?Unset",
		"!Join ['', [tr, !Ref AWS::NoValue, ue]]":                       "true",
		"!Select [1, [false, true]]":                                    "true",
		"!Select ['1', !Ref Names]":                                     "true",
		"!Select [1, !Split ['-', 'false-true']]":                       "true",
		"!Select [5, [true]]":                                           "?",
		"!Select [0, !GetAZs '']":                                       "?GetAZs",
		"!Select [1, [!If [Unsure, a, !Ref AWS::NoValue], true, true]]": "?cannot be told",
		"!Select [1, !Split ['-', !Ref Unset]]":                         "?Unset",
		"!ImportValue other":                                            "?another stack",
		"!GetAtt Other.Outputs.Rotate":                                  "?",
		"'{{resolve:ssm:/rotate}}'":                                     "?dynamic reference",
		"!Base64 x":                                                     "?neither",
	} {
		got := declared(t, with(sections, expression))["Key"]
		t.Run(expression, func(t *testing.T) { check(t, got, "key.rotation.automatic="+want) })
	}
}

func TestConstructsThatAreNotResolved(t *testing.T) {
	for name, c := range map[string]struct{ text, gap, fact string }{
		"a function of a macro": {with("", "!Weird x"), "line 6: Fn::Weird is not resolved", "key.rotation.automatic=?Fn::Weird is not resolved"},
		"an include":            {key("      Enabled: true\n      Fn::Transform: {Name: AWS::Include}"), "Fn::Transform is not resolved", "key.rotation.automatic=?Fn::Transform adds to it"},
		"a loop":                {key("      Enabled: true") + "  Fn::ForEach::Keys: [K, [a, b], {}]\n", "Fn::ForEach is not resolved", "key.rotation.automatic=false"},
		"a macro":               {"Transform: [AWS::Serverless-2016-10-31, Ours]\n" + key("      Enabled: true"), `macro "Ours"`, "key.rotation.automatic=false"},
	} {
		found := reading(t, c.text)
		if len(found.Gaps) != 1 || !strings.Contains(found.Gaps[0].Error(), c.gap) || found.Gaps[0].Why != inventory.NotStated {
			t.Errorf("%s: gaps %v; want one with %s", name, found.Gaps, c.gap)
		}
		if len(found.Resources) != 1 {
			t.Fatalf("%s: %d resources", name, len(found.Resources))
		}
		check(t, facts(found.Resources[0]), c.fact)
	}
}

func TestResourceConditions(t *testing.T) {
	got := declared(t, `
Parameters: {Env: {Type: String, Default: dev}, Unset: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Unsure: !Equals [!Ref Unset, x]
Resources:
  Never: {Type: AWS::KMS::Key, Condition: Prod}
  Maybe: {Type: AWS::KMS::Key, Condition: Unsure}
  Always: {Type: AWS::KMS::Key}
  Maybes: {Type: AWS::KMS::Alias, Condition: Unsure, Properties: {AliasName: alias/x, TargetKeyId: !Ref Always}}
`)
	if _, ok := got["Never"]; ok || len(got) != 2 {
		t.Errorf("resources %v", got)
	}
	check(t, got["Maybe"], "key.rotation.automatic=false")
	found := reading(t, "Conditions: {A: !Equals [!Ref 'AWS::Region', x], B: !Not [!Condition A]}\nResources:\n"+
		"  One: {Type: AWS::KMS::Key, Condition: A}\n  Two: {Type: AWS::KMS::Key, Condition: A}\n  Three: {Type: AWS::KMS::Key, Condition: B}\n  Other: {Type: AWS::S3::Bucket, Condition: C}\n")
	if len(found.Gaps) != 2 || !strings.Contains(found.Gaps[0].Error(), `line 3: the condition "A" cannot be told (AWS::Region is known`) || !strings.Contains(found.Gaps[1].Error(), `line 5: the condition "B"`) {
		t.Errorf("gaps %v; want one for each condition", found.Gaps)
	}
	check(t, got["Always"], "refs=?may lead to it\nname=Always")
}

func TestTextBomb(t *testing.T) {
	sub := "x"
	for range 60 {
		sub = "!Sub ['${A}${A}', {A: " + sub + "}]"
	}
	begin := time.Now()
	got := declared(t, key("      Description: "+sub+"\n      KeySpec: "+sub))["Key"]
	check(t, got, "key.spec=?too long")
	if took := time.Since(begin); took > 5*time.Second {
		t.Error(took)
	}
	items := strings.Repeat("!Split [',', !Ref L], ", 2000)
	declared(t, "Parameters: {L: {Type: String, Default: '"+strings.Repeat(",", 9000)+"'}}\n"+key("      Tags: ["+items+"]"))
	if took := time.Since(begin); took > 10*time.Second {
		t.Error(took)
	}
}
