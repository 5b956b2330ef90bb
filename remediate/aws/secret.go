package aws

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
)

// SecretName is the rotator's name in plans.
const SecretName = "aws-secretsmanager"

// The acts on a secret of Secrets Manager.
const (
	actRun       = "run its rotation"                   // secretsmanager:RotateSecret
	actStage     = "write a new value beside the old"   // secretsmanager:PutSecretValue, as AWSPENDING
	actUnstage   = "take the label off the new value"   // secretsmanager:UpdateSecretVersionStage
	actPromote   = "make the new value the current one" // the same
	actDemote    = "make the old value current again"   // the same
	argToken     = "version_id"                         // of the new version
	argField     = "field"                              // of the JSON object that the value is; absent: the value is the whole
	factDeleted  = "waits_to_be_deleted"                //
	factRotates  = "rotation_configured"                //
	factWritten  = "current_written_at"                 //
	factCurrent  = "current_version"                    // "new" is the version that the rotation makes
	factPending  = "pending_version"                    // what AWSPENDING stands at, unless that is the current one
	factBegun    = "new_version_there"                  //
	theNew       = "new"                                //
	labelCurrent = "AWSCURRENT"
	labelPending = "AWSPENDING"
)

// DraftSecret drafts the rotation of a secret: by the function or service that is configured for it, or by a new value that is staged beside the old.
func DraftSecret(d remediate.Draft) (string, []plan.Step, error) {
	refuse := func(why, next string) (string, []plan.Step, error) {
		return "", nil, &remediate.Refusal{Why: why, Next: next}
	}
	r := d.Resource
	for _, fact := range []string{"secret.state", "secret.written_at", "secret.rotation.automatic", "secret.service_managed", "secret.replica"} {
		if u := r.Unread(fact); u != nil {
			return refuse(fact+" was not read", u.Hint)
		}
	}
	x := r.Secret
	switch {
	case x == nil || x.WrittenAt == nil || x.Rotation == nil || x.Rotation.Automatic == nil:
		return "", nil, errors.New("its versions, or how it rotates, were not read")
	case d.Retire:
		return refuse("Secrets Manager does not decide whether an old value is accepted", "end it where it is checked")
	case x.State != "enabled":
		return refuse("it is "+x.State, "")
	case x.Replica != nil && *x.Replica:
		return refuse("it is a replica", "rotate the secret in its primary Region; the replicas follow")
	case slices.ContainsFunc(d.Key.Gates, func(g remediate.GateSettings) bool { return g.Unused > 0 }):
		return refuse("a gate asks how long the old version is unused, and Secrets Manager keeps no record of versions", "take another gate: a command, or clients that confirm")
	}
	written := exact(*x.WrittenAt)
	token := versionID(string(r.ID), exact(d.Now))
	if *x.Rotation.Automatic {
		return SecretName, append(running(token, written), taken(d)...), nil
	}
	if x.ServiceManaged != nil && *x.ServiceManaged {
		return refuse("a service of AWS manages it", "rotate it in that service")
	}
	source, err := newValue(d)
	if err != nil {
		return "", nil, err
	}
	return SecretName, append(staged(d, source, token, written), taken(d)...), nil
}

// newValue is where the new value comes from.
func newValue(d remediate.Draft) (source material.Source, err error) {
	switch {
	case len(d.Key.Generator) > 0:
		p, err := program.Bind(d.Key.Generator)
		if err != nil {
			return source, &remediate.Refusal{Why: "its generator cannot be read: " + err.Error(), Next: "correct the configuration"}
		}
		source.Program = &p
	case d.Key.Random != nil:
		source.Random = *d.Key.Random
	default:
		return source, &remediate.Refusal{
			Why:  "no rotation is configured for it in AWS, and nothing says how its new value is made",
			Next: "configure its rotation in AWS, or name a generator or random: {} in rotation.keys",
		}
	}
	return source, nil
}

