package sariftest

import (
	"os"
	"strings"
	"testing"
)

// A check that finds nothing proves nothing unless it finds what it is for.
func TestProblemsAreFound(t *testing.T) {
	raw, err := os.ReadFile("../testdata/nightly.sarif")
	if err != nil {
		t.Fatal(err)
	}
	good := string(raw)
	if p := Problems(raw); p != nil {
		t.Fatalf("the good file has problems: %q", p)
	}
	File(t, "../testdata/nightly.sarif")
	for _, c := range []struct{ want, old, new string }{
		{"does not match the schema", `"version":"2.1.0"`, `"version":"2.2"`},
		{"does not match the schema", `"tool":{"driver":`, `"tool":{"chauffeur":`},
		{"does not end in a newline", "]}]}\n", "]}]}"},
		{"null at $.runs[0].", `"facts":{`, `"facts":{"x":null,`},
		{"no category", `"id":"keyreeve/scan/2026-01-01T03:00:00Z"`, `"id":"keyreeve"`},
		{"described twice", `"id":"credentials/in-repository"`, `"id":"audit/vault-audit-off"`},
		{"ruleId is missing", `"ruleId":"credentials/in-repository"`, `"ruleId":""`},
		{"ruleIndex is missing or out of range", `"ruleIndex":1`, `"ruleIndex":18446744073709551615`},
		{"ruleIndex 0 is rule audit/vault-audit-off", `"ruleIndex":1`, `"ruleIndex":0`},
		{`kind open with level "error"`, `"kind":"fail"`, `"kind":"open"`},
		{"does not end in a full stop", `is in the repository."`, `is in the repository"`},
		{"message.text is missing", `"message":{"text":"'github-pat' (repo.credential): a credential is in the repository."}`, `"message":{"text":""}`},
		{"has 1046 letters", `is in the repository."`, strings.Repeat("a", 1000) + `."`},
		{"no location", `"locations":[{`, `"locations":[],"relatedLocations":[{`},
		{"no physicalLocation", `"physicalLocation":{"artifactLocation":{"uri":"docs`, `"properties":{"artifactLocation":{"uri":"docs`},
		{"is not a relative path", `"uri":"docs/`, `"uri":"arn:docs/`},
		{"is not a relative path", `"uri":"docs/`, `"uri":"/docs/`},
		{"is not a relative path", `"uri":"docs/`, `"uri":"https://docs/`},
		{"has empty or dot parts", `"uri":"docs/`, `"uri":"docs/../`},
		{"has empty or dot parts", `"uri":"docs/`, `"uri":"docs//`},
		{"startLine 0 is less than 1", `"startLine":3`, `"startLine":0`},
		{"endLine 2 is before startLine 3", `"startLine":3,"endLine":3`, `"startLine":3,"endLine":2`},
		{"same rule, file and lines", `"startLine":10,"endLine":10`, `"startLine":11,"endLine":11`},
		{"primaryLocationLineHash", `:1"}`, `"}`},
		{"no partialFingerprints", `"partialFingerprints":{`, `"properties":{`},
		{"have suppressions; it has to be all or none", `"kind":"fail"`, `"suppressions":[],"kind":"fail"`},
		{"have a baselineState", `"baselineState":"new",`, ``},
		{"tags, more than 10", `"tags":["security","audit",`, `"tags":["1","2","3","4","5","6","7","8","9","security","audit",`},
		{"security-severity", `"security-severity":"9.5"`, `"security-severity":"9.0"`},
		{"security-severity", `"security-severity":"9.5"`, `"security-severity":"11"`},
		{"shortDescription is missing", `"shortDescription":{"text":"A credential is in a repository"}`, `"shortDescription":{"text":""}`},
		{"shortDescription has 1025 letters", `"shortDescription":{"text":"A credential is in a repository"}`, `"shortDescription":{"text":"` + strings.Repeat("ü", 1025) + `"}`},
		{`notification "meta/gone" has no description`, `"descriptor":{"id":"meta/gap"}`, `"descriptor":{"id":"meta/gone"}`},
		{"0 runs", good[strings.Index(good, `"runs":`):], `"runs":[]}` + "\n"},
		{"results is missing", good[strings.Index(good, `"results":`):], `"language":"en"}]}` + "\n"},
		{"unexpected end of JSON", "]}]}\n", "]}"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Errorf("%s: the good file does not hold %s", c.want, c.old)
			continue
		}
		if p := strings.Join(Problems([]byte(bad)), "\n"); !strings.Contains(p, c.want) {
			t.Errorf("after %.60s became %.60s: want %q, got %s", c.old, c.new, c.want, p)
		}
	}
}
