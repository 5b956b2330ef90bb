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
	case strings.HasSuffix(weekday, "#5"): // most months have no fifth Monday
		return 0, false
	}
	months, ok := monthsBetween(month)
	if !ok {
		return 0, false
	}
	date, err := strconv.Atoi(day)
	switch inFebruary := strings.TrimLeft(month, "0") == "2"; {
	case date > 28 && (months < 12 || inFebruary): // a month that has no such day is passed over
		return 0, false
	case err == nil || day == "L":
		return longest[months], true
	case strings.HasSuffix(day, "W"): // the weekday nearest to a date, from a day before it to two days after
		return longest[months] + 3, true
	}
	return (longest[months] + 6) / 7 * 7, true // the third Monday is the 15th at the earliest and the 21st at the latest
}

// longest is the most days that so many months in a row have, where a year is cut into parts of as many from January on.
var longest = map[int]int{1: 31, 2: 62, 3: 92, 4: 123, 6: 184, 12: 366}

// monthsBetween is how many months apart the rounds of a month field are. It is not ok when they are no equal times apart.
func monthsBetween(field string) (months int, ok bool) {
	if field == "*" {
		return 1, true
	}
	if _, err := strconv.Atoi(field); err == nil {
		return 12, true
	}
	start, step, _ := strings.Cut(field, "/")
	every, err := strconv.Atoi(step)
	return every, (start == "*" || start == "1") && err == nil && longest[every] > 0
}
