package aws

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// An account is one AWS account, and how to get into it. Its Regions share it.
type account struct {
	name      string // what the configuration calls it
	number    string // twelve digits; "" when not known
	partition string // "aws", "aws-cn", "aws-us-gov"
	identity  string // ARN of who reads
	role      string // ARN of the role that is assumed; "" for the account of the credentials
	pace      *pace
	sdk       aws.Config

	closed *refusal       // why nothing can be read; nil when it can
	calls  map[string]int // made before any source was read

	enter   sync.Mutex // held while a role is assumed
	entered bool
}

// identify asks which account the credentials are of.
func (a *account) identify(ctx context.Context) {
	a.calls = map[string]int{getCallerIdentity: 1}
	out, err := sts.NewFromConfig(a.sdk).GetCallerIdentity(ctx, nil)
	if err != nil {
		a.closed = explain(getCallerIdentity, err)
		return
	}
	who, err := arn.Parse(aws.ToString(out.Arn))
	if err != nil || !goodAccount.MatchString(aws.ToString(out.Account)) {
		a.closed = explain(getCallerIdentity, errIncomplete)
		return
	}
	a.number, a.partition, a.identity = *out.Account, who.Partition, *out.Arn
}

// open assumes the account's role, if it has one. It says why it cannot, and whether it asked.
func (a *account) open(ctx context.Context) (why *refusal, asked bool) {
	if a.role == "" {
		return a.closed, false
	}
	a.enter.Lock()
	defer a.enter.Unlock()
	if a.entered {
		return a.closed, false // refused once is enough: the other Regions need not ask again
	}
	if _, err := a.sdk.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, true
		}
		a.closed = explain(assumeRole, err)
	}
	a.entered = true
	return a.closed, true
}

// called is what messages call the account.
func (a *account) called() string {
	switch {
	case a.name != "":
		return "account " + a.name
	case a.number != "":
		return "account " + a.number
	}
	return "the account of the credentials"
}

// roleName is the last part of a role's resource: role/path/NAME.
func roleName(resource string) string { return resource[strings.LastIndexByte(resource, '/')+1:] }
