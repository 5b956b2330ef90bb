package aws

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// lineOf is the line on which a statement of a document begins, counted from 1, by its Sid or else its index from 0; 0 when the document has
// one line, or no such statement. Of several with one Sid it is the first.
func lineOf(text []byte, statement string) int {
	text = bytes.TrimRight(text, " \t\r\n")
	if !bytes.ContainsRune(text, '\n') {
		return 0
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return 0
	}
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return 0
		}
		if name == "Statement" {
			if at := offsetOf(value, statement); at >= 0 {
				return 1 + bytes.Count(text[:int(dec.InputOffset())-len(value)+at], []byte("\n"))
			}
			return 0
		}
	}
	return 0
}

// offsetOf is where in the value of "Statement", which is one or a list, a statement begins; -1 when it is not there.
func offsetOf(value json.RawMessage, statement string) int {
	if value[0] != '[' {
		if called(value, 0) == statement {
			return 0
		}
		return -1
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	if _, err := dec.Token(); err != nil {
		return -1
	}
	for i := 0; dec.More(); i++ {
		var one json.RawMessage
		if dec.Decode(&one) != nil {
			return -1
		}
		if called(one, i) == statement {
			return int(dec.InputOffset()) - len(one)
		}
	}
	return -1
}

// called is what answers call a statement.
func called(statement json.RawMessage, index int) string {
	var s struct{ Sid string }
	if json.Unmarshal(statement, &s) == nil && s.Sid != "" {
		return s.Sid
	}
	return strconv.Itoa(index)
}
