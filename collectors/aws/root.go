package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// root reads what the summary of an account says of its root user, who is in no list of users.
func (s *source) root(ctx context.Context) inventory.Resource {
	r := s.resource("arn:"+s.account.partition+":iam::"+s.account.number+":root", rootType, inventory.KindAccount, "root of "+s.account.number)
	r.Account = &inventory.Account{}
	s.count(getAccountSummary)
	out, err := s.iam.GetAccountSummary(ctx, nil)
	if err != nil {
		unread(r, explain(getAccountSummary, err))
		return *r
	}
	is := func(fact, entry string) *bool {
		n, stated := out.SummaryMap[entry]
		required(r, fact, stated, getAccountSummary)
		if !stated {
			return nil
		}
		return aws.Bool(n > 0)
	}
	r.Account.RootAccessKeys = is("account.root_access_keys", "AccountAccessKeysPresent")
	r.Account.RootMFA = is("account.root_mfa", "AccountMFAEnabled")
	return *r
}
