package evaluate

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/keyreeve/keyreeve/policies"
)

// corpus is one rule for each way of writing Rego that treats a missing fact in its own way. Lint allows all of them, some with a
// warning. Each runs against random subjects in soundness_test.go.
var corpus = []struct{ name, body string }{
	{"access-some", `deny contains {"message": "m", "at": c.principal} if some c in input.resource.access.conflicts`},
	{"access-count", `deny contains {"message": "m"} if count(input.resource.access.conflicts) > 1`},
	{"access-zero", `deny contains {"message": "m"} if { input.resource.access.administrators.certain == 0; input.resource.access.administrators.possible == 0 }`},
	{"access-limit", `deny contains {"message": "m", "at": w.at, "facts": {"n": w.beneficiaries}} if { some w in input.resource.access.account_wide; w.beneficiaries > input.settings.max }`},
	{"lowered", `
reach := "low" if { input.resource.access.reaches.keys == 0; input.resource.access.reaches.secrets == 0 }
deny contains {"message": "m", "severity": reach} if some a in input.resource.access.account_wide`},
	{"lowered-by-negation", `
small := "low" if not input.resource.key.exportable
deny contains {"message": "m", "severity": small, "facts": {"age": input.resource.key.age_days}} if input.resource.key.state == "enabled"`},
	{"lowered-by-one-of-two", `
deny contains {"message": "m", "severity": "low"} if input.resource.key.state == "enabled"
deny contains {"message": "m"} if input.resource.key.age_days > 90`},
	{"lowered-by-tier", `
old := "info" if input.resource.key.age_days < input.settings.tiered
deny contains {"message": "m", "severity": old} if input.resource.key.exportable`},
	{"access-certain", `deny contains {"message": "m", "at": o.at, "facts": {"who": o.principal}} if { some o in input.resource.access.outsiders; o.certain }`},
	{"access-and-fact", `deny contains {"message": "m"} if { some m in input.resource.access.mints; input.resource.key.age_days > 30; m.gain != "x" }`},
	{"access-not-defined", `deny contains {"message": "m"} if not input.resource.access.reaches.keys`},
	{"access-reaches", `
applies if input.resource.access.reaches.keys > 1
deny contains {"message": "m"} if some s in input.resource.access.shadows`},
	{"access-alias", `deny contains {"message": "m"} if { a := input.resource.access; a.users.certain > a.users.possible }`},
	{"constant", `deny contains {"message": "m"} if input.resource.key.age_days > 90`},
	{"both-bounds", `deny contains {"message": "m"} if { input.resource.key.age_days > 30; input.resource.key.age_days < 90 }`},
	{"equal-number", `deny contains {"message": "m"} if input.resource.key.age_days == 91`},
	{"fraction", `deny contains {"message": "m"} if input.resource.key.age_days > 89.5`},
	{"alias-and-facts", `
deny contains {"message": "m", "facts": {"age": key.age_days, "max": input.settings.max}} if {
	key := input.resource.key
	key.age_days > input.settings.max
}`},
	{"applies-by-purpose", `
applies if input.resource.purpose == "token_signing"
deny contains {"message": "m"} if { input.resource.key.age_days > 30; input.resource.key.state == "enabled" }`},
	{"applies-unless", `
applies if not input.resource.key.manager == "provider"
deny contains {"message": "m"} if input.resource.key.exportable`},
	{"not-nested", `deny contains {"message": "m"} if { input.resource.key.state == "enabled"; not input.resource.key.rotation.automatic }`},
	{"not-equal-false", `deny contains {"message": "m"} if not input.resource.key.rotation.automatic == false`},
	{"equal-false", `deny contains {"message": "m"} if input.resource.key.rotation.automatic == false`},
	{"nested-optional", `deny contains {"message": "m"} if input.resource.key.rotation.period_days > input.settings.max`},
	{"not-defined", `deny contains {"message": "m"} if not input.resource.key.expires_in_days`},
	{"defined", `deny contains {"message": "m"} if input.resource.key.expires_at`},
	{"negative", `deny contains {"message": "m"} if input.resource.key.expires_in_days < 0`},
	{"neq", `deny contains {"message": "m"} if input.resource.key.state != "disabled"`},
	{"neq-null", `deny contains {"message": "m"} if input.resource.key.expires_in_days != null`},
	{"in-set", `deny contains {"message": "m"} if input.resource.key.state in {"enabled", "updating"}`},
	{"not-in-set", `deny contains {"message": "m"} if not input.resource.key.state in {"enabled", "updating"}`},
	{"in-list", `deny contains {"message": "m"} if { "sign" in input.resource.key.usages; "decrypt" in input.resource.key.usages }`},
	{"some-in-list", `deny contains {"message": "m", "at": u} if { some u in input.resource.key.usages; u != "verify"; input.resource.key.age_days > 60 }`},
	{"some-index", `deny contains {"message": "m"} if { some i; input.resource.key.usages[i] == "sign"; i > 0 }`},
	{"every-list", `deny contains {"message": "m"} if every u in input.resource.key.usages { u in {"sign", "verify"} }`},
	{"every-known", `deny contains {"message": "m"} if every u in ["sign", "verify"] { u in input.resource.key.usages }`},
	{"count-set", `deny contains {"message": "m"} if count({u | some u in input.resource.key.usages; u != "verify"}) > 1`},
	{"count-list-zero", `deny contains {"message": "m"} if count([e | some e in input.resource.edges; e.end == "present"]) == 0`},
	{"count-list", `deny contains {"message": "m"} if count(input.resource.key.usages) > 2`},
	{"edges-some", `deny contains {"message": "m", "at": e.to} if { some e in input.resource.edges; e.end == "absent"; e.way == "out" }`},
	{"edges-and-fact", `deny contains {"message": "m", "at": e.to, "facts": {"age": input.resource.key.age_days}} if { some e in input.resource.edges; e.end != "unread"; input.resource.key.age_days > 29 }`},
	{"edges-not-name", `deny contains {"message": "m"} if { some e in input.resource.edges; not e.name }`},
	{"edges-every", `deny contains {"message": "m"} if every e in input.resource.edges { e.end == "present" }`},
	{"tags-iterated", `deny contains {"message": "m", "at": k} if { some k, v in input.resource.tags; v == "x" }`},
	{"tags-key-var", `deny contains {"message": "m"} if { some k in ["env", "team"]; input.resource.tags[k] == "x" }`},
	{"tags-prefix", `deny contains {"message": "m"} if { some k, _ in input.resource.tags; startswith(k, "te") }`},
	{"tags-missing", `deny contains {"message": "m"} if not input.resource.tags.team`},
	{"tags-keys", `deny contains {"message": "m"} if not "env" in object.keys(input.resource.tags)`},
	{"tags-alias", `deny contains {"message": "m"} if { t := input.resource.tags; some k in ["env", "team"]; not t[k] }`},
	{"tags-comprehension", `deny contains {"message": "m"} if { m := {k: v | some k, v in input.resource.tags}; m.env == "x" }`},
	{"tags-every", `deny contains {"message": "m"} if every k in ["env", "team"] { input.resource.tags[k] }`},
	{"helper-scalar", `
import data.lib.corpus
deny contains {"message": "m"} if corpus.overdue(input.resource.key.age_days, input.settings.max)`},
	{"helper-object", `
import data.lib.corpus
deny contains {"message": "m"} if corpus.weak(input.resource.key)`},
	{"helper-not", `
import data.lib.corpus
deny contains {"message": "m"} if { not corpus.weak(input.resource.key); input.resource.key.state == "enabled" }`},
	{"helper-default", `
import data.lib.corpus
deny contains {"message": "m"} if corpus.strength(input.resource.key.algorithm) < 2`},
	{"helper-edge", `
import data.lib.corpus
deny contains {"message": "m"} if { some e in input.resource.edges; not corpus.safe(e) }`},
	{"helper-tags", `
import data.lib.corpus
deny contains {"message": "m"} if corpus.tagged(input.resource)`},
	{"helper-constants", `
import data.lib.corpus
deny contains {"message": "m"} if corpus.limit[input.resource.key.algorithm] < input.resource.key.age_days`},
	{"default-false", `
default rotated := false
rotated if input.resource.key.rotation.automatic
rotated if input.resource.key.age_days < 30
deny contains {"message": "m"} if not rotated`},
	{"default-true", `
default risky := true
risky := false if input.resource.key.state == "disabled"
deny contains {"message": "m"} if { risky; input.resource.key.age_days > 90 }`},
	{"partial-sets", `
uses contains e.to if { some e in input.resource.edges; e.way == "out" }
gone contains e.to if { some e in input.resource.edges; e.end == "absent" }
deny contains {"message": "m", "at": p} if { some p in uses & gone }`},
	{"else-rule", `
level := "a" if input.resource.key.state == "disabled"
else := "b" if input.resource.key.age_days < 30
else := "c"
deny contains {"message": "m"} if level == "c"`},
	{"else-function", `
level(k) := "a" if k.state == "disabled"
else := "b" if k.age_days < 30
else := "c"
deny contains {"message": "m"} if level(input.resource.key) == "c"`},
	{"constants-function", `
rank("enabled") := 1
rank("disabled") := 0
deny contains {"message": "m"} if rank(input.resource.key.state) == 1`},
	{"object-get", `deny contains {"message": "m"} if object.get(input.resource.key, ["rotation", "period_days"], 9999) > 90`},
	{"arithmetic", `deny contains {"message": "m"} if input.resource.key.age_days + input.resource.key.rotation.period_days > 180`},
	{"multiplied", `deny contains {"message": "m"} if input.resource.key.age_days * 2 > input.settings.max`},
	{"two-facts", `deny contains {"message": "m"} if input.resource.key.age_days > input.resource.key.rotation.period_days`},
	{"max", `deny contains {"message": "m"} if max([input.resource.key.age_days, input.resource.key.created_days]) > 90`},
	{"prefix", `deny contains {"message": "m"} if { startswith(input.resource.key.spec, "rsa"); input.resource.key.bits < 3072 }`},
	{"glob", `deny contains {"message": "m"} if glob.match("rsa-*", [], input.resource.key.spec)`},
	{"regex", "deny contains {\"message\": \"m\"} if { regex.match(`^rsa`, input.resource.key.spec); input.resource.key.age_days > 90 }"},
	{"text-order", `deny contains {"message": "m"} if input.resource.key.spec > "rsa"`},
	{"concat", `deny contains {"message": "m"} if concat("/", [input.resource.key.spec, input.resource.key.state]) == "rsa-2048/enabled"`},
	{"sprintf-fact", `deny contains {"message": "m", "facts": {"text": sprintf("age %v", [input.resource.key.age_days])}} if input.resource.key.state == "enabled"`},
	{"fact-object", `deny contains {"message": "m", "facts": {"all": {"age": input.resource.key.age_days}}} if input.resource.key.state == "enabled"`},
	{"fact-only", `deny contains {"message": "m", "facts": {"age": input.resource.key.age_days}} if input.resource.kind == "key"`},
	{"at-only", `deny contains {"message": "m", "at": input.resource.key.spec} if input.resource.kind == "key"`},
	{"two-messages", `
deny contains {"message": "old"} if input.resource.key.age_days > 90
deny contains {"message": "weak"} if input.resource.key.bits < 2048`},
	{"either-way", `
deny contains {"message": "m"} if input.resource.key.age_days > 90
deny contains {"message": "m"} if input.resource.key.age_days <= 90`},
	{"or-not", `
deny contains {"message": "yes"} if input.resource.key.rotation.automatic
deny contains {"message": "no"} if not input.resource.key.rotation.automatic`},
	{"double-negation", `
bad if { some e in input.resource.edges; e.way == "out"; not good(e) }
good(e) if e.name
good(e) if e.end == "present"
deny contains {"message": "m"} if not bad`},
	{"alias-chain", `deny contains {"message": "m"} if { r := input.resource; k := r.key; v := k.versions; v.accepted > 1; not k.exportable }`},
	{"alias-iterated", `deny contains {"message": "m"} if { r := input.resource; some e in r.edges; e.way == "in"; not r.key.derived }`},
	{"whole-versions", `deny contains {"message": "m"} if { v := input.resource.key.versions; v.latest - v.min_decryption > 1 }`},
	{"last-use", `deny contains {"message": "m"} if { input.resource.key.last_use; not input.resource.key.last_use.days < 30 }`},
	{"series", `deny contains {"message": "m"} if { not input.resource.series.role == "predecessor"; input.resource.key.age_days > 89 }`},
	{"series-name", `deny contains {"message": "m", "at": input.resource.series.name} if input.resource.series.role == "current"`},
	{"tier", `deny contains {"message": "m"} if { input.resource.tier == "production"; input.resource.key.exportable }`},
	{"setting-by-tier", `deny contains {"message": "m", "facts": {"max": input.settings.tiered}} if input.resource.key.age_days > input.settings.tiered`},
	{"environment", `deny contains {"message": "m"} if not input.resource.environment`},
	{"environment-is", `deny contains {"message": "m"} if input.resource.environment == "x"`},
	{"owner-in", `deny contains {"message": "m"} if input.resource.owner in {"x", "y"}`},
	{"rewrap", `deny contains {"message": "m"} if { not input.resource.key.rewrap; input.resource.key.versions.accepted > 1 }`},
	{"raw-time", `deny contains {"message": "m"} if input.resource.key.rotated_at < "2025-06-01T00:00:00Z"`},
	{"numbers-in-set", `deny contains {"message": "m"} if input.resource.key.bits in {2048, 3072}`},
	{"walrus-compare", `deny contains {"message": "m"} if { days := input.resource.key.age_days; limit := input.settings.max + 7; days > limit }`},
	{"ternary", `
deny contains {"message": "m"} if { limit := wanted(input.resource.purpose); input.resource.key.age_days > limit }
wanted("token_signing") := 30
wanted("encryption") := 365`},
	{"nested-comprehension", `deny contains {"message": "m"} if { n := count([u | some u in input.resource.key.usages; some e in input.resource.edges; e.way == "out"]); n > 1 }`},
	{"secret", `deny contains {"message": "m"} if { input.resource.secret.age_days > 90; not input.resource.secret.replica }`},
	{"token-policies", `deny contains {"message": "m"} if { not "root" in input.resource.credential.policies; input.resource.credential.period_seconds > 0; count(input.resource.credential.bound_cidrs) == 0 }`},
	{"trust-terms", `deny contains {"message": "m"} if { input.resource.trust.secret_id.ttl_seconds == 0; count(input.resource.trust.secret_id.bound_cidrs) == 0 }`},
	{"trust-wildcard", `deny contains {"message": "m"} if { some s in input.resource.trust.service_accounts; s == "*" }`},
}

