// Package aws rotates what AWS holds: the material of KMS keys, access keys of IAM users, secrets of Secrets Manager.
//
// It leaves plans, approvals and the ledger to others: each rotator looks, and does one thing when it is told to.
package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Dial connects to the account and Region of a resource.
type Dial func(ctx context.Context, account, region string) (*aws.Connection, error)

// dial connects to where a rotation is: aws/ORGANIZATION/ACCOUNT/REGION.
func (d Dial) dial(ctx context.Context, scope string) (*aws.Connection, error) {
	parts := inventory.Scope(scope).Parts()
	if len(parts) != 4 || parts[0] != "aws" {
		return nil, fmt.Errorf("%s is no scope of AWS", scope)
	}
	return d(ctx, parts[2], parts[3])
}

// outcome tells a call that was refused from one that may have been carried out.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	if e := (*aws.CallError)(nil); errors.As(err, &e) && e.Refused {
		return err
	}
	return fmt.Errorf("%w: %w", plan.ErrUnclear, err)
}

// argument finds what the steps of a rotation say by a name, for looking, which is not about one step.
func argument(r plan.Rotation, name string) string {
	for _, s := range r.Steps {
		if v := s.Args[name]; v != "" {
			return v
		}
	}
	return ""
}

// A Permission is what a role needs to apply a plan.
type Permission struct {
	Action, Resource string
	If               Condition
}

// A Condition holds where a key of a request's context is a value. The zero value always holds.
type Condition struct{ Key, Value string }

// exact writes a time so that it compares with what AWS tells.
func exact(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
