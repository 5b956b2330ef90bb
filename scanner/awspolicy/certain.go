package awspolicy

// certain is whether something holds: no, unresolved or yes. Both "or" and "and" of such values are the greatest and the least.
type certain int

const (
	no certain = iota
	unresolved
	yes
)

// between is what holds at least and at most.
func between(atLeast, atMost bool) certain {
	switch {
	case atLeast:
		return yes
	case atMost:
		return unresolved
	}
	return no
}
