package finding

// The states of a finding compared with a baseline.
const (
	New       = "new"
	Unchanged = "unchanged"
)

// A Change counts what a comparison found. Waived findings are compared like any other.
type Change struct {
	New, Unchanged int
	Absent         int // findings of the baseline that are gone; those of scopes that were not read this time do not count
}

// Compare marks every finding as new or unchanged, by fingerprint. A finding that was unknown in the baseline and fails now
// is new: nobody has seen that it fails. One that was waived in the baseline and no longer is, is new as well.
func (r *Result) Compare(old *Result) Change {
	before := map[string]Finding{}
	for _, f := range old.Findings {
		before[f.Fingerprint] = f
	}
	var c Change
	now := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		now[f.Fingerprint] = true
		was, known := before[f.Fingerprint]
		if known && (was.Verdict == Fail || f.Verdict == Unknown) && (was.Waived == nil || f.Waived != nil) {
			f.Baseline = Unchanged
			c.Unchanged++
			continue
		}
		f.Baseline = New
		c.New++
	}
	for fingerprint, f := range before {
		if !now[fingerprint] && !r.unread(f) {
			c.Absent++
		}
	}
	return c
}

// unread reports whether the scope of an older finding was not read this time, or only with gaps: it may still be there.
func (r *Result) unread(f Finding) bool {
	for _, c := range r.Coverage {
		if c.Scope == f.Resource.Scope {
			return c.Gaps > 0
		}
	}
	return true
}
