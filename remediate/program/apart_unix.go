//go:build unix

package program

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// apart gives a program a session of its own. Its descendants are killed with it.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// guarded returns an error if somebody other than root and who runs this could exchange a file after it was looked at: if it, a folder above it or a
// link on the way belongs to another user, or anybody may write to it. Members of its group are trusted as its owner is.
func guarded(path string, links int) error {
	for {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		mode, link := info.Mode(), info.Mode()&fs.ModeSymlink != 0
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid != 0 && int(s.Uid) != os.Geteuid() {
			return fmt.Errorf("%s belongs to user %d, who could exchange it; let it belong to root or to who runs this", path, s.Uid)
		}
		if mode.Perm()&0o002 != 0 && mode&fs.ModeSticky == 0 && !link {
			return fmt.Errorf("anybody may change %s; chmod o-w it", path)
		}
		if link {
			if links == 0 {
				return fmt.Errorf("%s: there are too many links", path)
			}
			to, err := os.Readlink(path)
			if err != nil {
				return err
			}
			if !filepath.IsAbs(to) {
				to = filepath.Join(filepath.Dir(path), to)
			}
			if err := guarded(to, links-1); err != nil {
				return err
			}
		}
		if path == filepath.Dir(path) {
			return nil
		}
		path = filepath.Dir(path)
	}
}
