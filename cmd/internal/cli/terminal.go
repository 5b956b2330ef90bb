package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Colored decides whether what goes to w is coloured, by the flag --color and the environment.
func Colored(flag string, w io.Writer, env func(string) string) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return Terminal(w) && env("NO_COLOR") == "" && env("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color %q: want auto, always or never", flag)
}

// Terminal reports whether somebody watches w.
func Terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Width is how many columns w has; 0 when it is no terminal.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// Passphrase asks for one on a terminal, where it is not seen.
func Passphrase(terminal *os.File, prompts io.Writer, prompt string) ([]byte, error) {
	fmt.Fprint(prompts, prompt)
	defer fmt.Fprintln(prompts)
	return term.ReadPassword(int(terminal.Fd()))
}
