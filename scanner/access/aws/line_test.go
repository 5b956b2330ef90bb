package aws

import "testing"

func TestLineOf(t *testing.T) {
	const list = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Sid\": \"A\",\n     \"Effect\": \"Allow\"},\n\n    {\n      \"Effect\": \"Deny\"\n    }, {\"Sid\": \"C\"}\n  ]\n}\n"
	for _, c := range []struct {
		text, statement string
		want            int
	}{
		{list, "A", 4},
		{list, "1", 7},
		{list, "C", 9},
		{list, "0", 0}, // that one has a Sid
		{"\n\n" + list, "A", 6},
		{"{\n\"Statement\":\n{\"Effect\": \"Allow\"}}", "0", 3},
		{`{"Statement": [{"Sid": "A"}]}`, "A", 0},
		{`{"Statement": [{"Sid": "A"}]}` + "\n", "A", 0},
		{"{\n\"Statement\": [", "0", 0},
		{"\"\n", "0", 0},
		{"", "0", 0},
	} {
		if got := lineOf([]byte(c.text), c.statement); got != c.want {
			t.Errorf("%q: statement %q is on line %d; want %d", c.text, c.statement, got, c.want)
		}
	}
}
