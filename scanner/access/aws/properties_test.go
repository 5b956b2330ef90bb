package aws

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// How many random requests each property is tried on, and from which number on: the number of a case is its seed.
var (
	count = flag.Int("cases", 200, "random requests for each property")
	first = flag.Uint64("first-case", 0, "number of the first random request")
)

// draw picks at random.
type draw struct{ *rand.Rand }

func (d draw) one(list ...string) string { return list[d.IntN(len(list))] }
func (d draw) often(percent int) bool    { return d.IntN(100) < percent }

// some picks between one and three, in any order.
func (d draw) some(list ...string) []any {
	var out []any
	for range 1 + d.IntN(3) {
		out = append(out, d.one(list...))
	}
	return out
}

// object is a JSON object that is changed to make another request.
type object = map[string]any

const other = "arn:aws:kms:eu-west-1:111122223333:key/other"

var (
	randomActions    = []string{"*", "kms:*", "kms:Decrypt", "KMS:De*", "kms:Describe*", "kms:?ecrypt", "s3:*", "kms:CreateGrant", "kms:PutKeyPolicy", "*:*"}
	randomResources  = []string{"*", keyARN, other, "arn:aws:kms:*:*:key/*", "arn:aws:kms:*", "arn:aws:kms:*:444455556666:*", "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}", "arn:aws:kms:*:*:alias/*"}
	randomPrincipals = []string{
		"*", roleARN, userARN, foreign, "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root", "arn:aws:sts::111122223333:assumed-role/app/s",
		"AROAEXAMPLEEXAMPLE12", "arn:aws:iam::111122223333:role/other",
	}
	randomKeys = map[string][]string{
		"aws:PrincipalTag/team":     {"pay", "ops", "${aws:ResourceTag/team}", "*"},
		"aws:ResourceTag/team":      {"pay", "ops", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/none, 'pay'}"},
		"aws:PrincipalArn":          {roleARN, "arn:aws:iam::*:role/*", userARN},
		"aws:PrincipalOrgID":        {"o-1", "o-2", "${aws:ResourceOrgID}"},
		"aws:SourceIp":              {"10.0.0.0/8", "10.0.0.1", "192.0.2.0/24"},
		"kms:ViaService":            {"s3.eu-west-1.amazonaws.com", "*.amazonaws.com"},
		"kms:EncryptionContext:App": {"pay", "ops"},
		"kms:EncryptionContextKeys": {"App", "Stage"},
		"kms:ResourceAliases":       {"alias/a", "alias/*"},
		"aws:MultiFactorAuthAge":    {"300", "3600"},
		"aws:CurrentTime":           {"2026-01-01T00:00:00Z", "2026-06-01"},
		"aws:SecureTransport":       {"true", "false"},
		"aws:TagKeys":               {"a", "b"},
	}
	keyNames = slices.Sorted(maps.Keys(randomKeys))
	operated = slices.Sorted(maps.Keys(operators))
)

func (d draw) condition() object {
	out := object{}
	for range 1 + d.IntN(2) {
		op := "Null"
		key := d.one(keyNames...)
		values := d.some(randomKeys[key]...)
		if d.often(90) {
			op = d.one("", "", "", "ForAllValues:", "ForAnyValue:") + d.one(operated...) + d.one("", "", "IfExists")
		} else {
			values = []any{d.one("true", "false")}
		}
		out[op] = object{key: values}
	}
	return out
}

// statement draws one; on a resource it has a principal.
func (d draw) statement(onResource bool) object {
	s := object{"Effect": "Allow", "Action": d.some(randomActions...), "Resource": d.some(randomResources...)}
	if d.often(25) {
		s["Effect"] = "Deny"
	}
	if d.often(10) {
		s["NotAction"] = s["Action"]
		delete(s, "Action")
	}
	if d.often(10) {
		s["NotResource"] = s["Resource"]
		delete(s, "Resource")
	}
	if d.often(35) {
		s["Condition"] = d.condition()
	}
	if onResource {
		name := "Principal"
		if d.often(10) {
			name = "NotPrincipal"
		}
		s[name] = object{"AWS": d.some(randomPrincipals...)}
	}
	return s
}

