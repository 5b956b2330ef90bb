package jwks

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/aws"
)

// A Reader reads a key of KMS by the ARN of it or of an alias: an *aws.PublicKeys.
type Reader interface {
	Read(ctx context.Context, id string) (aws.PublicKey, error)
}

// retired are the states in which KMS neither signs nor verifies with a key any more.
var retired = []string{"Disabled", "PendingDeletion", "PendingReplicaDeletion"}

// KMS reads what is accepted of a selection: a key, or what an alias leads to. A key that is disabled or waits for its deletion is retired. Beside
// the key of an alias stand those that replace it, or that it replaces, in a roll that is under way.
//
// The key that an alias leads to has to be enabled: nobody could sign otherwise, so something else is wrong.
func KMS(ctx context.Context, r Reader, of Selection, rolls []Roll) (accepted []Key, gone []string, err error) {
	first, err := r.Read(ctx, of.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", of.ID, err)
	}
	alias := strings.Contains(of.ID, ":alias/")
	if alias && first.State != "Enabled" {
		return nil, nil, fmt.Errorf("%s leads to %s, which is %s, so nobody can sign with it", of.ID, first.ARN, first.State)
	}
	all := []aws.PublicKey{first}
	if alias {
		for _, arn := range partners(rolls, of.ID, first.ARN) {
			k, err := r.Read(ctx, arn)
			if errors.Is(err, aws.ErrNoKey) && old(rolls, arn) { // KMS has neither signed nor verified with it for seven days at least
				gone = append(gone, arn+" was deleted")
				continue
			}
			if err != nil {
				return nil, nil, fmt.Errorf("read %s, which a rotation under way names: %w", arn, err)
			}
			all = append(all, k)
		}
	}
	for _, k := range all {
		switch {
		case k.Usage != "SIGN_VERIFY":
			return nil, nil, fmt.Errorf("%s is no asymmetric signing key: its usage is %s", k.ARN, k.Usage)
		case slices.Contains(retired, k.State):
			gone = append(gone, fmt.Sprintf("%s is %s", k.ARN, k.State))
			continue
		case k.State != "Enabled":
			return nil, nil, fmt.Errorf("%s is %s, which is neither enabled nor retired; try again later", k.ARN, k.State)
		}
		public, err := x509.ParsePKIXPublicKey(k.DER)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: a key of %s is none that a JWKS can hold", k.ARN, k.Spec)
		}
		accepted = append(accepted, Key{From: k.ARN, Public: public, Alg: of.Alg})
	}
	return accepted, gone, nil
}
