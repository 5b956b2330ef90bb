package cloudformation

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

const file = "infra/app.yaml"

func reading(t testing.TB, text string) declare.Declared {
	t.Helper()
	return read(context.Background(), &declare.Tree{Name: "shop", Scope: "repo/shop", Files: []declare.File{{Path: file, Data: []byte(text)}}})
}

// facts are the facts of a resource by their paths, as rules would see them: those that are open read "? why".
func facts(r inventory.Resource) map[string]string {
	r.Complete()
	out := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if m, ok := v.(map[string]any); ok && len(m) > 0 {
			for k, inner := range m {
				walk(strings.TrimPrefix(path+"."+k, "."), inner)
			}
			return
		}
		text, _ := json.Marshal(v)
		out[path] = strings.Trim(string(text), `"`)
	}
	data, _ := json.Marshal(r)
	var tree map[string]any
	_ = json.Unmarshal(data, &tree)
	delete(tree, "unknown")
	walk("", tree)
	for _, u := range r.Unknown {
		for path := range out {
			if path == u.Fact || strings.HasPrefix(path, u.Fact+".") {
				delete(out, path)
			}
		}
		out[u.Fact] = "? " + u.Hint
	}
	return out
}

// declared reads a template that is to have no gap, and returns its resources by address.
func declared(t testing.TB, text string) map[string]map[string]string {
	t.Helper()
	found := reading(t, text)
	for _, g := range found.Gaps {
		t.Errorf("gap: %v", g)
	}
	out := map[string]map[string]string{}
	for _, r := range found.Resources {
		_, address, _ := strings.Cut(string(r.ID), "#")
		out[address] = facts(r)
	}
	return out
}

// check compares facts written "fact=value"; "fact=" is one that is not there, "fact=?why" one that is open for a reason with why in it.
func check(t testing.TB, got map[string]string, want string) {
	t.Helper()
	if got == nil {
		t.Errorf("it is not declared; want %s", want)
		return
	}
	for line := range strings.SplitSeq(want, "\n") {
		fact, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is := got[fact]
		if why, ok := strings.CutPrefix(value, "?"); ok && strings.HasPrefix(is, "?") && strings.Contains(is, why) {
			continue
		}
		if fact != "" && is != value {
			t.Errorf("%s is %q; want %q", fact, is, value)
		}
	}
}

func key(properties string) string {
	return "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n" + properties + "\n"
}

// with is a template with sections before one key that has a description of its own.
func with(sections, enable string) string {
	return sections + "\nResources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: " + enable + "\n"
}

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
	check(t, got["Always"], "refs=?may lead to it\nname=Always")
}

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct{ properties, want string }{
		"all defaults": {"", `id=cloudformation:shop/infra/app.yaml#Key
			type=aws.kms.key
			origin=declared
			name=Key
			location.start_line=2
			key.spec=SYMMETRIC_DEFAULT
			key.algorithm=aes
			key.bits=256
			key.usages=["decrypt","encrypt"]
			key.manager=customer
			key.origin=generated
			key.state=enabled
			key.multi_region=single
			key.rotation.supported=true
			key.rotation.automatic=false
			key.rotation.keeps_old_forever=true
			key.rotation.period_days=
			key.deletion_window_days=30
			tags={}
			unknown=`},
		"rotation":              {"      EnableKeyRotation: true", "key.rotation.automatic=true\nkey.rotation.period_days=365\nlocation.start_line=5"},
		"a period":              {"      EnableKeyRotation: true\n      RotationPeriodInDays: '90'", "key.rotation.period_days=90"},
		"an unknown period":     {"      EnableKeyRotation: true\n      RotationPeriodInDays: !ImportValue x", "key.rotation.period_days=?another stack"},
		"RSA":                   {"      KeySpec: RSA_2048\n      KeyUsage: SIGN_VERIFY\n      EnableKeyRotation: !ImportValue x", "key.algorithm=rsa\nkey.bits=2048\nkey.usages=[\"sign\",\"verify\"]\nkey.rotation.supported=false\nkey.rotation.automatic=false\nlocation.start_line=5"},
		"HMAC":                  {"      KeySpec: HMAC_256\n      KeyUsage: GENERATE_VERIFY_MAC", "key.algorithm=hmac\nkey.bits=256\nkey.usages=[\"mac\"]\nkey.rotation.supported=false"},
		"an unknown spec":       {"      KeySpec: !ImportValue x", "key.spec=?\nkey.algorithm=?\nkey.bits=?\nkey.rotation.supported=?another stack\nkey.rotation.automatic=false"},
		"imported material":     {"      Origin: EXTERNAL", "key.origin=imported\nkey.state=pending_import\nkey.rotation.supported=false"},
		"a primary":             {"      MultiRegion: true\n      PendingWindowInDays: 7\n      Enabled: false", "key.multi_region=primary\nkey.deletion_window_days=7\nkey.state=disabled"},
		"tags":                  {"      Tags: [{Key: team, Value: pay}, {Key: cost, Value: !Ref 'AWS::StackName'}]", "tags.team=pay\ntags.cost=?StackName"},
		"tags that tell labels": {"      Tags: [{Key: Environment, Value: !Ref 'AWS::StackName'}]", "tags=?StackName"},
		"tags of a parameter":   {"      Tags: !ImportValue x", "tags=?another stack"},
	} {
		got := declared(t, key(c.properties))["Key"]
		t.Run(name, func(t *testing.T) { check(t, got, c.want) })
	}
}

