//go:build !unix

package program

import "os/exec"

func apart(*exec.Cmd) {}

// guarded leaves it to the access control lists that an administrator has set.
func guarded(string, int) error { return nil }