func (d draw) document(onResource bool) object {
	list := []any{}
	for range 1 + d.IntN(3) {
		list = append(list, d.statement(onResource))
	}
	return object{"Version": d.one("2012-10-17", "2012-10-17", "2008-10-17"), "Statement": list}
}

func (d draw) documents(percent int, onResource bool) []any {
	out := []any{}
	for d.often(percent) && len(out) < 3 {
		out = append(out, d.document(onResource))
	}
	return out
}

// context draws values for some keys, and calls others unknown.
func (d draw) context(r object) {
	given, unknown := object{}, []any{}
	for _, key := range keyNames {
		switch {
		case d.often(15):
			given[key] = d.some(slices.DeleteFunc(slices.Clone(randomKeys[key]), func(v string) bool { return strings.Contains(v, "$") })...)
		case d.often(25):
			unknown = append(unknown, key)
		}
	}
	r["context"], r["unknown"] = given, unknown
}

func (d draw) request() object {
	principal := object{"arn": d.one(roleARN, roleARN, userARN, foreign, "arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:assumed-role/app/s")}
	principal["identity"] = d.documents(80, false)
	principal["boundary"] = d.documents(25, false)
	principal["session"] = d.documents(20, false)
	if d.often(50) {
		principal["tags"] = object{"team": d.one("pay", "ops"), "key": "other"}
	}
	if d.often(50) {
		principal["org"], principal["path"] = d.one("o-1", "o-2"), []any{"r-1", "ou-1"}
	}
	resource := object{"arn": d.one(keyARN, other), "policy": d.documents(60, true)}
	if d.often(50) {
		resource["policy"] = []any{object{"Version": "2012-10-17", "Statement": []any{
			object{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": object{"AWS": "111122223333"}}, d.statement(true),
		}}}
	}
	if d.often(50) {
		resource["tags"] = object{"team": d.one("pay", "ops")}
	}
	if d.often(50) {
		resource["aliases"] = d.some("alias/a", "alias/b")
	}
	if d.often(25) {
		resource["grants"] = []any{d.grant()}
	}
	r := object{"id": "x", "system": "aws", "action": d.one("kms:Decrypt", "kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant", "kms:PutKeyPolicy"), "principal": principal, "resource": resource}
	for _, control := range []string{"scps", "rcps"} {
		levels := []any{}
		for d.often(30) {
			all := object{"Version": "2012-10-17", "Statement": object{"Effect": "Allow", "Action": "*", "Resource": "*"}}
			if control == "rcps" {
				all["Statement"].(object)["Principal"] = "*"
			}
			levels = append(levels, append(d.documents(30, false), all))
		}
		r[control] = levels
	}
	d.context(r)
	return r
}

func (d draw) grant() object {
	g := object{"grantee": d.one(randomPrincipals[1:]...), "operations": d.some("Decrypt", "DescribeKey", "CreateGrant")}
	if d.often(50) {
		g["constraints"] = object{d.one("EncryptionContextEquals", "EncryptionContextSubset"): object{"App": d.one("pay", "ops")}}
	}
	return g
}

// copyOf copies a JSON value.
func copyOf[T any](v T) T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// judged decides a request that is a JSON object.
func judged(t *testing.T, e *Evaluator, r object) access.Answer {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var req Request
	if err := json.Unmarshal(data, &req); err != nil {
		t.Fatal(err)
	}
	a := e.Decide(req)
	if a.Decision == access.Failed {
		t.Fatalf("%s: %s", a.Error, data)
	}
	return a
}

// rank orders decisions by how much they allow.
var rank = map[access.Decision]int{access.Denied: 0, access.Conditional: 1, access.Allowed: 2}

// property tries what has to hold between the answer to a request and that to a changed one. Change returns nil when it does not apply.
func property(t *testing.T, change func(d draw, r object) object, holds func(before, after access.Answer) bool) {
	t.Parallel()
	e := New()
	tried := 0
	for i := range uint64(*count) {
		d := draw{rand.New(rand.NewPCG(*first+i, 1))}
		r := d.request()
		changed := change(d, copyOf(r))
		if changed == nil {
			continue
		}
		tried++
		before, after := judged(t, e, r), judged(t, e, changed)
		if !holds(before, after) {
			was, _ := json.Marshal(r)
			is, _ := json.Marshal(changed)
			t.Fatalf("case %d: %s became %s\n%s\n%s", *first+i, short(before), short(after), was, is)
		}
	}
	if tried < *count/20 {
		t.Errorf("only %d of %d cases were tried", tried, *count)
	}
}

func same(before, after access.Answer) bool {
	return before.Decision == after.Decision && before.Explicit == after.Explicit
}

func notMore(before, after access.Answer) bool { return rank[after.Decision] <= rank[before.Decision] }

func notLess(before, after access.Answer) bool { return rank[after.Decision] >= rank[before.Decision] }

// within holds if what is known more of a request keeps what was certain.
func within(before, after access.Answer) bool {
	return before.Decision == access.Conditional || before.Decision == after.Decision && (!before.Explicit || after.Explicit)
}

// add appends to a list within a request.
func add(r object, v any, path ...string) object {
	at := r
	for _, p := range path[:len(path)-1] {
		at = at[p].(object)
	}
	name := path[len(path)-1]
	list, _ := at[name].([]any)
	at[name] = append(list, v)
	return r
}

func statementsOf(v any, visit func(s object, at []any)) {
	switch v := v.(type) {
	case object:
		if list, is := v["Statement"].([]any); is {
			for _, s := range list {
				visit(s.(object), list)
			}
			return
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			statementsOf(v[k], visit)
		}
	case []any:
		for _, item := range v {
			statementsOf(item, visit)
		}
	}
}

// everyDocument calls change for each document with a list of statements.
func everyDocument(v any, change func(statements []any) []any) {
	switch v := v.(type) {
	case object:
		if list, is := v["Statement"].([]any); is {
			v["Statement"] = change(list)
			return
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			everyDocument(v[k], change)
		}
	case []any:
		for _, item := range v {
			everyDocument(item, change)
		}
	}
}

func TestAnswersAreConsistent(t *testing.T) {
	seen := map[access.Decision]int{}
	property(t, func(_ draw, r object) object { return r }, func(a, b access.Answer) bool {
		seen[a.Decision]++
		return reflect.DeepEqual(a, b) && (len(a.Residual) > 0) == (a.Decision == access.Conditional) && (!a.Explicit || a.Decision == access.Denied) &&
			(len(a.Because) > 0 || a.Decision == access.Denied && !a.Explicit || a.Decision == access.Allowed)
	})
	for d := range rank {
		if seen[d] < *count/50 {
			t.Errorf("only %d of %d cases are %s", seen[d], *count, d)
		}
	}
}

func TestDenialNeverGives(t *testing.T) {
	property(t, func(d draw, r object) object {
		onResource := d.often(40)
		s := d.statement(onResource)
		s["Effect"] = "Deny"
		doc := object{"Version": "2012-10-17", "Statement": s}
		switch {
		case onResource:
			return add(r, doc, "resource", "policy")
		case d.often(50) && len(r["scps"].([]any)) > 0:
			levels := r["scps"].([]any)
			levels[0] = append(levels[0].([]any), doc)
			return r
		}
		return add(r, doc, "principal", "identity")
	}, func(before, after access.Answer) bool {
		return notMore(before, after) && (!before.Explicit || after.Explicit)
	})
}

func TestLimitNeverGives(t *testing.T) {
	property(t, func(d draw, r object) object {
		switch kind := d.one("scps", "rcps", "boundary", "session"); kind {
		case "scps", "rcps":
			return add(r, []any{d.document(false)}, kind)
		default:
			if len(r["principal"].(object)[kind].([]any)) > 0 {
				return nil
			}
			return add(r, d.document(false), "principal", kind)
		}
	}, notMore)
}

func TestAllowanceNeverTakes(t *testing.T) {
	property(t, func(d draw, r object) object {
		where := d.one("identity", "policy", "grants", "boundary", "scps")
		s := d.statement(where == "policy")
		s["Effect"] = "Allow"
		doc := object{"Version": "2012-10-17", "Statement": s}
		switch {
		case where == "policy":
			return add(r, doc, "resource", "policy")
		case where == "grants":
			return add(r, d.grant(), "resource", "grants")
		case where == "scps" && len(r["scps"].([]any)) > 0:
			levels := r["scps"].([]any)
			levels[0] = append(levels[0].([]any), doc)
			return r
		case where == "boundary" && len(r["principal"].(object)["boundary"].([]any)) > 0:
			return add(r, doc, "principal", "boundary")
		}
		return add(r, doc, "principal", "identity")
	}, notLess)
}

func TestOrderOfStatementsDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		everyDocument(r, func(list []any) []any { slices.Reverse(list); return list })
		return r
	}, same)
}

func TestRepetitionDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		everyDocument(r, func(list []any) []any { return append(list, copyOf(list)...) })
		return r
	}, same)
}

func TestSplittingDoesNotMatter(t *testing.T) {
	property(t, func(d draw, r object) object {
		element := d.one("Action", "Resource", "Principal")
		everyDocument(r, func(list []any) (out []any) {
			for _, s := range list {
				values, many := s.(object)[element].([]any)
				if p, is := s.(object)[element].(object); is {
					values, many = p["AWS"].([]any)
				}
				if !many {
					out = append(out, s)
					continue
				}
				for _, v := range values { // a single value in place of a list, too
					one := copyOf(s.(object))
					if one[element] = v; element == "Principal" {
						one[element] = object{"AWS": v}
					}
					out = append(out, one)
				}
			}
			return out
		})
		return r
	}, same)
}

func TestActionAndNotActionAreAll(t *testing.T) {
	property(t, func(d draw, r object) object {
		some := d.some(randomActions...)
		everyDocument(r, func(list []any) (out []any) {
			for _, s := range list {
				actions, _ := s.(object)["Action"].([]any)
				if !slices.Contains(actions, any("*")) {
					out = append(out, s)
					continue
				}
				a, b := copyOf(s.(object)), copyOf(s.(object))
				a["Action"], b["NotAction"] = some, some
				delete(b, "Action")
				out = append(out, a, b)
			}
			return out
		})
		return r
	}, same)
}

func TestLetterCaseOfActionsDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		r["action"] = strings.ToUpper(r["action"].(string))
		statementsOf(r, func(s object, _ []any) {
			for _, element := range []string{"Action", "NotAction"} {
				if list, is := s[element].([]any); is {
					for i := range list {
						list[i] = strings.ToLower(list[i].(string))
					}
				}
			}
		})
		return r
	}, same)
}

func TestNumbersOfAccountsDoNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		data, _ := json.Marshal(r)
		var out object
		if err := json.Unmarshal([]byte(strings.NewReplacer("111122223333", "999988887777", "444455556666", "000000000001").Replace(string(data))), &out); err != nil {
			panic(err)
		}
		return out
	}, same)
}

func TestWhatBecomesKnownStaysWithin(t *testing.T) {
	property(t, func(d draw, r object) object {
		unknown := r["unknown"].([]any)
		if len(unknown) == 0 {
			return nil
		}
		i := d.IntN(len(unknown))
		key := unknown[i].(string)
		if !takes(strings.ToLower(r["action"].(string)), strings.ToLower(key)) {
			return nil
		}
		r["unknown"] = slices.Delete(unknown, i, i+1)
		if d.often(30) {
			if _, derived := derivedIn(r, key); !derived {
				return r
			}
		}
		r["context"].(object)[key] = d.one(randomKeys[key]...)
		return r
	}, within)
}

// derivedIn reports whether a key has a value by what else a request says.
func derivedIn(r object, key string) ([]string, bool) {
	var req Request
	data, _ := json.Marshal(r)
	if err := json.Unmarshal(data, &req); err != nil {
		panic(err)
	}
	f, err := newFacts(&req)
	if err != nil {
		panic(err)
	}
	c, err := newCaller(&req.Principal, f.home)
	if err != nil {
		panic(err)
	}
	f.caller = &c
	values, state := f.derived(strings.ToLower(key))
	return values, state == given
}