func TestKeysOfATemplate(t *testing.T) {
	got := declared(t, `
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - {Sid: root, Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
          - {Sid: world, Effect: Allow, Principal: '*', Action: kms:Decrypt, Resource: '*'}
  Open: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: !ImportValue who, Action: kms:Decrypt, Resource: '*'}]}}}
  Text: {Type: AWS::KMS::Key, Properties: {KeyPolicy: !Sub '{"Statement":{"Effect":"Allow","Principal":{"AWS":"${AWS::AccountId}"},"Action":"kms:Decrypt","Resource":"*"}}'}}
  First: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/b, TargetKeyId: !Ref Key}}
  Second: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !GetAtt Key.Arn}}
  Named: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/${AWS::StackName}', TargetKeyId: !Ref Open}}
  Replica: {Type: AWS::KMS::ReplicaKey, Properties: {PrimaryKeyArn: !ImportValue primary}}
  Near: {Type: AWS::KMS::ReplicaKey, Properties: {PrimaryKeyArn: !GetAtt Key.Arn}}
`)
	check(t, got["Key"], "name=alias/a")
	if refs := got["Key"]["refs"]; strings.Count(refs, `"edge":"alias"`) != 2 {
		t.Error(refs)
	}
	check(t, got["Open"], "refs=?a name that is not known\nname=Open")
	check(t, got["Key.KeyPolicy"], "type=aws.kms.policy\npolicy.guards=aws.kms.key\nlocation.start_line=6\nlocation.end_line=10")
	if s := got["Key.KeyPolicy"]["policy.statements"]; !strings.Contains(s, `"at":"world","effect":"allow","everyone":true`) || !strings.Contains(s, `"at":"root","effect":"allow","everyone":false`) {
		t.Error(s)
	}
	check(t, got["Open.KeyPolicy"], "policy.statements=?Principal of statement 1 is not resolved (another stack exports it)")
	if s := got["Text.KeyPolicy"]["policy.statements"]; !strings.Contains(s, `"everyone":false`) {
		t.Error(s)
	}
	check(t, got["Replica"], "key.multi_region=replica\nkey.spec=?its primary key is not declared here\nkey.rotation=?\nkey.state=enabled")
	check(t, got["Near"], "key.multi_region=replica\nkey.spec=SYMMETRIC_DEFAULT\nkey.rotation.automatic=false")
}

