// Package sariftest checks SARIF files: against the schema of SARIF 2.1.0, and against what GitHub and GitLab refuse or
// silently drop although the schema allows it. It is for tests, here and at the command line; it judges no content.
package sariftest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/testdata/schemas"
)

// File fails the test for each problem of a file.
func File(t testing.TB, name string) {
	t.Helper()
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	Document(t, doc)
}

// Document fails the test for each problem of a document.
func Document(t testing.TB, doc []byte) {
	t.Helper()
	for _, p := range Problems(doc) {
		t.Error("SARIF: " + p)
	}
}

// Problems returns what is wrong with a document, a sentence each; nil is a document that every known consumer takes whole.
func Problems(doc []byte) []string {
	c := &checker{}
	check, err := schema()
	if err != nil {
		return []string{err.Error()}
	}
	if err := check(doc); err != nil {
		c.say("does not match the schema: %v", err)
	}
	var any any
	var log sarifLog
	if err := json.Unmarshal(doc, &any); err != nil {
		return append(c.problems, err.Error())
	}
	if err := json.Unmarshal(doc, &log); err != nil {
		return append(c.problems, err.Error())
	}
	if !strings.HasSuffix(string(doc), "\n") {
		c.say("does not end in a newline")
	}
	c.nulls("$", any)
	if len(log.Runs) == 0 || len(log.Runs) > 20 {
		c.say("%d runs; GitHub takes 1 to 20", len(log.Runs))
	}
	if log.Schema == "" {
		c.say("$schema is missing")
	}
	for i := range log.Runs {
		c.run(&log.Runs[i])
	}
	return c.problems
}

var schema = sync.OnceValues(func() (func([]byte) error, error) { return schemas.Compile(schemas.SARIF) })

type checker struct{ problems []string }

func (c *checker) say(format string, a ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, a...))
}

func (c *checker) nulls(at string, v any) {
	switch t := v.(type) {
	case nil:
		c.say("null at %s", at)
	case map[string]any:
		for k, x := range t {
			c.nulls(at+"."+k, x)
		}
	case []any:
		for i, x := range t {
			c.nulls(at+"["+strconv.Itoa(i)+"]", x)
		}
	}
}

// text checks that a text is there and not longer than a consumer takes.
func (c *checker) text(what, s string, most int) {
	if s == "" {
		c.say("%s is missing", what)
	}
	if n := utf8.RuneCountInString(s); n > most {
		c.say("%s has %d letters, more than %d", what, n, most)
	}
}

func (c *checker) run(r *run) {
	c.text("driver.name", r.Tool.Driver.Name, 255)
	if r.Results == nil {
		c.say("results is missing: it says that nothing was looked for")
	}
	if len(r.Results) > 25000 {
		c.say("%d results; GitHub takes 25000", len(r.Results))
	}
	if id := r.AutomationDetails.ID; !strings.Contains(id, "/") || strings.HasPrefix(id, "/") {
		c.say("automationDetails.id %q has no category", id)
	}
	ids := map[string]bool{}
	for _, rule := range r.Tool.Driver.Rules {
		if ids[rule.ID] {
			c.say("rule %s is described twice", rule.ID)
		}
		ids[rule.ID] = true
		c.rule(rule)
	}
	known := map[string]bool{}
	for _, n := range r.Tool.Driver.Notifications {
		known[n.ID] = true
	}
	for _, inv := range r.Invocations {
		for _, n := range append(inv.Execution, inv.Configuration...) {
			c.text("text of a notification", n.Message.Text, 2048)
			if !known[n.Descriptor.ID] {
				c.say("notification %q has no description", n.Descriptor.ID)
			}
		}
	}
	spots := map[string]string{}
	suppressions, baselines := 0, 0
	for i := range r.Results {
		c.result(r, &r.Results[i], spots)
		if r.Results[i].Suppressions != nil {
			suppressions++
		}
		if r.Results[i].BaselineState != "" {
			baselines++
		}
	}
	if n := len(r.Results); suppressions%max(n, 1) != 0 {
		c.say("%d of %d results have suppressions; it has to be all or none", suppressions, n)
	} else if baselines%max(n, 1) != 0 {
		c.say("%d of %d results have a baselineState; it has to be all or none", baselines, n)
	}
}

