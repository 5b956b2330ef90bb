package terraform

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// managedARN is the ARN of a policy that AWS manages: arn:PARTITION:iam::aws:policy/NAME.
var managedARN = regexp.MustCompile(`^arn:[^:]*:iam::aws:policy/(.+)$`)

// managed tells, once a resource, that the policies which an argument names are not read: those of AWS, and those that a data source
// looks up.
func managed(arg string) func(*mapping, *block) {
	return func(m *mapping, b *block) {
		v := b.raw(arg)
		if v == cty.NilVal {
			return
		}
		items := []cty.Value{v}
		if bare, _ := v.Unmark(); bare.IsKnown() && (bare.Type().IsTupleType() || bare.Type().IsListType() || bare.Type().IsSetType()) {
			items = bare.AsValueSlice()
		}
		var names []string
		for _, item := range items {
			if found := managedARN.FindStringSubmatch(shapeOf(item)); found != nil {
				names = append(names, fmt.Sprintf("AWS's managed policy %s is not read", found[1]))
				continue
			}
			for _, r := range references(item) {
				if strings.HasPrefix(string(r)[len(modulePath(string(r))):], "data.aws_iam_policy.") {
					names = append(names, fmt.Sprintf("the policy that %s looks up is not read", r))
				}
			}
		}
		if len(names) == 0 {
			return
		}
		why := fmt.Sprintf("what %q allows is not known: %s", b.in.Address, names[0])
		if more := len(names) - 1; more > 0 {
			why += fmt.Sprintf(" (and %d more like it)", more)
		}
		m.notes.hidden("aws.iam.policy", b.in.At(b.path+arg), why)
	}
}
