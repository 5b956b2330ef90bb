package repo

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// diffArgs ask for the changes that are staged, with no line around them, as gitleaks reads them, whatever is configured: a
// colour or a missing prefix makes a patch unreadable.
var diffArgs = []string{
	"diff", "--staged", "--raw", "--patch", "-U0", "--no-abbrev", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv",
	"--src-prefix=a/", "--dst-prefix=b/", "--inter-hunk-context=0", "--diff-algorithm=default", "--ignore-submodules=all",
}

// staged reads what is staged for commit.
//
// It looks at each run of added lines by itself, as gitleaks does. Where that finds something, the whole staged file is
// read, so that the credential gets the ordinal it will have in the tree and hence the same ID. Files that git shows no
// lines of (they hold zero bytes, or .gitattributes calls them binary) are read whole, as in the tree; gitleaks passes
// them over.
func (r *run) staged() (*state, error) {
	byChange := map[*change]*reading{}
	var changes []*change
	talk, err := r.place.git.stream(r.ctx, func(out io.Reader) (err error) {
		changes, err = readPatch(out, func(c *change, first int, text string) error {
			if c.status != 'D' && !r.ignore.match(c.path) {
				if byChange[c] == nil {
					byChange[c] = &reading{path: c.path}
				}
				r.look(byChange[c], secrets.Fragment{Path: c.path, Text: text, StartLine: first})
			}
			return r.ctx.Err()
		})
		return err
	}, diffArgs...)
	if err := r.wait(); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read what is staged: %w", err)
	}
	r.calls["git diff --staged"]++
	r.listen(talk)

	hunks := map[*change][]secrets.Match{}
	whole := map[*change]*reading{}
	for _, c := range changes {
		if c.status == 'U' {
			r.conflict(c.path)
			continue
		}
		r.opened++
		if in := byChange[c]; in != nil {
			hunks[c] = r.matches(in)
		}
		if c.status == 'D' || r.ignore.match(c.path) || !c.binary && !c.large && len(hunks[c]) == 0 || c.binary && r.skips(c.path) {
			continue
		}
		whole[c] = &reading{path: c.path}
		if err := r.blob(whole[c], c.blob); err != nil {
			return nil, errors.Join(err, r.wait())
		}
	}
	if err := r.wait(); err != nil {
		return nil, err
	}
	out, err := r.stagedCode(changes)
	if err != nil {
		return nil, err
	}
	out.comments = r.comments(slices.Collect(maps.Values(whole)))
	for _, c := range changes {
		if whole[c] != nil {
			out.found = append(out.found, pick(c, number(c.path, r.matches(whole[c])), hunks[c])...)
		}
	}
	return out, nil
}

// pick returns those matches of a whole file that are staged: all of a binary one; of others those that were found in a
// hunk and, where a hunk was too large to be looked at by itself, those that touch added lines. What was found in a hunk
// and not in the file, for want of the same lines around it, is appended with ordinals of its own.
func pick(c *change, file []found, hunks []secrets.Match) []found {
	type key struct {
		detector string
		line     int
		group    secrets.Group
	}
	wanted := map[key]int{}
	for _, m := range hunks {
		wanted[key{m.Detector, m.StartLine, m.Group}]++
	}
	var out []found
	last := map[string]int{}
	for _, f := range file {
		last[f.Detector] = f.ordinal
		k := key{f.Detector, f.StartLine, f.Group}
		if wanted[k] > 0 {
			wanted[k]--
		} else if !c.binary && !(c.large && (f.StartLine == 0 || c.adds(f.StartLine, f.EndLine))) {
			continue
		}
		out = append(out, f)
	}
	for _, m := range hunks {
		if k := (key{m.Detector, m.StartLine, m.Group}); wanted[k] > 0 {
			wanted[k]--
			last[m.Detector]++
			out = append(out, found{path: c.path, ordinal: last[m.Detector], Match: m})
		}
	}
	return out
}

// adds reports whether the change adds any of these lines.
func (c *change) adds(first, last int) bool {
	return slices.ContainsFunc(c.added, func(l lines) bool { return first <= l.last && l.first <= last })
}

// blob has the content of a staged file looked at.
func (r *run) blob(into *reading, id string) error {
	r.calls["git cat-file"]++
	_, err := r.place.git.stream(r.ctx, func(out io.Reader) error {
		limit := &io.LimitedReader{R: filled{out}, N: r.maxBytes + 1}
		if err := r.chunks(into, limit); err != nil {
			return err
		}
		if limit.N == 0 {
			r.tooLarge(into.path)
		}
		_, err := io.Copy(io.Discard, out)
		return err
	}, "cat-file", "blob", id)
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if err != nil {
		r.gap(credentials, file(into.path), inventory.Unreadable, err.Error(), "")
	}
	return nil
}

// filled makes each Read of a pipe return as much as that of a file would, on which the cuts between fragments depend.
type filled struct{ io.Reader }

func (f filled) Read(p []byte) (int, error) {
	n, err := io.ReadFull(f.Reader, p)
	if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}
