package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// decision is a test: a request, and what it expects.
type decision struct {
	line    int
	request map[string]any
}

// testsIn reads the tests of a file.
func testsIn(path string, data []byte) ([]decision, error) {
	wrong := func(line int, format string, args ...any) ([]decision, error) {
		return nil, &strictyaml.Error{File: path, Line: line, Text: fmt.Sprintf(format, args...)}
	}
	docs, err := yamlnode.Documents(data)
	if broken := (*yamlnode.Error)(nil); errors.As(err, &broken) {
		return wrong(broken.Line, "%s", broken.Text)
	}
	switch {
	case err != nil:
		return wrong(0, "%v", err)
	case len(docs) > 1:
		return wrong(docs[1].Line, "holds more than one YAML document; keep one")
	case len(docs) == 0 || docs[0].Kind == yamlnode.Null || docs[0].Kind == yamlnode.List && len(docs[0].Items) == 0:
		return wrong(0, "it holds no test; it has to be a list of requests, as keyreeve decide --help shows one")
	case docs[0].Kind != yamlnode.List:
		return wrong(docs[0].Line, `it has to be a list of requests, each behind a "-", as keyreeve decide --help shows one`)
	}
	var tests []decision
	for _, n := range docs[0].Items {
		request, ok := plain(n).(map[string]any)
		if !ok {
			return wrong(n.Line, "a test has to be a request with what it expects")
		}
		tests = append(tests, decision{n.Line, request})
	}
	return tests, nil
}

// plain is a value as JSON has it.
func plain(n *yamlnode.Node) any {
	switch n.Kind {
	case yamlnode.Null:
		return nil
	case yamlnode.Map:
		out := map[string]any{}
		n.Each(func(key string, _, v *yamlnode.Node) { out[key] = plain(v) })
		return out
	case yamlnode.List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, plain(item))
		}
		return out
	case yamlnode.Bool:
		is, _ := n.Bool()
		return is
	case yamlnode.Int, yamlnode.Float:
		if json.Valid([]byte(n.Text)) {
			return json.Number(n.Text)
		}
	}
	return n.Text
}

// withFiles replaces strings "file:PATH" by what the files hold.
func withFiles(v any, folder string) (any, error) {
	var err error
	switch v := v.(type) {
	case string:
		path, is := strings.CutPrefix(v, "file:")
		if !is {
			return v, nil
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		data, err := os.ReadFile(path)
		return string(data), err
	case []any:
		for i := range v {
			if v[i], err = withFiles(v[i], folder); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = withFiles(v[k], folder); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
