// Package cloudformation reads templates of AWS CloudFormation, in YAML and JSON, as their authors mean them: with intrinsic functions
// and conditions resolved where the template states what goes into them.
//
// The Default of a parameter is what the template states, as the default of a Terraform variable is, although a deployment may give
// another value; a parameter without one has no value. What a stack of the same tree hands to a template goes before it. Pseudo parameters and what other resources will return are known to name
// something, but not what. What a deployment adds (tags of the stack, macros, modules, stack policies) is left to the live account.
package cloudformation

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// Dialect reads templates. They are known by what they hold, not by their names.
var Dialect = declare.Dialect{Name: dialect, Types: types, Wants: wants, Read: read}

const dialect = "cloudformation"

var types = []string{
	"aws.cloudtrail.trail", "aws.ecs.task", "aws.eks.pod_identity", "aws.iam.access_key", "aws.iam.oidc_provider", "aws.iam.policy", "aws.iam.role", "aws.iam.user",
	"aws.kms.key", "aws.kms.policy", "aws.lambda.function", "aws.secretsmanager.policy", "aws.secretsmanager.secret",
}

func wants(file string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json", ".template"}, strings.ToLower(path.Ext(file)))
}

func read(ctx context.Context, t *declare.Tree) declare.Declared {
	var out declare.Declared
	var files []string
	templates := map[string]*template{}
	for _, f := range t.Files {
		if ctx.Err() != nil {
			break
		}
		f.Data = yamlnode.UTF8(f.Data)                // lest the word that is looked for is in UTF-16
		if !bytes.Contains(f.Data, []byte("AWS::")) { // the beginning of every type; most files end here
			continue
		}
		docs, err := yamlnode.Documents(f.Data)
		for _, doc := range docs {
			if !isTemplate(doc) {
				continue
			}
			err = nil // a file is one template; what follows it belongs to nobody
			if strings.EqualFold(path.Ext(f.Path), ".json") {
				err = yamlnode.CheckJSON(f.Data)
			}
			if err == nil {
				files = append(files, f.Path)
				templates[f.Path] = newTemplate(doc)
			}
			break
		}
		if mistake := (*yamlnode.Error)(nil); errors.As(err, &mistake) {
			out.Gaps = append(out.Gaps, t.Unread(types, f.Path, mistake.Line, mistake.Text))
		}
	}
	connect(templates, files)
	var all []*mapping
	for _, file := range files {
		if ctx.Err() != nil {
			break
		}
		m := newMapping(t, file, templates[file])
		m.run()
		out.Resources = append(out.Resources, m.resources()...)
		all = append(all, m)
	}
	for _, m := range all { // last, as what one template asks of another is noted there
		out.Gaps = append(out.Gaps, m.gaps()...)
	}
	return out
}

// isTemplate reports whether a document says that it is a template, by its version or a transform of AWS, or has a resource of AWS.
func isTemplate(doc *yamlnode.Node) bool {
	resources := doc.Get("Resources")
	transforms, _ := doc.Get("Transform").Strings()
	ofAWS := func(name string) bool { return strings.HasPrefix(name, "AWS::") }
	if doc.Get("AWSTemplateFormatVersion") != nil || slices.ContainsFunc(transforms, ofAWS) {
		return resources != nil && resources.Kind == yamlnode.Map
	}
	found := false
	resources.Each(func(_ string, _, r *yamlnode.Node) {
		typ, _ := r.Get("Type").Str()
		found = found || strings.HasPrefix(typ, "AWS::")
	})
	return found
}

// note is a construct that is not resolved, told once a file.
type note struct {
	line  int
	why   string
	hides []string // types of resources
}

func (m *mapping) gaps() []*inventory.Gap {
	slices.SortStableFunc(m.template.notes, func(a, b note) int { return a.line - b.line })
	var out []*inventory.Gap
	told := map[string]bool{}
	for _, n := range m.template.notes {
		if !told[n.why] {
			told[n.why] = true
			out = append(out, m.tree.NotUnderstood(n.hides, m.file, n.line, n.why))
		}
	}
	return out
}
