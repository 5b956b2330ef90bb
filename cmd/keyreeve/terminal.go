package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// colored decides whether what goes to w is coloured.
func (a *app) colored(w io.Writer) (bool, error) {
	switch a.color {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return terminal(w) && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color %q: want auto, always or never", a.color)
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is how many columns w has; 0 when it is no terminal.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// progress shows on a terminal how far a collection is; elsewhere it is silent.
type progress struct {
	mu              sync.Mutex
	bar             *progressbar.ProgressBar
	scopes, done    int
	resources, gaps int
}

func (a *app) progress(scopes int) *progress {
	p := &progress{scopes: scopes}
	if !a.quiet && a.env("CI") == "" && terminal(a.stderr) {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSpinnerType(14),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true))
	}
	return p
}

func (p *progress) Resource(inventory.Scope) { p.step(func() { p.resources++ }) }
func (p *progress) Gap(inventory.Scope)      { p.step(func() { p.gaps++ }) }
func (p *progress) Done(inventory.Scope)     { p.step(func() { p.done++ }) }

func (p *progress) step(count func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count()
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("reading: %d of %d scopes, %d resources, %d gaps", p.done, p.scopes, p.resources, p.gaps))
		_ = p.bar.Add(1) // a spinner that cannot be drawn is no reason to stop
	}
}

// finish takes the spinner away.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
