package awsfacts

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	rate = regexp.MustCompile(`^rate\(\s*(\d{1,6})\s+(hour|day)s?\s*\)$`)
	cron = regexp.MustCompile(`^cron\(\s*(.*?)\s*\)$`)
)

// ScheduleDays is the longest time, in days, between two rounds of a schedule of Secrets Manager; part of a day counts as one. It is
// not ok when the schedule is none of the plain kinds: a rate, or a cron expression that comes round each day, week or month, every
// few months, or each year.
//
//	cron(MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR)
func ScheduleDays(expression string) (days int, ok bool) {
	expression = strings.TrimSpace(expression)
	if m := rate.FindStringSubmatch(expression); m != nil {
		n, _ := strconv.Atoi(m[1])
		if m[2] == "hour" {
			n = (n + 23) / 24
		}
		return n, n > 0
	}
	m := cron.FindStringSubmatch(expression)
	if m == nil {
		return 0, false
	}
	f := strings.Fields(m[1])
	if len(f) != 6 || f[5] != "*" || strings.ContainsAny(f[2]+f[4], ",-/") {
		return 0, false
	}
	each := func(s string) bool { return s == "*" || s == "?" }
	day, month, weekday := f[2], f[3], f[4]
	switch {
	case month == "*" && each(day) && each(weekday):
		return 1, true
	case month == "*" && each(day) && !strings.ContainsAny(weekday, "#L"):
		return 7, true
	case each(day) == each(weekday): // some months' every day, or a day that both fields narrow
		return 0, false
	case month == "*":
		return 35, true // the third Monday may come five weeks after the last one
	}
	if _, err := strconv.Atoi(month); err == nil {
		return 371, true
	}
	start, step, _ := strings.Cut(month, "/")
	if every, err := strconv.Atoi(step); (start == "*" || start == "1") && err == nil && every > 0 && 12%every == 0 {
		return 31*every + 4, true
	}
	return 0, false
}