func (c *checker) rule(r rule) {
	what := "rule " + r.ID + ": "
	c.text(what+"name", r.Name, 255)
	c.text(what+"shortDescription", r.ShortDescription.Text, 1024)
	c.text(what+"fullDescription", r.FullDescription.Text, 1024)
	c.text(what+"help", r.Help.Text, 100000)
	if n := len(r.Properties.Tags); n > 10 {
		c.say("%s%d tags, more than 10", what, n)
	}
	if s := r.Properties.SecuritySeverity; s != "" {
		if f, err := strconv.ParseFloat(s, 64); err != nil || f <= 0 || f > 10 || f == 9 {
			c.say("%ssecurity-severity %q is not above 0 and up to 10, or is at a border", what, s)
		}
	}
}

var lineHash = regexp.MustCompile(`^[0-9a-f]+:\d+$`)

func (c *checker) result(r *run, res *result, spots map[string]string) {
	what := fmt.Sprintf("result %q of %s: ", res.Message.Text, res.RuleID)
	c.text(what+"message.text", res.Message.Text, 1000)
	if !strings.HasSuffix(res.Message.Text, ".") {
		c.say("%smessage.text does not end in a full stop", what)
	}
	switch i := res.RuleIndex; {
	case res.RuleID == "":
		c.say("%sruleId is missing", what)
	case i == nil || *i < 0 || *i >= float64(len(r.Tool.Driver.Rules)):
		c.say("%sruleIndex is missing or out of range", what)
	case r.Tool.Driver.Rules[int(*i)].ID != res.RuleID:
		c.say("%sruleIndex %v is rule %s", what, *i, r.Tool.Driver.Rules[int(*i)].ID)
	}
	if res.Kind != "" && res.Kind != "fail" && res.Level != "none" {
		c.say("%skind %s with level %q", what, res.Kind, res.Level)
	}
	if len(res.Locations) == 0 {
		c.say("%sno location", what)
		return
	}
	at := res.Locations[0].Physical
	uri, start, end := at.Artifact.URI, at.Region.StartLine, max(at.Region.EndLine, at.Region.StartLine)
	u, err := url.Parse(uri)
	switch {
	case uri == "":
		c.say("%sno physicalLocation.artifactLocation.uri", what)
	case err != nil || u.IsAbs() || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || strings.HasPrefix(uri, "/"):
		c.say("%suri %q is not a relative path", what, uri)
	case path.Clean(uri) != uri || strings.HasPrefix(uri, "../") || uri == "." || uri == "..":
		c.say("%suri %q has empty or dot parts", what, uri)
	}
	if start < 1 {
		c.say("%sstartLine %d is less than 1", what, start)
	}
	if at.Region.EndLine != 0 && at.Region.EndLine < start {
		c.say("%sendLine %d is before startLine %d", what, at.Region.EndLine, start)
	}
	// What is new is a result beside what was there before, with fingerprints of its own.
	spot := fmt.Sprintf("%s %s:%d:%d %s", res.RuleID, uri, start, end, res.BaselineState)
	if other, taken := spots[spot]; taken {
		c.say("%ssame rule, file and lines as %q: one of them would be dropped", what, other)
	}
	spots[spot] = res.Message.Text
	if h, ok := res.PartialFingerprints["primaryLocationLineHash"]; ok && !lineHash.MatchString(h) {
		c.say("%sprimaryLocationLineHash %q", what, h)
	}
	if len(res.PartialFingerprints) == 0 {
		c.say("%sno partialFingerprints", what)
	}
}
