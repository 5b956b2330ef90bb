package access

// Truth is a truth value of Kleene's strong logic. Its order is No < Maybe < Yes.
type Truth uint8

const (
	No    Truth = iota // known to be false
	Maybe              // not known before the request
	Yes                // known to be true
)

// Known is the truth value of what is known.
func Known(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// And is true when both are, and false as soon as one is.
func (t Truth) And(u Truth) Truth { return min(t, u) }

// Or is true as soon as one is, and false when both are.
func (t Truth) Or(u Truth) Truth { return max(t, u) }

// Not turns true into false and leaves unknown what is unknown.
func (t Truth) Not() Truth { return Yes - t }
