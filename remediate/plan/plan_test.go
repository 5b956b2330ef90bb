package plan

import (
	"strings"
	"testing"
	"time"
	"unicode"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func example() *Plan {
	return &Plan{
		Format: Format, Tool: "test", MadeAt: at("2026-01-05T09:00:00Z"), Expires: at("2026-01-12T09:00:00Z"), TakenAt: at("2026-01-05T08:00:00Z"),
		Ledger: "l", Signers: "s", Approval: map[string]Approval{"production": {Approvers: []string{"ben"}, Count: 1, Distinct: true}},
		Windows: []Window{}, Freezes: []Freeze{}, Refused: []Refusal{},
		Rotations: []Rotation{{
			ID: "jwt-1", Resource: "vault:eu/root/transit/keys/jwt", Tier: "production", Rotator: "vault-transit", Findings: []string{"rotation/overdue"}, Clients: []string{},
			Steps: []Step{{ID: "rotate", Stage: Created, Act: "rotate", Says: "add version 2", Expect: Facts{"latest_version": "1"}, After: Facts{"latest_version": "2"}, Final: "none", Gates: []Gate{
				{Kind: Confirmed, Client: "billing"}, {Kind: Command, Command: []string{"/bin/true"}}, {Kind: HTTP, URL: "https://a.test"},
			}}},
		}},
	}
}

func TestAPlanHasOneSpelling(t *testing.T) {
	p := example()
	data := p.Bytes()
	again, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest() != p.Digest() {
		t.Error("reading a plan changes its digest")
	}
	for name, change := range map[string]func(string) string{
		"space":          func(s string) string { return strings.Replace(s, `"tool": "test"`, `"tool":  "test"`, 1) },
		"order":          func(s string) string { return strings.Replace(s, `"ledger": "l",`, ``, 1) + "" },
		"unknown field":  func(s string) string { return strings.Replace(s, `"tool": "test"`, `"tol": "test"`, 1) },
		"other format":   func(s string) string { return strings.Replace(s, Format, "keyreeve-plan/2", 1) },
		"more behind it": func(s string) string { return s + "{}" },
		"too long a life": func(s string) string {
			return strings.Replace(s, `"expires": "2026-01-12T09:00:00Z"`, `"expires": "2026-01-12T09:00:01Z"`, 1)
		},
		"cut off":         func(s string) string { return s[:len(s)/2] },
		"nobody approves": func(s string) string { return strings.Replace(s, `"tier": "production"`, `"tier": "staging"`, 1) },
		"acts blindly":    func(s string) string { return strings.Replace(s, `"latest_version": "1"`, ``, 1) },
	} {
		if _, err := Parse([]byte(change(string(data)))); err == nil {
			t.Errorf("%s: the plan is read", name)
		}
	}
}

// What is shown to who signs has as many lines as it must have, and nothing on them that a terminal obeys, whatever a plan holds.
func TestTextIsWhatItSays(t *testing.T) {
	evil := "a\x1b[2K\r\nb\u202e\u200bc\u0085d\te"
	p := example()
	lines := strings.Count(p.Text(), "\n")
	r := &p.Rotations[0]
	for name, field := range map[string]*string{
		"id": &r.ID, "tier": &r.Tier, "purpose": &r.Purpose, "endpoint": &r.Endpoint, "says": &r.Steps[0].Says, "final": &r.Steps[0].Final,
		"finding": &r.Findings[0], "approver": &p.Approval["production"].Approvers[0], "client": &r.Steps[0].Gates[0].Client,
		"command": &r.Steps[0].Gates[1].Command[0], "url": &r.Steps[0].Gates[2].URL,
	} {
		t.Run(name, func(t *testing.T) {
			was := *field
			*field = evil
			defer func() { *field = was }()
			if name == "tier" {
				p.Approval[evil] = p.Approval["production"]
				defer delete(p.Approval, evil)
			}
			for what, text := range map[string]string{"text": p.Text(), "difference": Diff(example(), p)} {
				for _, c := range text {
					if c != '\n' && !unicode.IsPrint(c) {
						t.Fatalf("the %s holds %q:\n%q", what, c, text)
					}
				}
			}
			if n := strings.Count(p.Text(), "\n"); n != lines {
				t.Errorf("%d lines, want %d:\n%s", n, lines, p.Text())
			}
		})
	}
}

// Each field that is changed gives another digest, so an approval never covers it.
func TestDigestCoversEverything(t *testing.T) {
	seen := map[string]string{example().Digest(): "nothing"}
	for name, change := range map[string]func(*Plan){
		"endpoint":    func(p *Plan) { p.Rotations[0].Endpoint = "https://other" },
		"signers":     func(p *Plan) { p.Signers = "t" },
		"ledger":      func(p *Plan) { p.Ledger = "m" },
		"approval":    func(p *Plan) { p.Approval["production"] = Approval{Count: 2} },
		"kill switch": func(p *Plan) { p.KillSwitch = "/stop" },
		"gate's hash": func(p *Plan) {
			p.Rotations[0].Steps[0].Gates = []Gate{{Kind: Command, Command: []string{"x"}, SHA256: "1"}}
		},
		"gate's hash 2": func(p *Plan) {
			p.Rotations[0].Steps[0].Gates = []Gate{{Kind: Command, Command: []string{"x"}, SHA256: "2"}}
		},
		"limit":  func(p *Plan) { p.Limits.Run = 1 },
		"freeze": func(p *Plan) { p.Freezes = []Freeze{{Reason: "r"}} },
		"expect": func(p *Plan) { p.Rotations[0].Steps[0].Expect["latest_version"] = "7" },
	} {
		p := example()
		change(p)
		if other, ok := seen[p.Digest()]; ok {
			t.Errorf("changing %s gives the digest of changing %s", name, other)
		}
		seen[p.Digest()] = name
	}
}

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		want, found, known Facts
		says               string
	}{
		{Facts{"a": "1"}, Facts{"a": "1", "b": "2"}, nil, ""},
		{Facts{"a": "1"}, Facts{"a": "2"}, nil, "a is 2 where 1 was expected"},
		{Facts{"a": "1"}, Facts{}, nil, "a is absent where 1 was expected"},
		{Facts{"a": ""}, Facts{}, nil, ""},
		{Facts{"a": ""}, Facts{"a": "1"}, nil, "a is 1 where none was expected"},
		{Facts{"a": "*"}, Facts{"a": "1"}, nil, ""},
		{Facts{"a": "*"}, Facts{}, nil, "a is absent"},
		{Facts{"a": "${new}"}, Facts{"a": "7"}, Facts{"new": "7"}, ""},
		{Facts{"a": "${new}"}, Facts{"a": "8"}, Facts{"new": "7"}, "a is 8 where 7 was expected"},
		{Facts{"a": "${new}"}, Facts{"a": ""}, Facts{}, "a should be the new of an earlier step, which is not recorded"},
		{Facts{"b": "1", "a": "1"}, Facts{}, nil, "a is absent where 1 was expected; b is absent where 1 was expected"},
	} {
		if says := c.want.Differs(c.found, c.known); says != c.says {
			t.Errorf("%v against %v: %q, want %q", c.want, c.found, says, c.says)
		}
	}
}

