package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// A PublicKey is what KMS tells of an asymmetric key. The collector itself asks for none.
type PublicKey struct {
	ARN   string // of the key, also where an alias was asked for
	State string // as AWS writes it: "Enabled", "Disabled", "PendingDeletion"
	Usage string // "SIGN_VERIFY"
	Spec  string // "ECC_NIST_P256"
	// DER is the SubjectPublicKeyInfo (RFC 5280); nil unless the key is enabled and signs, as KMS gives it out for no other.
	DER []byte
}

// PublicKeys reads public keys in the Regions of the accounts of a configuration.
type PublicKeys struct {
	config Config
	opts   Options
	opened map[string][]*source // by Region
}

// NewPublicKeys connects to nothing yet. What the configuration says of Regions and services does not matter.
func NewPublicKeys(c Config, o Options) *PublicKeys {
	return &PublicKeys{c, o.withDefaults(), map[string][]*source{}}
}

// ErrOtherAccount is an account that the configuration does not lead to.
var ErrOtherAccount = fmt.Errorf("neither the credentials nor a role of sources.aws are of this account")

// ErrNoKey is a key that KMS does not have, or not yet.
var ErrNoKey = errors.New("there is no such key")

// Read reads a key by the ARN of it or of an alias. It needs kms:DescribeKey and kms:GetPublicKey on the key. An error says what to allow, or wraps
// ErrOtherAccount or ErrNoKey.
func (p *PublicKeys) Read(ctx context.Context, id string) (PublicKey, error) {
	at, err := arn.Parse(id)
	if err != nil || at.Service != "kms" {
		return PublicKey{}, fmt.Errorf("%q is no ARN of a key or alias of KMS", id)
	}
	s, err := p.source(ctx, at)
	if err != nil {
		return PublicKey{}, err
	}
	about, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(id)})
	if none := (*types.NotFoundException)(nil); errors.As(err, &none) {
		return PublicKey{}, fmt.Errorf("%w: %w", ErrNoKey, told(ctx, describeKey, id, err))
	}
	if err != nil {
		return PublicKey{}, told(ctx, describeKey, id, err)
	}
	m := about.KeyMetadata
	if m == nil || m.Arn == nil || m.KeyState == "" || m.KeyUsage == "" {
		return PublicKey{}, told(ctx, describeKey, id, errIncomplete)
	}
	k := PublicKey{ARN: *m.Arn, State: string(m.KeyState), Usage: string(m.KeyUsage), Spec: string(m.KeySpec)}
	if m.KeyState != types.KeyStateEnabled || m.KeyUsage != types.KeyUsageTypeSignVerify {
		return k, nil
	}
	const getPublicKey = "kms:GetPublicKey"
	out, err := s.kms.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: m.Arn})
	if err != nil {
		return PublicKey{}, told(ctx, getPublicKey, k.ARN, err)
	}
	if len(out.PublicKey) == 0 {
		return PublicKey{}, told(ctx, getPublicKey, k.ARN, errIncomplete)
	}
	k.DER = out.PublicKey
	return k, nil
}

// source finds what reads the Region and account of an ARN.
func (p *PublicKeys) source(ctx context.Context, at arn.ARN) (*source, error) {
	if p.opened[at.Region] == nil {
		c := p.config
		c.Regions, c.Services = Regions{at.Region}, []string{"kms"}
		all, err := Open(ctx, c, p.opts)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			p.opened[at.Region] = append(p.opened[at.Region], s.(*source))
		}
	}
	var closed *refusal
	for _, s := range p.opened[at.Region] {
		if s.account.number == at.AccountID {
			why, _ := s.account.open(ctx)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if why != nil {
				return nil, fmt.Errorf("%s: %s: %s; %s", s.account.called(), why.call, why.text, why.permit(""))
			}
			return s, nil
		}
		if s.account.number == "" {
			closed = s.account.closed // whose credentials these are is not known, so it may be this account
		}
	}
	if closed != nil {
		return nil, fmt.Errorf("%s: %s; %s", closed.call, closed.text, closed.permit(""))
	}
	return nil, fmt.Errorf("account %s: %w", at.AccountID, ErrOtherAccount)
}

// told says why a call failed and what would let it through.
func told(ctx context.Context, call, id string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r := explain(call, err)
	return fmt.Errorf("%s: %s; %s", call, r.text, r.permit(id))
}