func TestSecrets(t *testing.T) {
	got := declared(t, `
Parameters: {Given: {Type: String, NoEcho: true}, Stated: {Type: String, Default: not-a-secret}, Unset: {Type: String}}
Conditions: {Unsure: !Equals [!Ref Given, x]}
Resources:
  Key: {Type: AWS::KMS::Key}
  Literal:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: shop/literal
      KmsKeyId: !GetAtt Key.Arn
      SecretString: not-a-secret
  Made: {Type: AWS::SecretsManager::Secret, DeletionPolicy: Retain, Properties: {GenerateSecretString: {SecretStringTemplate: '{"username":"x"}'}}}
  Parameter: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Ref Given}}
  Default: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Ref Stated}}
  Dynamic: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: '{{resolve:secretsmanager:other}}'}}
  Part: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Sub '{"user":"x","password":"${Given}"}'}}
  Choice: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !If [Unsure, not-a-secret, !Ref Given]}}
  Attached: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {SecretId: !Ref Made}}
  S1: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Literal, RotationRules: {AutomaticallyAfterDays: 30}}}
  S2: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Attached, RotationRules: {ScheduleExpression: rate(36 hours)}}}
  S3: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Parameter, RotationRules: {ScheduleExpression: 'cron(0 8 1 * ? *)'}}}
  S4: {Type: AWS::SecretsManager::RotationSchedule, Condition: Unsure, Properties: {SecretId: !Ref Dynamic, RotationRules: {AutomaticallyAfterDays: 30}}}
  Policy: {Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref Literal, ResourcePolicy: {Statement: {Effect: Allow, Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*'}}}}
`)
	check(t, got["Literal"], `name=shop/literal
		secret.value_in_code=true
		location.start_line=11
		secret.rotation.automatic=true
		secret.rotation.period_days=30
		secret.service_managed=false
		secret.replica=false
		secret.recovery_days=0`)
	if refs := got["Literal"]["refs"]; !strings.Contains(refs, `"uses"`) || !strings.Contains(refs, "app.yaml#Key") {
		t.Error(refs)
	}
	check(t, got["Made"], "secret.value_in_code=false\nsecret.rotation.period_days=2\nsecret.recovery_days=")
	check(t, got["Parameter"], "secret.value_in_code=false\nsecret.rotation.automatic=true")
	check(t, got["Default"], "secret.value_in_code=true\nsecret.rotation.automatic=false")
	check(t, got["Dynamic"], "secret.value_in_code=false\nsecret.rotation=?S4")
	check(t, got["Part"], "secret.value_in_code=?known in part")
	check(t, got["Choice"], "secret.value_in_code=?cannot be told")
	if s := got["Policy"]["policy.statements"]; !strings.Contains(s, `"actions":["read_secret"]`) || !strings.Contains(s, `"everyone":true`) {
		t.Error(s)
	}
	if all := fmt.Sprint(got); strings.Contains(all, "not-a-secret") {
		t.Error("a value is kept")
	}
}

func TestSchedulesOfUnknownSecrets(t *testing.T) {
	got := declared(t, `
Parameters: {Unset: {Type: String}}
Resources:
  One: {Type: AWS::SecretsManager::Secret, Properties: {Name: one}}
  Two: {Type: AWS::SecretsManager::Secret}
  S1: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: one, RotationRules: {AutomaticallyAfterDays: 30}}}
  S2: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Unset, RotationRules: {AutomaticallyAfterDays: 30}}}
`)
	check(t, got["One"], "secret.rotation.automatic=true\nsecret.rotation.period_days=30")
	check(t, got["Two"], "secret.rotation=?S2")
}

func TestIdentities(t *testing.T) {
	got := declared(t, `
Resources:
  Bot: {Type: AWS::IAM::User, Properties: {UserName: bot, Policies: [{PolicyName: all, PolicyDocument: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}}]}}
  BotKey: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Bot}}
  Reader: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref App], PolicyDocument: {Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref AWS::NoValue}]}}}
  App:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Federated: !Sub 'arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com'}
            Action: sts:AssumeRoleWithWebIdentity
            Condition: {StringEquals: {'token.actions.githubusercontent.com:aud': sts.amazonaws.com}}
  Unclear: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: !ImportValue x}}
  GitHub: {Type: AWS::IAM::OIDCProvider, Properties: {Url: 'https://token.actions.githubusercontent.com', ClientIdList: [sts.amazonaws.com]}}
  Pod: {Type: AWS::EKS::PodIdentityAssociation, Properties: {ClusterName: c, Namespace: shop, ServiceAccount: api, RoleArn: !GetAtt App.Arn}}
  Team: {Type: AWS::IAM::Group, Properties: {Policies: [{PolicyName: enc, PolicyDocument: {Statement: [{Effect: Allow, Action: kms:Encrypt, Resource: !GetAtt K.Arn}]}}]}}
  K: {Type: AWS::KMS::Key}
`)
	check(t, got["Bot"], "type=aws.iam.user\nname=bot\ntags={}")
	check(t, got["BotKey"], "type=aws.iam.access_key\ncredential.class=access_key")
	if refs := got["BotKey"]["refs"]; !strings.Contains(refs, "app.yaml#Bot") {
		t.Error(refs)
	}
	if s := got["Bot.Policies.all"]["policy.statements"]; !strings.Contains(s, `"all_resources":true`) || !strings.Contains(s, "decrypt") {
		t.Error(s)
	}
	if s := got["Team.Policies.enc"]["policy.statements"]; !strings.Contains(s, `"all_resources":false`) {
		t.Error(s)
	}
	check(t, got["App"], "name=app\ntrust.method=iam_role\nlocation.start_line=11")
	if s := got["App"]["trust.statements"]; !strings.Contains(s, `"subjects":[]`) || !strings.Contains(s, `"who":"oidc"`) || !strings.Contains(s, `"audiences":["sts.amazonaws.com"]`) {
		t.Error(s)
	}
	if s := got["App"]["refs"]; !strings.Contains(s, "ReadOnlyAccess") || !strings.Contains(s, "app.yaml#Reader") {
		t.Error(s)
	}
	check(t, got["Unclear"], "trust.statements=?another stack")
	check(t, got["GitHub"], "trust.method=oidc_provider\ntrust.issuer=https://token.actions.githubusercontent.com\ntrust.bound_audiences=[\"sts.amazonaws.com\"]")
	check(t, got["Pod"], "trust.method=pod_identity\ntrust.service_accounts=[\"api\"]\ntrust.namespaces=[\"shop\"]")
}

