package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// charts are the folders of Helm charts, each with the first template that was skipped, "" for none.
type charts map[string]string

func chartsOf(files []declare.File) charts {
	out := charts{}
	for _, f := range files {
		if path.Base(f.Path) == "Chart.yaml" {
			out[path.Dir(f.Path)] = ""
		}
	}
	return out
}

// skip reports whether a file is a template of a chart.
func (c charts) skip(file string) bool {
	if len(c) == 0 {
		return false
	}
	for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if path.Base(dir) != "templates" {
			continue
		}
		if first, ok := c[path.Dir(dir)]; ok {
			if first == "" {
				c[path.Dir(dir)] = file
			}
			return true
		}
	}
	return false
}

// tellCharts tells once a chart that its templates were skipped.
func (r *reader) tellCharts() {
	var dirs []string
	for dir, first := range r.charts {
		if first != "" {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		r.notUnderstood(strings.TrimPrefix(path.Join(dir, "Chart.yaml"), "/"), 0, "the templates of this Helm chart are not rendered: render it with helm template and lint the outcome")
	}
}
