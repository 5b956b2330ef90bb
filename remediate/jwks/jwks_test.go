package jwks

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/ledger"
)

func decode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The thumbprints are those that the documents print.
func TestKIDIsTheThumbprintOfTheRFC(t *testing.T) {
	rfc7638 := &rsa.PublicKey{E: 65537, N: new(big.Int).SetBytes(decode(t,
		"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"))}
	rfc8037 := ed25519.PublicKey(decode(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
	s, err := NewSet([]Key{{From: "RFC 7638, 3.1", Public: rfc7638, Alg: "RS256"}, {From: "RFC 8037, A.3", Public: rfc8037}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range s.Keys {
		if want := map[string]string{"RS256": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "EdDSA": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}[k.Alg]; k.KID != want {
			t.Errorf("%s: kid %s, want %s", k.From, k.KID, want)
		}
	}
}

// Nobody's order shows in a set, and a key stands in it once.
func TestSetIsStable(t *testing.T) {
	var keys []Key
	for range 9 {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, Key{From: "a key", Public: public})
	}
	render := func(keys []Key) string {
		s, err := NewSet(keys)
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := render(keys)
	twice := slices.Concat(keys, keys)
	slices.Reverse(twice)
	if second := render(twice); second != first {
		t.Errorf("the same keys give\n%s\nand\n%s", first, second)
	}
	kids, err := KIDs([]byte(first))
	if err != nil || len(kids) != len(keys) || !slices.IsSorted(kids) {
		t.Errorf("KIDs = %v, %v", kids, err)
	}
}

func TestKeysThatNoSetHolds(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{
		{From: "of another curve", Public: &p224.PublicKey},
		{From: "nothing"},
		{From: "cut off", Public: ed25519.PublicKey("short")},
		{From: "another algorithm", Public: ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)), Alg: "ES256"},
	} {
		if s, err := NewSet([]Key{k}); err == nil || !strings.Contains(err.Error(), k.From) {
			t.Errorf("%s: %v, %v", k.From, s, err)
		}
	}
}

// An answer that lacks anything is an error, never a key less.
func TestTransitAnswers(t *testing.T) {
	one := base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	whole := map[string]any{
		"supports_signing": true, "latest_version": 3, "min_decryption_version": 1, "min_available_version": 2,
		"keys": map[string]any{"2": map[string]any{"public_key": one}, "3": map[string]any{"public_key": one}},
	}
	read := func(change map[string]any) ([]Key, error) {
		data := map[string]json.RawMessage{}
		for _, m := range []map[string]any{whole, change} {
			for k, v := range m {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				if data[k] = text; v == nil {
					delete(data, k)
				}
			}
		}
		return transitKeys(data, Selection{ID: "k"})
	}
	if keys, err := read(nil); err != nil || len(keys) != 2 {
		t.Fatalf("the whole answer: %v, %v", keys, err)
	}
	for name, change := range map[string]map[string]any{
		"does not sign":       {"supports_signing": false},
		"no supports_signing": {"supports_signing": nil},
		"no latest":           {"latest_version": nil},
		"no floor":            {"min_decryption_version": nil},
		"no lowest":           {"min_available_version": nil},
		"no keys":             {"keys": nil},
		"times, not keys":     {"keys": map[string]any{"2": 1, "3": 1}},
		"a version lacks":     {"keys": map[string]any{"3": map[string]any{"public_key": one}}},
		"a newer one lacks":   {"latest_version": 4},
		"an empty key":        {"keys": map[string]any{"2": map[string]any{"public_key": ""}, "3": map[string]any{"public_key": one}}},
		"a key cut off":       {"keys": map[string]any{"2": map[string]any{"public_key": one[:9]}, "3": map[string]any{"public_key": one}}},
		"PEM cut off":         {"keys": map[string]any{"2": map[string]any{"public_key": "-----BEGIN PUBLIC KEY-----\nMFkw"}, "3": map[string]any{"public_key": one}}},
		"deleted":             {"soft_deleted": true},
		"none accepted":       {"min_decryption_version": 4},
	} {
		if keys, err := read(change); err == nil {
			t.Errorf("%s: %d keys and no error", name, len(keys))
		}
	}
}

// An estate answers by ARN.
type estate map[string]aws.PublicKey

func (e estate) Read(_ context.Context, id string) (aws.PublicKey, error) {
	k, ok := e[id]
	if strings.HasSuffix(id, "key/deleted") {
		return k, fmt.Errorf("%w: kms:DescribeKey", aws.ErrNoKey)
	}
	if !ok {
		return k, context.DeadlineExceeded
	}
	k.ARN, k.Usage = cmp.Or(k.ARN, id), cmp.Or(k.Usage, "SIGN_VERIFY")
	return k, nil
}

const arn = "arn:aws:kms:eu-west-1:111122223333:"

func TestKMSStates(t *testing.T) {
	der := decode(t, "MCowBQYDK2VwAyEA11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	e := estate{
		arn + "alias/a": {ARN: arn + "key/1", State: "Enabled", DER: der},
		arn + "key/1":   {State: "Enabled", DER: der}, arn + "key/2": {State: "PendingDeletion"}, arn + "key/3": {State: "Creating"},
		arn + "key/4": {State: "Enabled", DER: []byte("no key")}, arn + "key/5": {State: "Disabled"}, arn + "alias/d": {ARN: arn + "key/5", State: "Disabled"},
	}
	for _, c := range []struct {
		id             string
		rolls          []Roll
		accepted, gone int
		why            string
	}{
		{id: "key/1", accepted: 1},
		{id: "key/2", gone: 1},
		{id: "key/3", why: "neither enabled nor retired"},
		{id: "key/4", why: "none that a JWKS can hold"},
		{id: "key/5", gone: 1},
		{id: "key/6", why: "read " + arn + "key/6"},
		{id: "alias/a", accepted: 1},
		{id: "alias/d", why: "nobody can sign with it"},
		{id: "alias/a", rolls: []Roll{roll("key/5", "key/1"), roll("key/2", "key/5")}, accepted: 1, gone: 2},
		{id: "alias/a", rolls: []Roll{roll("key/1", "key/3")}, why: "neither enabled nor retired"},
		{id: "alias/a", rolls: []Roll{roll("key/1", "key/6")}, why: "which a rotation under way names"},
		{id: "alias/a", rolls: []Roll{roll("key/8", "key/9")}, accepted: 1},                                             // of another alias
		{id: "key/1", rolls: []Roll{roll("key/1", "key/6")}, accepted: 1},                                               // who names a key means that key
		{id: "alias/a", rolls: []Roll{{Alias: "alias/a", Old: arn + "key/6"}}, why: "which a rotation under way names"}, // by hand: nobody told what is new
		{id: "alias/a", rolls: []Roll{{Alias: "alias/a", Old: arn + "key/2"}}, accepted: 1, gone: 1},
		{id: "alias/a", rolls: []Roll{{Alias: "alias/b", Old: arn + "key/6"}}, accepted: 1},
		// What was deleted after its rotation got stuck or was taken back does not keep the others out; what was made just now may not be found yet.
		{id: "alias/a", rolls: []Roll{roll("key/deleted", "key/1")}, accepted: 1, gone: 1},
		{id: "alias/a", rolls: []Roll{movedOn(roll("key/1", "key/deleted"))}, accepted: 1, gone: 1},
		{id: "alias/a", rolls: []Roll{roll("key/1", "key/deleted")}, why: "there is no such key"},
		{id: "key/deleted", why: "there is no such key"},
		{id: "alias/a", rolls: []Roll{{Alias: "alias/a", Old: "arn:aws:kms:eu-west-1:444455556666:key/6"}}, accepted: 1},
	} {
		keys, gone, err := KMS(t.Context(), e, Selection{ID: arn + c.id}, c.rolls)
		if c.why != "" {
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%s %v: %v, %v; want an error with %q", c.id, c.rolls, keys, err, c.why)
			}
			continue
		}
		if err != nil || len(keys) != c.accepted || len(gone) != c.gone {
			t.Errorf("%s %v: accepted %v, gone %v, %v", c.id, c.rolls, keys, gone, err)
		}
	}
}

func roll(old string, made ...string) Roll {
	r := Roll{Old: arn + old}
	for _, m := range made {
		r.New = append(r.New, arn+m)
	}
	return r
}

func movedOn(r Roll) Roll {
	r.Moved = true
	return r
}

func TestRolls(t *testing.T) {
	entry := func(kind ledger.Kind, plan, rotation, resource string, facts ...string) ledger.Entry {
		e := ledger.Entry{Kind: kind, Plan: plan, Rotation: rotation, Resource: resource, Facts: map[string]string{}}
		for i := 0; i < len(facts); i += 2 {
			e.Facts[facts[i]] = facts[i+1]
		}
		return e
	}
	outcome := func(plan, rotation, resource string, facts ...string) ledger.Entry {
		return entry(ledger.Outcome, plan, rotation, resource, append([]string{"result", "done"}, facts...)...)
	}
	made := func(plan, rotation, from, to string, more ...string) ledger.Entry {
		return outcome(plan, rotation, arn+from, append([]string{"known.key", arn + to}, more...)...)
	}
	stage := func(result, stage string) ledger.Entry {
		return outcome("p", "r", arn+"key/1", "result", result, "stage", stage)
	}
	planned := entry(ledger.Planned, "p", "r", arn+"key/1", "name", "alias/a")
	named := roll("key/1")
	named.Alias = "alias/a"
	for name, c := range map[string]struct {
		entries []ledger.Entry
		want    []Roll
	}{
		"made":                 {[]ledger.Entry{made("p", "r", "key/1", "key/2")}, []Roll{roll("key/1", "key/2")}},
		"found made":           {[]ledger.Entry{made("p", "r", "key/1", "key/2", "result", "found")}, []Roll{roll("key/1", "key/2")}},
		"not made":             {[]ledger.Entry{made("p", "r", "key/1", "key/2", "result", "failed")}, []Roll{roll("key/1")}},
		"planned":              {[]ledger.Entry{planned}, nil},
		"waits for a person":   {[]ledger.Entry{planned, entry(ledger.Waiting, "p", "r", arn+"key/1")}, []Roll{named}},
		"announced":            {[]ledger.Entry{planned, entry(ledger.Intent, "p", "r", arn+"key/1")}, []Roll{named}},
		"refused":              {[]ledger.Entry{planned, entry(ledger.Refused, "p", "r", arn+"key/1")}, nil},
		"done":                 {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("done", "DONE")}, nil},
		"disabled":             {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("found", "OLD DISABLED")}, nil},
		"not disabled":         {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("failed", "OLD DISABLED")}, []Roll{roll("key/1", "key/2")}},
		"enabled again":        {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("done", "OLD DISABLED"), stage("undone", "OLD DISABLED")}, []Roll{movedOn(roll("key/1", "key/2"))}},
		"another plan is done": {[]ledger.Entry{made("q", "r", "key/1", "key/2"), stage("done", "DONE")}, []Roll{roll("key/1", "key/2")}},
		"not yet done":         {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("done", "SOAKING")}, []Roll{movedOn(roll("key/1", "key/2"))}},
		"taken back":           {[]ledger.Entry{made("p", "r", "key/1", "key/2"), stage("undone", "CREATED")}, []Roll{movedOn(roll("key/1", "key/2"))}},
		"made twice":           {[]ledger.Entry{made("p", "r", "key/1", "key/2"), made("p", "r", "key/1", "key/3")}, []Roll{roll("key/1", "key/2", "key/3")}},
		"two":                  {[]ledger.Entry{made("p", "s", "key/3", "key/4"), made("p", "r", "key/1", "key/2")}, []Roll{roll("key/3", "key/4"), roll("key/1", "key/2")}},
		"a secret":             {[]ledger.Entry{outcome("p", "r", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", "known.key", arn+"key/2")}, nil},
		"another account":      {[]ledger.Entry{outcome("p", "r", arn+"key/1", "known.key", "arn:aws:kms:eu-west-1:444455556666:key/2")}, []Roll{roll("key/1")}},
		"itself":               {[]ledger.Entry{made("p", "r", "key/1", "key/1")}, []Roll{roll("key/1")}},
		"what was found":       {[]ledger.Entry{outcome("p", "r", arn+"key/1", "found.key", arn+"key/2")}, []Roll{roll("key/1")}},
	} {
		if diff := gocmp.Diff(c.want, Rolls(&ledger.Log{Entries: c.entries})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
