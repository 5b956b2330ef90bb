package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// RollName is the rotator's name in plans.
const RollName = "aws-kms-roll"

// The acts by which a new key takes the place of another.
const (
	actNewKey   = "make the key that takes its place" // kms:CreateKey
	actPutAway  = "disable the new key"               // kms:DisableKey; nothing is deleted
	actGrant    = "carry a grant over"                // kms:CreateGrant, by name
	actUngrant  = "revoke the grant"                  // kms:RevokeGrant, on the new key
	actSeries   = "tag the old key"                   // kms:TagResource
	actUnseries = "take the tag off"                  // kms:UntagResource
	actPoint    = "point the alias to the new key"    // kms:UpdateAlias
	actPointOld = "point the alias to the old key"    // the same
	actEnd      = "disable the old key"               // kms:DisableKey
	actReopen   = "enable the old key again"          // kms:EnableKey

	argReplaces  = "replaces"       // value of the tag by which the new key is found
	argSeries    = "series"         // value of the tag that ties the keys
	argAlias     = "alias"          // "alias/session"
	argRetiring  = "retiring"       // a plan that disables the old key only
	factOther    = "other_aliases"  // of the old key, that the plan does not know
	factGrants   = "grants"         // on the old key
	factCarried  = "grants_carried" // of those that are on the old key now
	factPolicy   = "policy"         // "the same" on both keys
	factSeries   = "series"
	factRolled   = "new_key"       // ARN; the ledger tells package jwks by it
	factRolledIn = "new_key_state" // "Enabled"

	seriesTag   = "keyreeve:series"
	replacesTag = "keyreeve:replaces"
	stackTag    = "aws:cloudformation:stack-name"

	enabled    = "Enabled"
	disabled   = "Disabled"
	samePolicy = "the same"

	mostGrants = 20 // each is a step that a person reads
)

// rollLag is how late AWS may tell of a use of a key. It states no bound; a day is far more than CloudTrail takes, which the record is made from.
const rollLag = plan.Duration(24 * time.Hour)