// discouraged are ways of writing Rego that lint forbids for rules, because they leave many verdicts unknown. What the engine decides
// of them has to be right all the same.
var discouraged = []struct{ name, body string }{
	{"fields-iterated", `deny contains {"message": "m"} if { some k, v in input.resource.key; k == "rotation"; v.automatic }`},
	{"fields-iterated-not", `deny contains {"message": "m"} if { some _, v in input.resource.key; v.supported; not v.automatic }`},
	{"fields-index", `deny contains {"message": "m"} if { some k; input.resource.key[k].period_days > 60 }`},
	{"facets-iterated", `deny contains {"message": "m"} if { some f in input.resource; f.age_days > 90; not f.exportable }`},
	{"fields-to-function", `
deny contains {"message": "m"} if { some _, v in input.resource.key; stale(v) }
stale(v) if v.accepted > 2
stale(v) if { v.supported; not v.automatic }`},
	{"walk", `deny contains {"message": "m"} if { walk(input.resource.key, [_, v]); v == "disabled" }`},
	{"whole-equal", `deny contains {"message": "m"} if input.resource.key.rotation == {"supported": true, "automatic": false}`},
	{"whole-not-equal", `deny contains {"message": "m"} if input.resource.series != {"name": "s", "role": "current"}`},
	{"whole-member", `deny contains {"message": "m"} if {"name": "s", "role": "current"} in [input.resource.series]`},
	{"whole-known-first", `deny contains {"message": "m"} if { {"name": "s", "role": "current"} == input.resource.series }`},
	{"whole-not-known-first", `deny contains {"message": "m"} if {"name": "s", "role": "current"} != input.resource.series`},
	{"whole-equal-value", `deny contains {"message": "m"} if { same := {"name": "s", "role": "current"} == input.resource.series; same }`},
	{"whole-in-function", `
deny contains {"message": "m"} if same({"name": "s", "role": "current"}, input.resource.series)
same(a, b) if not a != b`},
	{"whole-unified", `deny contains {"message": "m"} if { {"name": "s", "role": r} = input.resource.series; r != "predecessor" }`},
	{"whole-in-set", `deny contains {"message": "m"} if input.resource.series in {{"name": "s", "role": "current"}}`},
	{"counted-fields", `deny contains {"message": "m"} if count(input.resource.key.rotation) > 2`},
	{"union", `deny contains {"message": "m"} if object.union({"automatic": false}, input.resource.key.rotation).automatic`},
	{"removed", `deny contains {"message": "m"} if not object.remove(input.resource.key, ["spec"]).rotation.automatic`},
	{"filtered", `deny contains {"message": "m"} if json.filter(input.resource.key, ["rotation/automatic"]).rotation.automatic`},
	{"printed", `deny contains {"message": "m"} if contains(sprintf("%v", [input.resource.series]), "current")`},
	{"alias-not", `deny contains {"message": "m"} if { s := input.resource.key.state; not s == "disabled" }`},
	{"alias-object-not", `deny contains {"message": "m"} if { u := input.resource.key.last_use; not u.days > 30 }`},
	{"alias-object-counted", `deny contains {"message": "m"} if { t := input.resource.tags; count([1 | t.env]) == 0 }`},
	{"alias-object-every", `deny contains {"message": "m"} if { t := input.resource.tags; every k in ["env", "team"] { not t[k] } }`},
	{"alias-unused", `deny contains {"message": "m"} if { u := input.resource.key.last_use; input.resource.key.exportable }`},
	{"alias-deep-not", `deny contains {"message": "m"} if { r := input.resource.key.rotation; not r.automatic; not r.next_at }`},
	{"alias-in-function", `
lacks(t) if not t.env
deny contains {"message": "m"} if lacks(input.resource.tags)`},
	{"alias-in-negated-function", `
lacks(t) if { u := t; not u.env }
deny contains {"message": "m"} if not lacks(input.resource.tags)`},
	{"alias-in-rule", `
rotation := input.resource.key.rotation
deny contains {"message": "m"} if not rotation.automatic`},
	{"alias-rule-needed", `
rotation := input.resource.key.rotation
deny contains {"message": "m"} if { rotation; not rotation.automatic }`},
	{"set-of-fact", `deny contains {"message": "m"} if { s := {input.resource.key.state, "x"}; s["enabled"] }`},
	{"in-set-of-fact", `deny contains {"message": "m"} if "enabled" in {input.resource.key.state, "x"}`},
	{"in-list-of-fact", `deny contains {"message": "m"} if { some x in [input.resource.key.state, "y"]; x == "enabled" }`},
	{"not-in-list-of-fact", `deny contains {"message": "m"} if { not "enabled" in [input.resource.key.state, "y"] }`},
	{"destructured-list", `deny contains {"message": "m"} if { [a, b] := [input.resource.key.state, input.resource.key.exportable]; a == "enabled"; not b }`},
	{"destructured-argument", `
deny contains {"message": "m"} if pair([input.resource.key.state, input.resource.key.age_days])
pair([s, n]) if { s == "enabled"; n > 30 }`},
	{"destructured-object", `
deny contains {"message": "m"} if named({"s": input.resource.key.state})
named({"s": s}) if s != "enabled"`},
	{"partial-object", `
m[k] := v if some k, v in input.resource.tags
deny contains {"message": "m"} if m.env == "x"`},
	{"partial-object-keyed", `
m[input.resource.key.state] := 1
deny contains {"message": "m"} if m.enabled`},
	{"partial-object-keyed-not", `
m[input.resource.key.state] := 1
deny contains {"message": "m"} if not m.enabled`},
	{"partial-set-keyed", `
s contains input.resource.key.state
deny contains {"message": "m"} if s["enabled"]`},
	{"partial-set-keyed-in", `
s contains input.resource.key.state
s contains "x"
deny contains {"message": "m"} if not "enabled" in s`},
	{"partial-set-some", `
s contains input.resource.key.state
s contains input.resource.key.manager
deny contains {"message": "m"} if { some x in s; x == "customer" }`},
	{"function-of-key", `
deny contains {"message": "m"} if level(input.resource.key.state, input.resource.key.age_days) == "high"
level("enabled", n) := "high" if n > 90
level("enabled", n) := "low" if n <= 90
level("disabled", _) := "low"`},
	{"facet-by-name", `deny contains {"message": "m"} if { some f in ["key", "secret"]; input.resource[f].age_days > 90 }`},
	{"field-by-setting", `deny contains {"message": "m"} if { some f in ["exportable", "derived"]; input.resource.key[f] }`},
	{"field-by-name-not", `deny contains {"message": "m"} if { some f in ["exportable", "derived"]; not input.resource.key[f] }`},
	{"both-unread", `deny contains {"message": "m"} if input.resource.key.exportable == input.resource.key.derived`},
	{"unified-facts", `deny contains {"message": "m"} if { x = input.resource.key.exportable; x = input.resource.key.derived }`},
	{"sets-intersected", `deny contains {"message": "m"} if { {u | some u in input.resource.key.usages} & {"sign", "decrypt"} != set() }`},
	{"sets-subtracted", `deny contains {"message": "m"} if count({u | some u in input.resource.key.usages} - {"verify"}) == 0`},
	{"typed", `deny contains {"message": "m"} if { is_string(input.resource.key.spec); is_boolean(input.resource.key.exportable) }`},
	{"marshalled", `deny contains {"message": "m"} if contains(json.marshal(input.resource.key), "automatic\":false")`},
	{"templated", "deny contains {\"message\": \"m\"} if $`{input.resource.key.state}-key` == `enabled-key`"},
	{"list-joined", `deny contains {"message": "m"} if count(array.concat(input.resource.key.usages, [input.resource.key.state])) > 2`},
	{"nested-every-not", `deny contains {"message": "m"} if every e in input.resource.edges { not e.end == "absent"; input.resource.key.age_days > 30 }`},
	{"comprehension-of-fact", `deny contains {"message": "m"} if { s := {x | x := input.resource.key.state}; s["enabled"] }`},
	{"comprehension-keyed", `deny contains {"message": "m"} if { o := {k: 1 | k := input.resource.key.state}; not o.enabled }`},
	{"some-key-in-comprehension", `deny contains {"message": "m"} if { l := [k | some k, _ in input.resource.tags]; "env" in l }`},
	{"default-needed", `
default old := false
old if input.resource.key.age_days > 90
deny contains {"message": "m"} if { not old; r := input.resource.key.rotation; not r.automatic }`},
	{"keyed-by-fact", `deny contains {"message": "m"} if { m := {input.resource.key.state: 1, "x": 2}; m.enabled }`},
}

