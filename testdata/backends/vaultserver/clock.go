package vaultserver

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// clockEnv is the variable that shifts the wall clock of a server built with the overlay: whole seconds, negative for the past.
const clockEnv = "VAULT_TEST_CLOCK_OFFSET"

// The edit that overlay makes to time.Now of the installed Go, and the file that it adds to package time. Only the wall clock moves:
// timers and time.Since keep the monotonic clock, so a shifted server runs as any other. Intercepting libc does not work,
// because Go reads the clock without it, and time namespaces do not shift the wall clock at all.
const (
	nowFunc  = "\nfunc Now() Time {\n"
	readWall = "\tsec, nsec, mono := runtimeNow()\n"
	shift    = "\tsec += wallOffset\n"

	wallOffsetFile = `package time

import "syscall"

// wallOffset is read once, from ` + clockEnv + `.
var wallOffset = readWallOffset()

func readWallOffset() (seconds int64) {
	s, set := syscall.Getenv("` + clockEnv + `")
	if !set {
		return 0
	}
	digits, sign := s, int64(1)
	if len(s) > 0 && s[0] == '-' {
		digits, sign = s[1:], -1
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' || len(digits) > 12 {
			panic("` + clockEnv + ` is not a number of seconds: " + s)
		}
		seconds = seconds*10 + int64(digits[i]-'0')
	}
	return sign * seconds
}
`
)

// shiftedNow returns the source of package time's time.go with the wall clock of Now shifted. Its error means that this release of
// Go writes Now in another way.
func shiftedNow(source string) (string, error) {
	before, now, ok := strings.Cut(source, nowFunc)
	if !ok || !strings.HasPrefix(now, readWall) {
		return "", fmt.Errorf("time.Now of this Go does not begin as expected: adapt the clock overlay of package vaultserver")
	}
	return before + nowFunc + readWall + shift + now[len(readWall):], nil
}

// overlay writes into dir what "go build -overlay" needs to shift the clock, made from the Go installed at goroot, and returns the
// file to name there.
func overlay(goroot, dir string) (string, error) {
	original := filepath.Join(goroot, "src", "time", "time.go")
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	shifted, err := shiftedNow(string(source))
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range map[string]string{
		original: shifted,
		filepath.Join(goroot, "src", "time", "wall_offset.go"): wallOffsetFile,
	} {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[path] = file
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, list, 0o600)
}