// draftRoll drafts how a key whose material AWS does not replace, an asymmetric or HMAC key, is rotated: another key takes its place behind its
// aliases. What the old one signed verifies until it has run out, and then the old one is disabled. One that others encrypt for stays enabled,
// as nobody can tell when its last ciphertext is gone.
func draftRoll(d remediate.Draft) (string, []plan.Step, error) {
	r, k := d.Resource, d.Resource.Key
	refuse := func(why, next string) (string, []plan.Step, error) {
		return "", nil, &remediate.Refusal{Why: why, Next: next}
	}
	for _, fact := range []string{"refs", "tags", "key.usages", "key.grants", "key.spec"} {
		if u := r.Unread(fact); u != nil {
			return refuse(fact+" was not read", u.Hint)
		}
	}
	var aliases []string
	for _, ref := range r.Refs {
		if ref.Edge == "alias" {
			aliases = append(aliases, ref.Name)
		}
	}
	slices.Sort(aliases)
	expires := slices.Contains(k.Usages, "sign") || slices.Contains(k.Usages, "mac")
	switch {
	case k.State != "enabled":
		return refuse("it is "+k.State, "")
	case k.Grants == nil || len(k.Usages) == 0:
		return "", nil, errors.New("its grants, or what it is used for, were not read")
	case d.Retire && len(aliases) > 0:
		return refuse(fmt.Sprintf("%s leads to it, so it is the key in use", aliases[0]), "rotate it first, without --retire")
	case d.Retire && k.Algorithm == "ml_kem":
		return refuse("AWS keeps no record of when such a key was last used", "find out from CloudTrail, and disable it by hand")
	case d.Retire:
		return RollName, append([]plan.Step{{
			ID: "watch", Stage: plan.Soaking, Says: "no alias leads to it; from now on it is watched for use", Expect: plan.Facts{factState: enabled, factOther: ""},
		}}, end(d, map[string]string{argRetiring: "yes"}, plan.Facts{factOther: ""})...), nil
	case d.Pattern == plan.InPlace:
		return refuse("AWS replaces no material of asymmetric and HMAC keys", "take the pattern overlap: another key takes its place")
	case k.MultiRegion != "single":
		return refuse("it has, or is, a replica in another Region, whose aliases are that Region's", "set pattern: by_hand for it in rotation.keys; make the new key and its replicas, and move their aliases by hand")
	case r.Tags[stackTag] != "":
		return refuse(fmt.Sprintf("it belongs to the CloudFormation stack %s, which would put its alias back", r.Tags[stackTag]), "make the new key in the stack's template, beside the old one")
	case len(aliases) == 0:
		return refuse("it has no alias, so whoever uses it names the key itself", "give it an alias, have every client name that, and scan again; or set pattern: by_hand for it in rotation.keys")
	case strings.HasPrefix(aliases[0], "alias/aws/"):
		return refuse("AWS manages it", "use a key of your own where that is not enough")
	case *k.Grants > mostGrants:
		return refuse(fmt.Sprintf("it has %d grants, and each would be a step", *k.Grants), "retire those that nobody needs, or set pattern: by_hand for it in rotation.keys")
	}
	if why, next := pinned(d); why != "" {
		return refuse(why, next)
	}

	first := strings.TrimPrefix(aliases[0], "alias/")
	series := r.Tags[seriesTag]
	args := map[string]string{argReplaces: fmt.Sprintf("%s %s", keyID(r.ID), exact(d.Now)), argSeries: series}
	if series == "" {
		args[argSeries] = first
	}
	grants := strconv.Itoa(*k.Grants)
	// so is what is found when so many grants were carried over and so many aliases lead to the new key.
	so := func(carried, moved int) plan.Facts {
		f := plan.Facts{factState: enabled, factRolledIn: enabled, factGrants: grants, factOther: ""}
		if *k.Grants > 0 {
			f[factCarried] = strconv.Itoa(carried)
		}
		for i, a := range aliases {
			if f[a] = string(r.ID); i < moved {
				f[a] = "${" + factRolled + "}"
			}
		}
		return f
	}
	// ready is what is found while a colleague has changed the access to neither key alone. Once an alias leads to the new key, they may.
	ready := func(carried, moved int) plan.Facts { return with(so(carried, moved), factPolicy, samePolicy) }
	before, made := so(0, 0), so(0, 0)
	before[factRolled], made[factRolled] = "", "*"
	before[factRolledIn] = ""
	delete(before, factCarried)
	put := so(0, 0)
	put[factRolledIn] = disabled
	// Once an alias has led to the new key, what was signed with it or encrypted for it is about, so taken back it stays as it is.
	steps := []plan.Step{{
		ID: "create", Stage: plan.Created, Act: actNewKey, Args: args,
		Says:   fmt.Sprintf("make another key of the same kind (%s) with its policy, description and tags; AWS charges for both while they are there", k.Spec),
		Expect: before, After: made, Undo: actPutAway, UndoExpect: so(0, 0), UndoAfter: put, UndoBefore: plan.Promoted,
	}}
	for i := range *k.Grants {
		steps = append(steps, plan.Step{
			ID: fmt.Sprintf("grant-%d", i+1), Stage: plan.Created, Act: actGrant, Says: fmt.Sprintf("carry grant %d of %d over to it", i+1, *k.Grants),
			Expect: ready(i, 0), After: so(i+1, 0), Undo: actUngrant, UndoExpect: so(i+1, 0), UndoAfter: so(i, 0), UndoBefore: plan.Promoted,
		})
	}
	if series == "" {
		without, tagged := with(so(*k.Grants, 0), factSeries, ""), with(so(*k.Grants, 0), factSeries, first)
		steps = append(steps, plan.Step{
			ID: "series", Stage: plan.Created, Act: actSeries, Args: args, Says: fmt.Sprintf("tag the old key %s=%s, so that a scan tells which key followed it", seriesTag, first),
			Expect: without, After: tagged, Undo: actUnseries, UndoExpect: tagged, UndoAfter: without,
		})
	}
	steps = append(steps, plan.Step{
		ID: "distribute", Stage: plan.Distributed, Expect: ready(*k.Grants, 0), Says: told(k.Usages),
		Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.CacheTime, remediate.CacheTime)}},
	})
	for i, a := range aliases {
		s := plan.Step{
			ID: fmt.Sprintf("promote-%d", i+1), Stage: plan.Promoted, Act: actPoint, Args: map[string]string{argAlias: a}, Says: fmt.Sprintf("point %s to the new key, which whoever names it uses from then on", a),
			Expect: ready(*k.Grants, i), After: so(*k.Grants, i+1), Undo: actPointOld, UndoExpect: so(*k.Grants, i+1), UndoAfter: so(*k.Grants, i),
		}
		if i == 0 && len(d.Key.Clients) > 0 {
			s.Says += "; " + strings.Join(d.Key.Clients, ", ") + " have confirmed that they can use it"
			s.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
		}
		steps = append(steps, s)
	}
	after := so(*k.Grants, len(aliases))
	if !expires {
		return RollName, append(steps, plan.Step{
			ID: "check", Stage: plan.Done, Expect: after,
			Says: "see that the aliases lead to the new key; the old one stays enabled for what was encrypted for it, until a plan of its own retires it (--retire)",
		}), nil
	}
	steps = append(steps, plan.Step{
		ID: "soak", Stage: plan.Soaking, Expect: after, Says: "what the old key signed has run out",
		Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.TokenLife, remediate.TokenLife)}},
	})
	return RollName, append(steps, end(d, nil, after)...), nil
}

