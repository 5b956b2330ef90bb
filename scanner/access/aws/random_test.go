package aws

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
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
		"kms:RequestAlias":          {"alias/a", "alias/*"},
		"aws:MultiFactorAuthAge":    {"300", "3600"},
		"aws:CurrentTime":           {"2026-01-01T00:00:00Z", "2026-06-01"},
		"aws:SecureTransport":       {"true", "false"},
		"aws:TagKeys":               {"a", "b"},
	}
	randomOperands = map[valueKind][]string{ // of operators that take no text
		asNumber:  {"300", "3600", "1"},
		asDate:    {"2026-01-01T00:00:00Z", "2026-06-01", "1767225600"},
		asNetwork: {"10.0.0.0/8", "10.0.0.1", "192.0.2.0/24"},
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
			name := d.one(operated...)
			op = d.one("", "", "", "ForAllValues:", "ForAnyValue:") + name + d.one("", "", "IfExists")
			if fitting := randomOperands[operators[name].kind]; fitting != nil {
				values = d.some(fitting...)
			}
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
		case d.often(40):
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

// statementsOf calls visit for each statement of the documents within a request.
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
	documentsOf(v, func(doc object) {
		if list, is := doc["Statement"].([]any); is {
			doc["Statement"] = change(list)
		}
	})
}

// documentsOf calls visit for each document within a request.
func documentsOf(v any, visit func(doc object)) {
	switch v := v.(type) {
	case object:
		if v["Statement"] != nil {
			visit(v)
			return
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			documentsOf(v[k], visit)
		}
	case []any:
		for _, item := range v {
			documentsOf(item, visit)
		}
	}
}
