package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Window is a time of the week in which steps may be done: from From until To, to the minute, in Zone. A window that ends
// before it begins runs over midnight, and belongs to the day it begins on.
type Window struct {
	Days []string `json:"days"        yaml:"days"` // mon, tue, wed, thu, fri, sat, sun; none: every day
	From string   `json:"from"        yaml:"from"` // "09:00"
	To   string   `json:"to"          yaml:"to"`   // "16:30"
	Zone string   `json:"zone"        yaml:"zone"` // of the IANA database; "" is UTC
}

// A Freeze is a time in which nothing is begun, from From until before Until.
type Freeze struct {
	From   time.Time `json:"from"   yaml:"from"`
	Until  time.Time `json:"until"  yaml:"until"`
	Reason string    `json:"reason" yaml:"reason"`
}

var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts

// Check returns an error for a window that cannot be understood.
func (w Window) Check() error {
	for _, d := range w.Days {
		if !slices.Contains(days, d) {
			return fmt.Errorf("%q is no day; write mon, tue, wed, thu, fri, sat or sun", d)
		}
	}
	for _, at := range []string{w.From, w.To} {
		if _, err := minute(at); err != nil {
			return err
		}
	}
	if w.From == w.To {
		return fmt.Errorf("a window from %s to %s is empty", w.From, w.To)
	}
	if _, err := time.LoadLocation(w.Zone); err != nil {
		return fmt.Errorf("%q is no time zone; write one such as Europe/Berlin", w.Zone)
	}
	return nil
}

// minute is a time of day in minutes.
func minute(text string) (int, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != 5 {
		return 0, fmt.Errorf("%q is no time of day; write 09:30", text)
	}
	return 60*t.Hour() + t.Minute(), nil
}

// open says whether t is inside the window. A window that Check refuses is never open.
func (w Window) open(t time.Time) bool {
	if w.Check() != nil {
		return false
	}
	zone, _ := time.LoadLocation(w.Zone)
	from, _ := minute(w.From)
	to, _ := minute(w.To)
	t = t.In(zone)
	now, on := 60*t.Hour()+t.Minute(), func(d time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, days[d]) }
	if from < to {
		return on(t.Weekday()) && from <= now && now < to
	}
	return on(t.Weekday()) && now >= from || on((t.Weekday()+6)%7) && now < to
}

// String is "mon-fri 09:00-16:30 Europe/Berlin", the days as they were given.
func (w Window) String() string {
	zone, when := w.Zone, strings.Join(w.Days, ",")
	if zone == "" {
		zone = "UTC"
	}
	if when == "" {
		when = "every day"
	}
	return fmt.Sprintf("%s %s-%s %s", when, w.From, w.To, zone)
}

// Closed says why nothing may be begun at t, and when that ends as far as can be told; "" when it may.
func (p *Plan) Closed(t time.Time) (why string, until time.Time) {
	for _, f := range p.Freezes {
		if !t.Before(f.From) && t.Before(f.Until) {
			return "a freeze: " + f.Reason, f.Until
		}
	}
	if len(p.Windows) == 0 || slices.ContainsFunc(p.Windows, func(w Window) bool { return w.open(t) }) {
		return "", time.Time{}
	}
	var all []string
	for _, w := range p.Windows {
		all = append(all, w.String())
	}
	// Windows begin at whole minutes; a week holds them all.
	for next := t.Truncate(time.Minute).Add(time.Minute); next.Before(t.AddDate(0, 0, 9)); next = next.Add(time.Minute) {
		if slices.ContainsFunc(p.Windows, func(w Window) bool { return w.open(next) }) {
			until = next
			break
		}
	}
	return "outside the maintenance windows (" + strings.Join(all, "; ") + ")", until
}
