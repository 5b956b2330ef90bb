package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/report"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// outputs are the reports one run writes: -o FORMAT[=FILE], repeatable.
type outputs struct {
	specs      []string
	suppressed string
	category   string
	anchor     string
	unknowns   bool
	lines      int
	strict     bool // of the verb's threshold

	parsed []output
}

type output struct {
	format, file string // file "" is standard output
}

func (o *outputs) flags(cmd *cobra.Command) {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.specs, "output", "o", []string{"text"}, "write a report: FORMAT or FORMAT=FILE; repeatable; formats: "+strings.Join(names, ", "))
	f.StringVar(&o.suppressed, "suppressed", "omit", "waived findings in SARIF: omit or include")
	f.StringVar(&o.category, "sarif-category", "", "category of the SARIF run, so that uploads of different scans stay apart")
	f.StringVar(&o.anchor, "sarif-anchor", "", "a file of the repository to which SARIF ties findings that have no file")
	f.BoolVar(&o.unknowns, "sarif-unknowns", false, "list unknown verdicts in SARIF as results of kind open, besides the notifications")
	f.IntVar(&o.lines, "max-lines", 10, "findings that the text report shows of each rule and cause; 0 shows all")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoSpace))
}

// parse checks the flags before any work is done.
func (o *outputs) parse() error {
	if o.suppressed != "omit" && o.suppressed != "include" {
		return fmt.Errorf("--suppressed %q: want omit or include", o.suppressed)
	}
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	toStdout := ""
	files := map[string]bool{}
	for _, spec := range o.specs {
		format, file, named := strings.Cut(spec, "=")
		if !slices.Contains(names, format) {
			return cli.Hinted(fmt.Errorf("-o %s: %s", spec, strictyaml.Unknown("format", format, names)), "formats are %s", strings.Join(names, ", "))
		}
		if named && file == "" {
			return fmt.Errorf("-o %s: a file name is missing after =", spec)
		}
		if file == "-" {
			file = ""
		}
		if file == "" {
			if toStdout != "" {
				return cli.Hinted(fmt.Errorf("-o %s and -o %s both write to standard output", toStdout, format), "give one of them a file: -o %s=FILE", format)
			}
			toStdout = format
		} else if files[file] {
			return fmt.Errorf("-o %s: two reports would be written to %q", spec, file)
		}
		files[file] = true
		o.parsed = append(o.parsed, output{format, file})
	}
	return nil
}

// write writes all reports; files first and whole, standard output last.
func (a *app) write(r *finding.Result, o *outputs) error {
	var errs []error
	for _, out := range o.parsed {
		if out.file != "" {
			errs = append(errs, report.WriteFile(out.file, func(w io.Writer) error { return report.Write(w, out.format, r, a.reportOptions(o, nil)) }))
		}
	}
	for _, out := range o.parsed {
		if out.file == "" {
			errs = append(errs, report.Write(a.stdout, out.format, r, a.reportOptions(o, a.stdout)))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	a.tellGaps(r, o)
	return nil
}

// tellGaps says on standard error that something was not read, where all reports go to files.
func (a *app) tellGaps(r *finding.Result, o *outputs) {
	if a.quiet || r.ReadingThatCounts() == finding.Whole || slices.ContainsFunc(o.parsed, func(out output) bool { return out.file == "" }) {
		return
	}
	var gaps []finding.Gap
	for _, g := range r.Gaps {
		if g.Incomplete() && g.Accepted == nil {
			gaps = append(gaps, g)
		}
	}
	switch len(gaps) {
	case 0:
		fmt.Fprintln(a.stderr, "keyreeve: facts were not read on which verdicts hang")
	case 1:
		fmt.Fprintf(a.stderr, "keyreeve: %v\n", &gaps[0].Gap)
	default:
		fmt.Fprintf(a.stderr, "keyreeve: %v; and %d more\n", &gaps[0].Gap, len(gaps)-1)
	}
	for _, out := range o.parsed {
		if out.format == "json" {
			fmt.Fprintf(a.stderr, "hint: keyreeve report %s shows what is missing, and the next step\n", out.file)
			return
		}
	}
	fmt.Fprintln(a.stderr, "hint: add -o text to see what is missing, and the next step")
}

func (a *app) reportOptions(o *outputs, w io.Writer) report.Options {
	opts := report.Options{Suppressed: o.suppressed, Category: o.category, Anchor: o.anchor, MaxLines: o.lines, Unknowns: o.unknowns, Strict: o.strict}
	if w != nil {
		opts.Color, _ = cli.Colored(a.color, w, a.env) // checked when the verb began
		opts.Width = cli.Width(w)
	}
	return opts
}
