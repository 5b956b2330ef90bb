package aws

import (
	"encoding/json"
	"fmt"
	"maps"
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

// uses returns the requests to the key of a secret that a request to the secret brings about: through Secrets Manager, and with an
// encryption context that names the secret.
func uses(r *Request) []Request {
	if r.Resource.Key == nil {
		return nil
	}
	var out []Request
	for _, action := range needs[strings.ToLower(r.Action)] {
		use := *r
		use.Action, use.Resource = action, *r.Resource.Key
		through := "secretsmanager." + part(r.Resource.ARN, region) + ".amazonaws.com"
		use.Context = maps.Clone(r.Context)
		if use.Context == nil {
			use.Context = map[string]Values{}
		}
		for key := range use.Context {
			if name := strings.ToLower(key); name == "kms:viaservice" || strings.HasPrefix(name, encryptionContext) || name == "kms:encryptioncontextkeys" {
				delete(use.Context, key)
			}
		}
		use.Context["kms:ViaService"] = Values{through}
		use.Context[contextKey+"SecretARN"] = Values{r.Resource.ARN}
		use.Context[contextKey+"Keys"] = Values{"SecretARN", "SecretVersionId"}
		use.Unknown = append(slices.Clone(r.Unknown), contextKey+"SecretVersionId")
		if managed(&use.Resource) && len(use.Resource.Policy) == 0 {
			use.Resource.Policy = Documents{managedPolicy(part(use.Resource.ARN, account), through)}
		}
		out = append(out, use)
	}
	return out
}

// managedPolicy is the policy of a key that AWS manages for a service: all of the account may use it through that service.
func managedPolicy(account, through string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"ThroughTheService","Effect":"Allow","Principal":{"AWS":"*"},
"Action":["kms:Decrypt","kms:GenerateDataKey","kms:CreateGrant","kms:DescribeKey"],"Resource":"*",
"Condition":{"StringEquals":{"kms:CallerAccount":%q,"kms:ViaService":%q}}}]}`, account, through))
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