// end disables the old key when AWS has not seen it used, and nothing is done to it afterwards.
func end(d remediate.Draft, args map[string]string, so plan.Facts) []plan.Step {
	in := func(state string) plan.Facts {
		f := plan.Facts{factState: state}
		for name, v := range so {
			if name != factState {
				f[name] = v
			}
		}
		return f
	}
	return []plan.Step{{
		ID: "disable", Stage: plan.OldDisabled, Act: actEnd, Args: args, Says: "disable the old key; it is not deleted, so that it can be enabled again at once",
		Expect: in(enabled), After: in(disabled), Undo: actReopen, UndoExpect: in(disabled), UndoAfter: in(enabled),
		Gates: []plan.Gate{{Kind: plan.Unused, For: remediate.Lasting(d.Key.Soak, quietTime), Lag: rollLag}},
	}, {
		ID: "grace", Stage: plan.Grace, Says: "nobody missed the old key", Expect: in(disabled), Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.GraceTime}},
	}, {
		ID: "check", Stage: plan.Done, Says: "see that the old key is disabled", Expect: in(disabled),
	}}
}

// told says who has to know of the new key before anything is made with it.
func told(usages []string) string {
	switch {
	case slices.Contains(usages, "sign"):
		return "those who verify have its public key, which keyreeve-rotate jwks puts beside the old one: their caches have run out"
	case slices.Contains(usages, "mac"):
		return "those who verify try both keys, by their ARNs: what the old one made does not verify through the alias any more"
	}
	return "those who hold ciphertext name the key that it was made for, by its ARN: the alias will lead to the new one"
}

// keyID is the last part of a key's ARN.
func keyID(id inventory.ID) string {
	_, key, _ := strings.Cut(string(id), ":key/")
	return key
}

// Roll is the rotator that puts another key in a key's place.
type Roll struct{ Dial Dial }