// running has AWS do it.
func running(token, written string) []plan.Step {
	return []plan.Step{{
		ID: "rotate", Stage: plan.Created, Act: actRun, Args: map[string]string{argToken: token},
		Says:   "have AWS run the rotation that is configured for it: a new value, set where it is used, tested, and then current",
		Expect: plan.Facts{factDeleted: "no", factRotates: "yes", factWritten: written, factPending: "", factBegun: "no"},
		After:  plan.Facts{factRotates: "yes", factBegun: "yes"},
		Final:  "the rotation has set the new value where it is used; a failed one is ended by who owns its function",
	}, {
		ID: "finish", Stage: plan.Promoted, Says: "AWS has ended the rotation, and the new value is the current one", Gates: []plan.Gate{{Kind: plan.Finished, Timeout: finishesIn}},
	}}
}

// staged writes the new value beside the old one, and makes it current as a step of its own.
func staged(d remediate.Draft, source material.Source, token, written string) []plan.Step {
	what := "its value"
	if d.Key.Field != "" {
		what = fmt.Sprintf("its field %q", d.Key.Field)
	}
	args := map[string]string{argToken: token}
	if d.Key.Field != "" {
		args[argField] = d.Key.Field
	}
	// The current version is the one that the scan found: a colleague's would be overwritten by what was made beside the one before.
	before := plan.Facts{factPending: theNew, factCurrent: "${" + factCurrent + "}", factWritten: written}
	return []plan.Step{{
		ID: "stage", Stage: plan.Created, Act: actStage, Args: material.With(source.Args(), args),
		Says:   fmt.Sprintf("write a version in which %s is new (%s), labelled AWSPENDING; who reads the secret still gets the old one", what, source),
		Expect: plan.Facts{factDeleted: "no", factRotates: "no", factWritten: written, factPending: "", factCurrent: "*"},
		After:  plan.Facts{factPending: theNew, factCurrent: "*", factWritten: written},
		Undo:   actUnstage, UndoExpect: before, UndoAfter: plan.Facts{factPending: "", factCurrent: "${" + factCurrent + "}"},
	}, {
		ID: "promote", Stage: plan.Promoted, Act: actPromote, Args: map[string]string{argToken: token},
		Says: "make the new value the current one; the old one stays as AWSPREVIOUS", Expect: before, After: plan.Facts{factCurrent: theNew},
		Undo: actDemote, UndoExpect: plan.Facts{factCurrent: theNew}, UndoAfter: plan.Facts{factPending: theNew, factCurrent: "${" + factCurrent + "}"},
	}}
}

// taken waits until those who read it have the new value.
func taken(d remediate.Draft) []plan.Step {
	found := plan.Facts{factCurrent: theNew}
	fetched := plan.Step{
		ID: "fetch", Stage: plan.Soaking, Expect: found, Says: "those who read it have fetched the new value: their caches have run out",
		Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.CacheTime, remediate.CacheTime)}},
	}
	if len(d.Key.Clients) > 0 {
		fetched.Says += ", and " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		fetched.Gates = append(fetched.Gates, plan.Gate{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime})
	}
	return []plan.Step{
		fetched,
		{ID: "soak", Stage: plan.Soaking, Expect: found, Says: "nobody missed the old value", Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.Soak, remediate.SoakTime)}}},
		{ID: "check", Stage: plan.Done, Expect: found, Says: "see that the new value is the current one; the old value counts until who checks it is told to refuse it"},
	}
}