func TestWindows(t *testing.T) {
	week := Window{Days: []string{"mon", "tue"}, From: "09:00", To: "16:30"}
	night := Window{Days: []string{"fri"}, From: "22:00", To: "04:00"}
	berlin := Window{From: "09:00", To: "10:00", Zone: "Europe/Berlin"}
	for _, c := range []struct {
		w    Window
		at   string
		open bool
	}{
		{week, "2026-01-05T09:00:00Z", true}, // a Monday
		{week, "2026-01-05T08:59:59Z", false},
		{week, "2026-01-05T16:29:59Z", true},
		{week, "2026-01-05T16:30:00Z", false},
		{week, "2026-01-07T10:00:00Z", false},
		{night, "2026-01-09T23:00:00Z", true},
		{night, "2026-01-10T03:59:00Z", true},
		{night, "2026-01-10T04:00:00Z", false},
		{night, "2026-01-09T03:00:00Z", false},
		{night, "2026-01-10T23:00:00Z", false},
		{berlin, "2026-01-05T08:00:00Z", true},
		{berlin, "2026-07-05T08:00:00Z", false}, // summer time
		{berlin, "2026-07-05T07:00:00Z", true},
		{Window{From: "9:00", To: "10:00"}, "2026-01-05T09:30:00Z", false},
	} {
		if open := c.w.open(at(c.at)); open != c.open {
			t.Errorf("%s at %s: open is %v", c.w, c.at, open)
		}
	}
	p := &Plan{Windows: []Window{week, night}}
	if why, until := p.Closed(at("2026-01-06T17:00:00Z")); why == "" || !until.Equal(at("2026-01-09T22:00:00Z")) {
		t.Errorf("closed %q until %s", why, until)
	}
	for _, w := range []Window{{From: "09:00", To: "09:00"}, {From: "25:00", To: "26:00"}, {Days: []string{"monday"}, From: "09:00", To: "10:00"}, {From: "09:00", To: "10:00", Zone: "Mars"}} {
		if w.Check() == nil {
			t.Errorf("%v is taken for a window", w)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{"14d": "14d", "24h": "24h", "48h": "2d", "90m": "1h30m", "1h": "1h", "45s": "45s", "0s": "0s"} {
		d, err := ParseDuration(text)
		if err != nil || d.String() != want {
			t.Errorf("%s is %s (%v), want %s", text, d, err, want)
		}
	}
	for _, text := range []string{"", "5", "-1h", "-1d", "1w", "99999999d"} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken for %s", text, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example().Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err == nil && string(p.Bytes()) != string(data) {
			t.Error("a plan is read that is not in the one spelling")
		}
		if err == nil {
			_ = p.Text()
		}
	})
}