// Look reads both keys, and where the aliases lead. Before it is known which the new one is, it is looked for among all keys of the Region.
func (o Roll) Look(ctx context.Context, r plan.Rotation, known plan.Facts) (plan.Facts, error) {
	conn, err := o.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	old := string(r.Resource)
	facts := plan.Facts{}
	if facts[factState], err = conn.KeyState(ctx, old); err != nil {
		return nil, err
	}
	aliases, err := conn.KeyAliases(ctx, old)
	if err != nil {
		return nil, err
	}
	used, since, err := conn.KeyUse(ctx, old)
	if err != nil {
		return nil, err
	}
	if !used.IsZero() {
		facts[plan.OldUsedAt] = used.Format(time.RFC3339)
	}
	if !since.IsZero() {
		facts[plan.OldTrackedFrom] = since.Format(time.RFC3339)
	}
	if argument(r, argRetiring) != "" {
		facts[factOther] = strings.Join(aliases, "+")
		return facts, nil
	}
	tags, err := conn.KeyTags(ctx, old)
	if err != nil {
		return nil, err
	}
	facts[factSeries] = tags[seriesTag]
	grants, err := conn.Grants(ctx, old)
	if err != nil {
		return nil, err
	}
	facts[factGrants] = strconv.Itoa(len(grants))
	next := known[factRolled]
	if next == "" {
		all, err := conn.KeysTagged(ctx, replacesTag, argument(r, argReplaces), plannedAt(r).Add(-skew))
		if err != nil {
			return nil, err
		}
		next = strings.Join(all, "+") // two are none that is expected
	}
	at := map[string]string{}
	for _, a := range aliases {
		at[a] = old
	}
	if facts[factRolled] = next; next != "" && !strings.Contains(next, "+") {
		if err := o.next(ctx, conn, r, next, grants, at, facts); err != nil {
			return nil, err
		}
	}
	for _, s := range r.Steps {
		if a := s.Args[argAlias]; a != "" {
			if facts[a] = at[a]; at[a] == "" {
				facts[a] = "another key, or none"
			}
			aliases = slices.DeleteFunc(aliases, func(name string) bool { return name == a })
		}
	}
	facts[factOther] = strings.Join(aliases, "+")
	return facts, nil
}

// skew is how far this machine's clock may be ahead of AWS's, which refuses calls that are further off.
const skew = 5 * time.Minute

// plannedAt is when the plan was made, by the value of the tag of the new key; zero, before which no key was made, where it does not tell.
func plannedAt(r plan.Rotation) time.Time {
	_, at, _ := strings.Cut(argument(r, argReplaces), " ")
	t, _ := time.Parse(time.RFC3339Nano, at)
	return t
}

// next reads the new key, and compares it with the old one, whose grants are given.
func (o Roll) next(ctx context.Context, conn *aws.Connection, r plan.Rotation, arn string, theirs []aws.KeyGrant, at map[string]string, facts plan.Facts) (err error) {
	if facts[factRolledIn], err = conn.KeyState(ctx, arn); err != nil {
		return err
	}
	aliases, err := conn.KeyAliases(ctx, arn)
	if err != nil {
		return err
	}
	for _, a := range aliases {
		at[a] = arn
	}
	same, err := conn.SamePolicy(ctx, string(r.Resource), arn)
	if err != nil {
		return err
	}
	facts[factPolicy] = map[bool]string{true: samePolicy, false: "another on the new key"}[same]
	carried, stray := 0, 0
	if slices.ContainsFunc(r.Steps, func(s plan.Step) bool { return s.Act == actGrant }) {
		ours, err := conn.Grants(ctx, arn)
		if err != nil {
			return err
		}
		for _, g := range ours {
			switch {
			case slices.ContainsFunc(theirs, func(t aws.KeyGrant) bool { return grantName(t.ID) == g.Name }):
				carried++
			case strings.HasPrefix(g.Name, grantPrefix):
				stray++
			}
		}
	}
	facts[factCarried] = strconv.Itoa(carried)
	if stray > 0 {
		facts[factCarried] += fmt.Sprintf(", and %d that the old key has no more", stray)
	}
	return nil
}