// versionID is an ID for a version, in the form of a UUID, that is the same for the same parts. AWS writes a version of an ID once.
func versionID(parts ...string) string {
	sum := sha256.Sum256([]byte("keyreeve-rotate\n" + strings.Join(parts, "\n")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8 of RFC 9562: of the maker's own design
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// Secret is the rotator of secrets of Secrets Manager.
type Secret struct {
	Dial     Dial
	Programs material.Runner
}

// Look reads the labels of the secret, and no value.
func (x Secret) Look(ctx context.Context, r plan.Rotation, _ plan.Facts) (plan.Facts, error) {
	conn, err := x.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	s, err := conn.ManagedSecret(ctx, string(r.Resource))
	if err != nil {
		return nil, err
	}
	return secretFacts(s, argument(r, argToken)), nil
}

func secretFacts(s aws.ManagedSecret, token string) plan.Facts {
	yes := map[bool]string{true: "yes", false: "no"}
	name := func(id string) string {
		if id == token {
			return theNew
		}
		return id
	}
	facts := plan.Facts{factDeleted: yes[s.Deleted], factRotates: yes[s.Rotates], factBegun: yes[len(s.Labels[token]) > 0]}
	if !s.WrittenAt.IsZero() {
		facts[factWritten] = s.WrittenAt.Format(time.RFC3339Nano)
	}
	for id, labels := range s.Labels {
		switch {
		case slices.Contains(labels, labelCurrent):
			facts[factCurrent] = name(id)
		case slices.Contains(labels, labelPending):
			facts[factPending] = name(id)
		}
	}
	if facts[factCurrent] != theNew {
		facts[plan.InProgress] = "the new value is not the current one yet"
	}
	return facts
}

// Do makes the call of an act.
func (x Secret) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, known plan.Facts) (plan.Facts, error) {
	conn, err := x.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	arn, token := string(r.Resource), s.Args[argToken]
	switch act {
	case actRun:
		return nil, outcome(conn.RotateSecret(ctx, arn, token))
	case actStage:
		return x.stage(ctx, conn, r, s)
	case actUnstage:
		return nil, outcome(conn.MoveLabel(ctx, arn, labelPending, token, ""))
	case actPromote:
		return nil, outcome(conn.MoveLabel(ctx, arn, labelCurrent, known[factCurrent], token))
	case actDemote:
		return nil, outcome(conn.MoveLabel(ctx, arn, labelCurrent, token, known[factCurrent]))
	}
	return nil, fmt.Errorf("%q is no act on a secret of Secrets Manager", act)
}

// stage writes the new version. It reads the current value only where a field of it is to stay as it is, or where a program, which may print the same
// again, makes the new one.
func (x Secret) stage(ctx context.Context, conn *aws.Connection, r plan.Rotation, s plan.Step) (plan.Facts, error) {
	now, err := conn.ManagedSecret(ctx, string(r.Resource))
	if err != nil {
		return nil, err
	}
	if diff := s.Expect.Differs(secretFacts(now, s.Args[argToken]), nil); diff != "" {
		return nil, errors.New(diff)
	}
	source, err := material.SourceOf(s.Args)
	if err != nil {
		return nil, err
	}
	value, err := source.Make(ctx, x.Programs, material.About{Rotation: r.ID, Resource: string(r.Resource), Step: s.ID})
	if err != nil {
		return nil, fmt.Errorf("make a new value: %w", err)
	}
	text, field := value.Reveal(), s.Args[argField]
	if field != "" || source.Program != nil {
		old, err := conn.SecretValue(ctx, string(r.Resource), labelCurrent)
		if err != nil {
			return nil, err
		}
		was := old()
		if field != "" {
			if was, text, err = aws.WithField(was, field, text); err != nil {
				return nil, err
			}
		}
		if subtle.ConstantTimeCompare([]byte(value.Reveal()), []byte(was)) == 1 {
			return nil, errors.New("the generator printed the value that it has already, so nothing would be rotated")
		}
	}
	if err := outcome(conn.PutSecret(ctx, string(r.Resource), s.Args[argToken], text, labelPending)); err != nil {
		return nil, err
	}
	return plan.Facts{factCurrent: secretFacts(now, s.Args[argToken])[factCurrent]}, nil
}

// SecretPermissions are the least for the steps of a rotation.
func SecretPermissions(r plan.Rotation) []Permission {
	actions := []string{"secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"}
	for _, s := range r.Steps {
		switch s.Act {
		case actRun:
			actions = append(actions, "secretsmanager:RotateSecret")
		case actStage:
			actions = append(actions, "secretsmanager:PutSecretValue")
			if source, err := material.SourceOf(s.Args); s.Args[argField] != "" || err == nil && source.Program != nil {
				actions = append(actions, "secretsmanager:GetSecretValue")
			}
		case actPromote:
			actions = append(actions, "secretsmanager:UpdateSecretVersionStage")
		}
	}
	return on(string(r.Resource), actions...)
}