const corpusLib = `package lib.corpus

overdue(age, max) if age > max

weak(k) if k.algorithm == "rsa"

weak(k) if k.bits < 2048

default strength(_) := 1

strength("aes") := 3

strength("rsa") := 2

safe(e) if e.end == "present"

safe(e) if { e.way == "in"; e.name }

tagged(r) if { some k, v in r.tags; k == "env"; v == "x" }

limit := {"rsa": 30, "aes": 365, "ec": 90}
`

const corpusHeader = `# METADATA
# title: a rule of the corpus
# description: It shows one way of writing Rego.
# custom:
#   severity: {production: high, default: low}
#   applies_to: [%s]
#   settings:
#     max: {default: 90, about: a number}
#     tiered: {default: 90, about: a number, tiers: {staging: 30, development: 10}}
package keyreeve.corpus[%q]
`

func corpusFS(lists ...[]struct{ name, body string }) fstest.MapFS {
	out := fstest.MapFS{"lib/corpus.rego": {Data: []byte(corpusLib)}}
	for _, list := range lists {
		for _, c := range list {
			kind := "key"
			for _, k := range []string{"secret", "credential", "trust"} {
				if strings.Contains(c.body, "input.resource."+k) {
					kind = k
				}
			}
			out["corpus/"+c.name+"/rule.rego"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(corpusHeader, kind, c.name) + "\n" + strings.TrimSpace(c.body) + "\n")}
		}
	}
	return out
}

// everyRule is both lists above and the built-in rules in one engine.
func everyRule(t testing.TB) *Engine {
	t.Helper()
	all := corpusFS(corpus, discouraged)
	err := fs.WalkDir(policies.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(policies.FS, p)
		all[p] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := Load(Options{Builtin: all})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCorpusIsClean(t *testing.T) {
	lib, err := readAll(corpusFS(corpus), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := lib.configure(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkTypes(rules, lib.libs()); err != nil {
		t.Fatal(err)
	}
	for _, p := range forbidden(rules, lib.libs()) {
		if !p.Warning {
			t.Errorf("%s", p)
		}
	}
}
