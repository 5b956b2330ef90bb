package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// readProviders reads whose tokens and assertions an account accepts. An account has at most a few hundred; the lists come whole.
func (s *source) readProviders(ctx context.Context, found chan<- observation) {
	s.count(listOIDCProviders)
	if out, err := s.iam.ListOpenIDConnectProviders(ctx, nil); err != nil {
		s.lost(ctx, found, "the list of OpenID Connect providers", explain(listOIDCProviders, err), oidcType)
	} else {
		for _, p := range out.OpenIDConnectProviderList {
			if arn := aws.ToString(p.Arn); arn != "" {
				s.send(ctx, found, observation{resource: s.oidcProvider(ctx, arn)})
				continue
			}
			s.lost(ctx, found, "an OpenID Connect provider", explain(listOIDCProviders, errIncomplete), oidcType)
		}
	}
	s.count(listSAMLProviders)
	if out, err := s.iam.ListSAMLProviders(ctx, nil); err != nil {
		s.lost(ctx, found, "the list of SAML providers", explain(listSAMLProviders, err), samlType)
	} else {
		for _, p := range out.SAMLProviderList {
			arn := aws.ToString(p.Arn)
			if arn == "" {
				s.lost(ctx, found, "a SAML provider", explain(listSAMLProviders, errIncomplete), samlType)
				continue
			}
			r := s.resource(arn, samlType, inventory.KindTrust, roleName(arn))
			r.Trust = &inventory.Trust{Method: "saml_provider"}
			s.send(ctx, found, observation{resource: *r})
		}
	}
}

// oidcProvider reads one. Its ARN ends in the issuer without the scheme.
func (s *source) oidcProvider(ctx context.Context, arn string) inventory.Resource {
	_, issuer, _ := strings.Cut(arn, ":oidc-provider/")
	r := s.resource(arn, oidcType, inventory.KindTrust, issuer)
	r.Trust = &inventory.Trust{Method: "oidc_provider", Issuer: "https://" + issuer}
	s.count(getOIDCProvider)
	out, err := s.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(arn)})
	if err != nil {
		unread(r, explain(getOIDCProvider, err))
		return *r
	}
	r.Trust.BoundAudiences = append([]string{}, out.ClientIDList...)
	r.Tags = iamTags(out.Tags)
	return *r
}