func TestTrails(t *testing.T) {
	for name, c := range map[string]struct{ properties, want string }{
		"no selectors":            {"IsLogging: true", "audit.logging=true\naudit.multi_region=false\naudit.log_validation=false\naudit.customer_key=false\naudit.management_events=true\naudit.kms_events=true"},
		"a key":                   {"KMSKeyId: !ImportValue k, IsMultiRegionTrail: true, EnableLogFileValidation: true", "audit.customer_key=true\naudit.multi_region=true\naudit.log_validation=true"},
		"KMS left out":            {"EventSelectors: [{ExcludeManagementEventSources: [kms.amazonaws.com]}]", "audit.management_events=true\naudit.kms_events=false"},
		"only writes":             {"EventSelectors: [{ReadWriteType: WriteOnly}]", "audit.management_events=false\naudit.kms_events=false"},
		"reads and writes":        {"EventSelectors: [{ReadWriteType: WriteOnly}, {ReadWriteType: ReadOnly}]", "audit.management_events=true\naudit.kms_events=true"},
		"no management":           {"EventSelectors: [{IncludeManagementEvents: false}]", "audit.management_events=false"},
		"unknown":                 {"EventSelectors: [{IncludeManagementEvents: !ImportValue x}]", "audit.management_events=?another stack\naudit.kms_events=?"},
		"unknown beside all":      {"EventSelectors: [{ReadWriteType: All}, {IncludeManagementEvents: !ImportValue x}]", "audit.management_events=true"},
		"unknown as a whole":      {"EventSelectors: !ImportValue x", "audit.management_events=?another stack"},
		"advanced":                {"AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]", "audit.management_events=true\naudit.kms_events=true"},
		"advanced without KMS":    {"AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}, {Field: eventSource, NotEquals: [kms.amazonaws.com]}]}]", "audit.management_events=true\naudit.kms_events=false"},
		"advanced, writes":        {"AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}, {Field: readOnly, Equals: ['false']}]}]", "audit.management_events=false\naudit.kms_events=false"},
		"advanced, data only":     {"AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}]}]", "audit.management_events=false\naudit.kms_events=false"},
		"advanced, some names":    {"AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}, {Field: eventName, Equals: [X]}]}]", "audit.management_events=false\naudit.kms_events=false"},
		"advanced, unknown parts": {"AdvancedEventSelectors: [{FieldSelectors: !ImportValue x}]", "audit.management_events=?"},
	} {
		got := declared(t, "Resources:\n  Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: t, "+c.properties+"}}\n")["Trail"]
		t.Run(name, func(t *testing.T) { check(t, got, c.want) })
	}
}

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
		"SAM":                       {"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n  K: {Type: AWS::KMS::Key}\n", 1, ""},
		"by its version":            {"AWSTemplateFormatVersion: 2010-09-09\nResources:\n  K: {Type: AWS::KMS::Key}\n", 1, ""},
		"resources of a wrong kind": {"AWSTemplateFormatVersion: 2010-09-09\nResources: [AWS::KMS::Key]\n", 0, ""},
		"properties of a wrong one": {"Resources:\n  K: {Type: AWS::KMS::Key, Properties: [x]}\n  L: {Type: [AWS::KMS::Key]}\n  M: AWS::KMS::Key\n", 1, ""},
		"a bomb":                    {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nResources: {K: {Type: AWS::KMS::Key}}\n", 0, "more than 1000000 values"},
		"deep":                      {"Resources:\n  K: {Type: AWS::KMS::Key, Properties: {X: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}}\n", 0, "200 levels deep"},
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

// A text that doubles again and again is not made.
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
