package cloudformation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

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
	check(t, got["Parameter"], "secret.value_in_code=false\nsecret.rotation.automatic=true\nsecret.rotation.period_days=31")
	check(t, got["Default"], "secret.value_in_code=true\nsecret.rotation.automatic=false")
	check(t, got["Dynamic"], "secret.value_in_code=false\nsecret.rotation.automatic=?S4\nsecret.rotation.supported=true")
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
  Two: {Type: AWS::SecretsManager::Secret, DeletionPolicy: !Ref Unset}
  S0: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Unset, RotationRules: {AutomaticallyAfterDays: 30}}}
  S1: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: one, RotationRules: {AutomaticallyAfterDays: 30}}}
  S2: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Unset, RotationRules: {AutomaticallyAfterDays: 30}}}
`)
	check(t, got["One"], "secret.rotation.automatic=true\nsecret.rotation.period_days=30")
	check(t, got["Two"], "secret.rotation.automatic=?S0\nsecret.rotation.period_days=?S0\nsecret.recovery_days=?Unset")
}

// What Fn::If chooses between two resources is one of them, although neither name is known.
func TestSchedulesOfOneOfTwoSecrets(t *testing.T) {
	for _, choice := range []string{"[P, !Ref S2, !Ref S3]", "[P, !GetAtt S2.Id, !GetAtt S3.Id]", "[P, !Sub '${S2}', !Sub '${S3}']"} {
		got := declared(t, `
Parameters: {Unset: {Type: String}}
Conditions: {P: !Equals [!Ref Unset, x]}
Resources:
  S2: {Type: AWS::SecretsManager::Secret}
  S3: {Type: AWS::SecretsManager::Secret}
  R: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !If `+choice+`, RotationRules: {AutomaticallyAfterDays: 30}}}
`)
		check(t, got["S2"], "secret.rotation.automatic=?R")
		check(t, got["S3"], "secret.rotation.automatic=?R")
	}
}

func TestIdentities(t *testing.T) {
	got := declared(t, `
Conditions: {Unsure: !Equals [!Ref 'AWS::Region', x]}
Resources:
  Bot: {Type: AWS::IAM::User, Properties: {UserName: bot, Policies: [{PolicyName: all, PolicyDocument: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}}]}}
  BotKey: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Bot}}
  Reader: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref App], PolicyDocument: {Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref AWS::NoValue}]}}}
  App:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess', !Sub 'arn:${AWS::Partition}:iam::aws:policy/X']
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Federated: !Sub 'arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com'}
            Action: sts:AssumeRoleWithWebIdentity
            Condition: {StringEquals: {'token.actions.githubusercontent.com:aud': sts.amazonaws.com}}
  Unclear: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: !ImportValue x}}
  Either: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: !If [Unsure, {Statement: []}, !ImportValue x]}}
  NoJSON: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: all}}
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
	check(t, got["App"], "name=app\ntrust.method=iam_role\nlocation.start_line=12")
	if s := got["App"]["trust.statements"]; !strings.Contains(s, `"subjects":[]`) || !strings.Contains(s, `"who":"oidc"`) || !strings.Contains(s, `"audiences":["sts.amazonaws.com"]`) {
		t.Error(s)
	}
	if s := got["App"]["refs"]; !strings.Contains(s, "ReadOnlyAccess") || !strings.Contains(s, "app.yaml#Reader") {
		t.Error(s)
	}
	check(t, got["Unclear"], "trust.statements=?another stack")
	check(t, got["Either"], "trust.statements=?cannot be told")
	check(t, got["NoJSON"], "policy.statements=?read policy document")
	check(t, got["GitHub"], "trust.method=oidc_provider\ntrust.issuer=https://token.actions.githubusercontent.com\ntrust.bound_audiences=[\"sts.amazonaws.com\"]")
	check(t, got["Pod"], "trust.method=pod_identity\ntrust.service_accounts=[\"api\"]\ntrust.namespaces=[\"shop\"]")
}

func TestPoliciesThatMayBeThere(t *testing.T) {
	got := declared(t, `
Conditions: {Unsure: !Equals [!Ref 'AWS::Region', x]}
Resources:
  Element:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - !If [Unsure, {PolicyName: all, PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}, !Ref AWS::NoValue]
        - {PolicyName: none, PolicyDocument: {Statement: []}}
  Whole: {Type: AWS::IAM::Group, Properties: {Policies: !If [Unsure, [], !ImportValue x]}}
  Statement: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [!If [Unsure, {Effect: Allow, Action: '*', Resource: '*'}, !Ref AWS::NoValue]]}}}
`)
	check(t, got["Element.Policies[0]"], "type=aws.iam.policy\npolicy.statements=?the condition \"Unsure\" cannot be told\nlocation.start_line=9\nlocation.end_line=9")
	check(t, got["Element.Policies.none"], "policy.statements=[]")
	check(t, got["Element"], "refs=?Unsure")
	check(t, got["Whole.Policies"], "policy.statements=?Unsure")
	check(t, got["Statement"], "policy.statements=?Unsure")
}

