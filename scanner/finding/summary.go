package finding

// Summary counts findings. A waived finding counts as waived and nowhere else.
type Summary struct {
	Resources     int              `json:"resources"`
	Fail          int              `json:"fail"`
	Unknown       int              `json:"unknown"`
	Pass          int              `json:"pass"`
	NotApplicable int              `json:"not_applicable"`
	Waived        int              `json:"waived"`
	BySeverity    map[Severity]int `json:"by_severity"` // of failing findings
	Compared      *Compared        `json:"compared,omitzero"`
}

// Summarize counts the findings anew; the number of resources and the comparison stay.
func (r *Result) Summarize() {
	s := Summary{Resources: r.Summary.Resources, Compared: r.Summary.Compared, BySeverity: map[Severity]int{}}
	for _, t := range r.Tallies {
		s.Pass += t.Pass
		s.NotApplicable += t.NotApplicable
	}
	for _, f := range r.Findings {
		switch {
		case f.Waived != nil:
			s.Waived++
		case f.Verdict == Fail:
			s.Fail++
			s.BySeverity[f.Severity]++
		default:
			s.Unknown++
		}
	}
	r.Summary = s
}
