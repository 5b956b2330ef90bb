package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// wholly are the services of which actions.json lists all actions. Of others it lists those that lead to keys.
var wholly = []string{"kms", "secretsmanager"}

// asked finds what nobody can ask for: an action that its service does not have, as when it is misspelt, and one on a resource that it
// cannot be on. An answer about either would look like one about what was meant. The action is in lower case.
func asked(action string, r *Request) error {
	of := serviceOf(action)
	if !slices.Contains(wholly, of) {
		return nil
	}
	known, listed := universe.Actions[action]
	if !listed {
		err := fmt.Errorf("unknown action %q", r.Action)
		if meant := Meant(r.Action, slices.DeleteFunc(slices.Clone(universe.names), func(name string) bool { return serviceOf(name) != of })); meant != "" {
			err = fmt.Errorf("%w, %s", err, meant)
		}
		return err
	}
	arn := r.Resource.ARN
	if arn == "" || arn == "*" || len(known.Resources) == 0 || strings.ContainsAny(arn, awspolicy.Unknown+awspolicy.Computed) {
		return nil
	}
	for _, typ := range known.Resources {
		if part(arn, service) == of && strings.HasPrefix(resource(arn), forms[typ].start) {
			return nil
		}
	}
	form := forms[known.Resources[len(known.Resources)-1]]
	return fmt.Errorf("resource %q is no %s, which %s is on: %s", arn, form.what, r.Action, form.like)
}

// forms say how the ARNs of the types of resources of those services go on behind the account.
var forms = map[string]struct{ start, what, like string }{
	"key":    {"key/", "KMS key", "arn:aws:kms:REGION:ACCOUNT:key/ID"},
	"alias":  {"alias/", "alias", "arn:aws:kms:REGION:ACCOUNT:alias/NAME"},
	"Secret": {"secret:", "secret", "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX"},
}

// Meant asks, for the end of an error, which of some actions is meant by a word that is none of them: those that begin with it, if they
// are few, or else the nearest one. It is empty where none is near.
func Meant(word string, among []string) string {
	var begin []string
	for _, name := range among {
		if len(name) > len(word) && strings.EqualFold(name[:len(word)], word) {
			begin = append(begin, strconv.Quote(name))
		}
	}
	if n := len(begin); n > 0 && n <= 3 {
		slices.Sort(begin)
		return "did you mean " + strings.Join(begin, " or ") + "?"
	}
	if near := strictyaml.Nearest(word, among); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