func TestPermissionSetsAndServerless(t *testing.T) {
	const text = `
Transform: AWS::Serverless-2016-10-31
Conditions: {Unsure: !Equals [!Ref 'AWS::Region', x]}
Resources:
  Admins: {Type: AWS::SSO::PermissionSet, Properties: {Name: admins, InlinePolicy: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}}
  Readers: {Type: AWS::SSO::PermissionSet, Properties: {Name: readers, InlinePolicy: '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'}}
  Named: {Type: AWS::SSO::PermissionSet, Properties: {Name: named, ManagedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess']}}
  Own: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}]}
        - AWSLambdaExecute
        - KMSDecryptPolicy: {KeyId: !Ref K}
        - !Ref Own
        - !If [Unsure, AdministratorAccess, !Ref AWS::NoValue]
  Alone: {Type: AWS::Serverless::StateMachine, Properties: {Policies: {Statement: {Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref S}}}}
  Own2: {Type: AWS::Serverless::Function, Properties: {Policies: [!Ref Own]}}
  Given: {Type: AWS::Serverless::Function, Properties: {Role: !ImportValue role, Policies: [AdministratorAccess]}}
  None: {Type: AWS::Serverless::Function}
  Some: {Type: AWS::Serverless::Function, Properties: {Policies: !If [Unsure, a, b]}}
  S: {Type: AWS::SecretsManager::Secret}
`
	found := reading(t, text)
	got := map[string]map[string]string{}
	for _, r := range found.Resources {
		_, address, _ := strings.Cut(string(r.ID), "#")
		got[address] = facts(r)
	}
	check(t, got["Admins"], "type=aws.iam.policy\nname=admins\nlocation.start_line=5")
	if s := got["Admins"]["policy.statements"]; !strings.Contains(s, `"all_resources":true`) {
		t.Error(s)
	}
	check(t, got["Readers"], "policy.statements=[]")
	check(t, got["F.Policies[0]"], "type=aws.iam.policy\nlocation.start_line=13\nlocation.end_line=13")
	if s := got["F.Policies[0]"]["policy.statements"]; !strings.Contains(s, `"all_resources":true`) {
		t.Error(s)
	}
	check(t, got["F.Policies[4]"], "policy.statements=?Unsure")
	if s := got["Alone.Policies[0]"]["policy.statements"]; !strings.Contains(s, `"all_resources":false`) {
		t.Error(s)
	}
	check(t, got["Some.Policies"], "policy.statements=?Unsure")
	if len(got) != 13 { // five functions, and what they and others allow
		t.Errorf("%d resources: %v", len(got), got)
	}
	if len(found.Gaps) != 2 || !strings.Contains(found.Gaps[0].Err, `line 7: what the policies allow that "Named" only names`) || !strings.Contains(found.Gaps[1].Err, `that "F" only names`) || len(found.Gaps[0].Types) != 1 {
		t.Errorf("gaps %v", found.Gaps)
	}
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

// What the policies of AWS allow that a role, user or group names is not in the template, which is told once a resource.
func TestManagedPoliciesOfAWS(t *testing.T) {
	found := reading(t, `
Resources:
  Own: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}}}
  R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}, ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess', 'arn:aws:iam::aws:policy/ReadOnlyAccess']}}
  U: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess']}}
  G: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [!Ref Own, !ImportValue other]}}
  Known: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [!Ref Own]}}
  None: {Type: AWS::IAM::User}
`)
	var told []string
	for _, g := range found.Gaps {
		told = append(told, g.Err)
		if g.Why != inventory.NotStated || len(g.Types) != 1 || g.Types[0] != "aws.iam.policy" {
			t.Errorf("gap %+v", g)
		}
	}
	want := `line 4: what the policies allow that "R" only names is not known
line 5: what the policies allow that "U" only names is not known
line 6: what the policies allow that "G" only names is not known`
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("told:\n%s", got)
	}
}

// Variables without a value, and lists that are made of texts, are no reason to stop.
func TestVariablesOfOddForms(t *testing.T) {
	got := declared(t, `
Resources:
  A: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: a, Environment: [{Name: VAULT_TOKEN}, {Value: x}], Command: !Split [' ', 'vault login EXAMPLE']}]}}
  B: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: a, Secrets: !Split [',', 'a,b'], Environment: [!ImportValue x]}, text]}}
  C: {Type: AWS::Lambda::Function, Properties: {Environment: !ImportValue x}}
  D: {Type: AWS::Lambda::Function, Properties: !If [Unsure, {}, !ImportValue x]}
`)
	check(t, got["A"], `workload.credentials=[{"at":"a/vault login","provider":"vault","via":"argument"}]`)
	for _, id := range []string{"B", "C", "D"} {
		check(t, got[id], "workload.credentials=?")
	}
}
