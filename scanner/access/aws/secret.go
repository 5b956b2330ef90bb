package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// needs are what actions on a secret do with its key, on the caller's behalf and by the caller's permissions. From "Permissions for the
// KMS key" in the AWS Secrets Manager User Guide.
var needs = map[string][]string{
	"secretsmanager:getsecretvalue": {"kms:Decrypt"},
	"secretsmanager:putsecretvalue": {"kms:GenerateDataKey", "kms:Decrypt"},
	"secretsmanager:createsecret":   {"kms:GenerateDataKey", "kms:Decrypt"},
}

// secretsAlias is that of the key which AWS manages for Secrets Manager.
const secretsAlias = "alias/aws/secretsmanager"

// throughSecrets is what kms:ViaService says where Secrets Manager of the Region in an ARN calls.
func throughSecrets(arn string) string {
	return "secretsmanager." + part(arn, region) + ".amazonaws.com"
}

// uses returns the requests to the key of a secret that a request to the secret brings about: through Secrets Manager, and with an
// encryption context that names the secret. They are made with the caller's identity, by the service: what the context says of the first
// call itself, such as its network, holds for it alone. From "Forward access sessions" in the IAM User Guide and "Encryption context" in
// the AWS Secrets Manager User Guide.
func uses(r *Request) []Request {
	if r.Resource.Key == nil {
		return nil
	}
	var out []Request
	for _, action := range needs[strings.ToLower(r.Action)] {
		use := *r
		use.Action, use.Resource = action, *r.Resource.Key
		use.Context = make(map[string]Values, len(r.Context)+4)
		for key, values := range r.Context {
			if carried(strings.ToLower(key)) {
				use.Context[key] = values
			}
		}
		use.Context["kms:ViaService"] = Values{throughSecrets(r.Resource.ARN)}
		use.Context["aws:ViaAWSService"] = Values{"true"}
		use.Context[contextKey+"SecretARN"] = Values{r.Resource.ARN}
		use.Context[contextKey+"Keys"] = Values{"SecretARN", "SecretVersionId"}
		use.Unknown = slices.Concat(r.Unknown, ofService)
		if ofSecrets(&use.Resource) && (use.Resource.ARN == "" || strings.HasPrefix(resource(use.Resource.ARN), "alias/")) {
			use.Resource.ARN = fmt.Sprintf("arn:%s:kms:%s:%s:key/aws-secretsmanager", part(r.Resource.ARN, partition), part(r.Resource.ARN, region), part(r.Resource.ARN, account))
		}
		out = append(out, use)
	}
	return out
}

// ofService are the condition keys that are not known of a call which Secrets Manager makes for a caller: from where it comes, and through
// which services, as the documentation names Secrets Manager for none of them.
var ofService = Values{
	"aws:SourceIp", "aws:SourceVpc*", "aws:Vpc*", "aws:UserAgent", "aws:Referer", "aws:CalledVia*", contextKey + "SecretVersionId",
}

// carried reports whether a condition key, in lower case, says the same of a call that a service makes for a caller: if it is about the
// caller, its session or the time, or if it is neither global nor one of Secrets Manager: AWS KMS, identity providers, credentials.
func carried(key string) bool {
	for _, start := range []string{
		"aws:principal", "aws:userid", "aws:username", "aws:sourceidentity", "aws:federatedprovider", "aws:tokenissuetime", "aws:multifactorauth", "aws:currenttime",
		"aws:epochtime", "aws:ec2instancesource", "aws:assumedroot",
	} {
		if strings.HasPrefix(key, start) {
			return true
		}
	}
	return serviceOf(key) != "aws" && serviceOf(key) != "secretsmanager" && key != "kms:viaservice" && !strings.HasPrefix(key, "kms:encryptioncontext")
}

// ofSecrets reports whether a key is the one that AWS manages for Secrets Manager.
func ofSecrets(r *Resource) bool { return slices.Contains(r.Aliases, secretsAlias) }

// fixed gives the key that AWS manages for Secrets Manager its policy, which is the same in every account.
func (r *Resource) fixed() {
	if len(r.Policy) == 0 && ofSecrets(r) && part(r.ARN, service) == "kms" {
		r.Policy = Documents{managedPolicy(part(r.ARN, account), throughSecrets(r.ARN))}
	}
}

// managedPolicy is the policy of a key that AWS manages for a service: all of the account may use it through that service, and those whose
// own policies allow it may see its metadata. From "Key policy of the AWS managed key" in the AWS Secrets Manager User Guide.
func managedPolicy(account, through string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"ThroughTheService","Effect":"Allow","Principal":{"AWS":"*"},
"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"],"Resource":"*",
"Condition":{"StringEquals":{"kms:CallerAccount":%[1]q,"kms:ViaService":%[2]q}}},
{"Sid":"Metadata","Effect":"Allow","Principal":{"AWS":%[1]q},"Action":["kms:Describe*","kms:Get*","kms:List*","kms:RevokeGrant"],"Resource":"*"}]}`,
		account, through))
}

// both is the answer when two requests have to be allowed.
func both(a, b access.Answer) access.Answer {
	order := []access.Decision{access.Failed, access.Denied, access.Conditional, access.Allowed}
	if slices.Index(order, b.Decision) < slices.Index(order, a.Decision) {
		a, b = b, a
	}
	if a.Decision == access.Failed || a.Decision == access.Denied && b.Decision != access.Denied {
		return a
	}
	a.Explicit = a.Explicit || b.Explicit
	a.Residual = append(a.Residual, b.Residual...)
	a.Because = append(a.Because, b.Because...)
	tidy(&a)
	return a
}