func TestASessionStaysWithin(t *testing.T) {
	property(t, func(d draw, r object) object {
		p := r["principal"].(object)
		if p["arn"] != roleARN {
			return nil
		}
		p["session_name"] = d.one("s", "t")
		return r
	}, within)
}

// A document that could not be read, or a part of one that is not resolved, may be anything: the answer with it holds for all of them.
func TestWhatIsReadStaysWithin(t *testing.T) {
	e := New()
	property(t, func(d draw, r object) object {
		open := copyOf(r)
		changed := false
		if d.often(30) {
			if docs := open["principal"].(object)[d.one("identity", "boundary", "session")].([]any); len(docs) > 0 {
				docs[0], changed = awspolicy.Unknown, true
			}
		} else {
			statementsOf(open, func(s object, _ []any) {
				for _, element := range []string{"Action", "NotAction", "Resource", "NotResource", "Effect"} {
					if list, is := s[element].([]any); is && d.often(15) {
						list[d.IntN(len(list))], changed = d.one(awspolicy.Unknown, "arn:aws:kms:"+awspolicy.Unknown), true
						if !strings.HasSuffix(element, "Resource") {
							list[0] = awspolicy.Unknown
						}
					}
				}
				for _, element := range []string{"Principal", "NotPrincipal"} {
					if p, is := s[element].(object); is && d.often(15) {
						p["AWS"], changed = []any{awspolicy.Unknown}, true
					}
				}
			})
		}
		if !changed {
			return nil
		}
		before := judged(t, e, open)
		if after := judged(t, e, r); !within(before, after) {
			was, _ := json.Marshal(open)
			is, _ := json.Marshal(r)
			t.Fatalf("%s became %s\n%s\n%s", short(before), short(after), was, is)
		}
		return r
	}, same)
}

func TestLetterCaseOfResourcesMatters(t *testing.T) {
	e := New()
	for _, resource := range []string{keyARN, strings.ToUpper(keyARN)} {
		want := access.Allowed
		if resource != keyARN {
			want = access.Denied
		}
		if a := e.Decide(ask(t, policyOf(delegated), identityOf(allow("kms:*", resource)))); a.Decision != want {
			t.Errorf("%s: %s", resource, short(a))
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"${a","Condition":{"StringLike":{"a":"${*}${b, 'c'}"}}}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","NotAction":"*","NotResource":["arn:aws:${x:y}:*"],"Condition":{"Null":{"a":true},"ForAnyValue:DateLessThanIfExists":{"b":[1,"2026-01-01"]}}}]}`)
	f.Add(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}}`)
	e := New()
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Skip()
		}
		for _, parts := range [][]string{{policyOf(delegated), `{"principal":{"identity":` + string(quoted) + `}}`}, {identityOf(everything), `{"resource":{"policy":` + string(quoted) + `}}`}} {
			var r Request
			for _, p := range parts {
				if p[1] == '\'' {
					p = strings.ReplaceAll(p, "'", `"`)
				}
				if err := json.Unmarshal([]byte(p), &r); err != nil {
					t.Fatal(err)
				}
			}
			r.Action, r.Principal.ARN, r.Resource.ARN, r.Unknown = "kms:Decrypt", roleARN, keyARN, Values{"a"}
			if a := e.Decide(r); (a.Decision == access.Failed) != (a.Error != "") || (a.Decision == access.Conditional) != (len(a.Residual) > 0) {
				t.Fatalf("%s", short(a))
			}
		}
	})
}

func FuzzRequest(f *testing.F) {
	for i := range uint64(5) {
		data, err := json.Marshal(draw{rand.New(rand.NewPCG(i, 2))}.request())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Request
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		a, b := New().Decide(r), New().Decide(r)
		if fmt.Sprint(a) != fmt.Sprint(b) || (a.Decision == access.Failed) != (a.Error != "") {
			t.Fatalf("%s, %s", short(a), short(b))
		}
	})
}
