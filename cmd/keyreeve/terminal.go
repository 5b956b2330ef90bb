package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// progress shows on a terminal how far a collection is; elsewhere it is silent.
type progress struct {
	mu              sync.Mutex
	bar             *progressbar.ProgressBar
	scopes, done    int
	resources, gaps int
}

func (a *app) progress(scopes int) *progress {
	p := &progress{scopes: scopes}
	if !a.quiet && a.env("CI") == "" && cli.Terminal(a.stderr) {
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
