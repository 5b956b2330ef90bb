package evaluate

import (
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// What nobody worked out is unread as a whole. These are made once: most resources of an estate have no access to speak of.
var (
	accessNames = []string{"access"}
	accessRef   = resourceRef(accessNames)
	notWorked   = fact{
		ref: accessRef, names: accessNames, domain: domain{kind: anything, optional: true},
		unknown: inventory.Unknown{Fact: "access", Why: inventory.NotRead, Hint: "who may do what to it was not worked out"},
	}
	notInFile = fact{
		ref: accessRef, names: accessNames, domain: notWorked.domain,
		unknown: inventory.Unknown{Fact: "access", Why: inventory.NotStated, Hint: "who may do what hangs on policies outside the file"},
	}
)

// reach lists what is not known of who may do what. Every part of a summary is always there, so none of them may be absent; a part
// that no summary has makes all of it unknown, because a slip of the pen must not become a pass.
func (s *Subject) reach(r *inventory.Resource, found access.Found) {
	if found.Summary == nil {
		whole := notWorked
		switch {
		case len(found.Unknown) > 0:
			whole.unknown = found.Unknown[0]
			whole.unknown.Fact = "access"
		case r.Origin == inventory.Declared:
			whole = notInFile
		}
		s.unread = append(s.unread, whole)
		return
	}
	for _, u := range found.Unknown {
		names := splitFact(u.Fact)
		if names[0] != "access" || fieldAt(names) == nil {
			names = accessNames
		}
		d := domainOf(names)
		d.optional = len(names) == 1
		s.add(names, d, u)
	}
}
