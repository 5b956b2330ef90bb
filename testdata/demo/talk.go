package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// How often a long step says how far it is: on a terminal on one line, elsewhere a line each.
const (
	tickOnTerminal = time.Second
	tickElsewhere  = 15 * time.Second
)

// talk tells a person what the demo does.
type talk struct {
	out      io.Writer
	terminal bool
}

func newTalk(out *os.File) *talk {
	return &talk{out: out, terminal: term.IsTerminal(int(out.Fd()))}
}

// step begins a part of the demo.
func (t *talk) step(format string, args ...any) { fmt.Fprintf(t.out, "\n==> "+format+"\n", args...) }

// say adds a line to it.
func (t *talk) say(format string, args ...any) { fmt.Fprintf(t.out, "    "+format+"\n", args...) }

// quote shows what a program wrote.
func (t *talk) quote(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(t.out, "    | %s", line)
	}
}

// watch follows a build. It is to be handed every line of the go command, and says how far it is until done is called with the outcome.
func (t *talk) watch() (line func(string), done func(error)) {
	var mu sync.Mutex
	begun, downloaded, compiled := time.Now(), 0, 0
	state := func() string {
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprintf("%s: %d modules downloaded, %d packages compiled", time.Since(begun).Round(time.Second), downloaded, compiled)
	}
	line = func(s string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(s, "go: downloading ") {
			downloaded++
		} else if !strings.Contains(s, " ") {
			compiled++
		}
	}
	every := tickElsewhere
	if t.terminal {
		every = tickOnTerminal
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(every); ; {
			select {
			case <-tick.C:
				t.progress(state())
			case <-end:
				tick.Stop()
				return
			}
		}
	}()
	return line, func(err error) {
		close(end)
		<-ended
		if t.terminal {
			fmt.Fprint(t.out, "\r\x1b[K")
		}
		if err == nil {
			t.say("built in %s", time.Since(begun).Round(100*time.Millisecond))
		}
	}
}

func (t *talk) progress(state string) {
	if t.terminal {
		fmt.Fprintf(t.out, "\r    %s\x1b[K", state)
		return
	}
	t.say("%s", state)
}