// grantPrefix begins the names of grants that were carried over.
const grantPrefix = "keyreeve-"

// grantName is the name of what a grant was carried over as: the same for the same grant.
func grantName(id string) string {
	sum := sha256.Sum256([]byte(id))
	return grantPrefix + hex.EncodeToString(sum[:16])
}

// Do makes the call of an act.
func (o Roll) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, known plan.Facts) (plan.Facts, error) {
	conn, err := o.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	old, next := string(r.Resource), known[factRolled]
	if next == "" && act != actNewKey && act != actEnd && act != actReopen {
		return nil, errors.New("which key is the new one is not recorded")
	}
	switch act {
	case actNewKey:
		arn, err := conn.LikeKey(ctx, old, map[string]string{seriesTag: s.Args[argSeries], replacesTag: s.Args[argReplaces]})
		if err != nil {
			return nil, outcome(err)
		}
		return plan.Facts{factRolled: arn}, nil
	case actPutAway:
		return nil, outcome(conn.SetKey(ctx, next, false))
	case actGrant:
		return nil, outcome(conn.CarryGrant(ctx, old, next, grantName))
	case actUngrant:
		return nil, outcome(conn.DropGrant(ctx, old, next, grantName))
	case actSeries:
		return nil, outcome(conn.TagKey(ctx, old, seriesTag, s.Args[argSeries]))
	case actUnseries:
		return nil, outcome(conn.UntagKey(ctx, old, seriesTag))
	case actPoint:
		return nil, outcome(conn.MoveAlias(ctx, s.Args[argAlias], old, next))
	case actPointOld:
		return nil, outcome(conn.MoveAlias(ctx, s.Args[argAlias], next, old))
	case actEnd:
		return nil, outcome(conn.SetKey(ctx, old, false))
	case actReopen:
		return nil, outcome(conn.SetKey(ctx, old, true))
	}
	return nil, fmt.Errorf("%q is no act on a key that is replaced", act)
}

// RollPermissions are the least for the steps of a rotation. What is done to the new key, whose ARN is not known before, is bound to the tag that
// it is made with.
func RollPermissions(r plan.Rotation) []Permission {
	old, value := string(r.Resource), argument(r, argReplaces)
	place, _, _ := strings.Cut(old, ":key/")
	any, made, tagged := place+":key/*", Condition{"aws:RequestTag/" + replacesTag, value}, Condition{"aws:ResourceTag/" + replacesTag, value}
	all := on(old, "kms:DescribeKey", "kms:GetKeyLastUsage")
	all = append(all, Permission{Action: "kms:ListAliases", Resource: "*"})
	add := func(resource string, c Condition, actions ...string) {
		for _, a := range actions {
			all = append(all, Permission{a, resource, c})
		}
	}
	none := Condition{}
	for _, s := range r.Steps {
		switch s.Act {
		case actNewKey:
			add(old, none, "kms:GetKeyPolicy", "kms:ListGrants")
			add("*", none, "kms:ListKeys")
			add(any, none, "kms:ListResourceTags")
			add("*", made, "kms:CreateKey")
			add(any, made, "kms:TagResource")
			add(any, tagged, "kms:DescribeKey", "kms:DisableKey", "kms:GetKeyPolicy")
		case actGrant:
			add(any, tagged, "kms:ListGrants", "kms:CreateGrant", "kms:RevokeGrant")
		case actSeries:
			add(old, none, "kms:TagResource", "kms:UntagResource")
		case actPoint:
			add(old, none, "kms:UpdateAlias")
			add(any, tagged, "kms:UpdateAlias")
			add(place+":"+s.Args[argAlias], none, "kms:UpdateAlias")
		case actEnd:
			add(old, none, "kms:DisableKey", "kms:EnableKey")
		}
	}
	return all
}
