//go:build unix

package repo

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file and a folder that the user may not read are gaps, and the rest is read. Root may read everything, so a test that
// runs as root gives up that right meanwhile.
func TestWithoutPermission(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) // which is the test's own folder
	write(t, dir, map[string]string{"a": "key " + aws + "\n", "shut/b": "key " + aws + "\n", "c": "key " + aws + "\n"})
	must(t, os.Chmod(filepath.Join(dir, "a"), 0))
	must(t, os.Chmod(filepath.Join(dir, "shut"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "shut"), 0o755) }) // so that the folder can be removed
	s := open(t, Options{Root: dir})
	if os.Geteuid() == 0 {
		const nobody = 65534
		if err := syscall.Seteuid(nobody); err != nil {
			t.Skip(err)
		}
		defer func() { must(t, syscall.Seteuid(0)) }()
	}
	equal(t, findsOf(t, s), []string{
		"aws-access-token c:1",
		`gap: file "a": unreadable open: permission denied`,
		`gap: folder "shut": unreadable open: permission denied`,
	})
}

// A repository of somebody else, which git refuses, is an error that says what to do.
func TestSomebodyElsesRepository(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := repository(t, map[string]string{"a": "a\n"}, true)
	must(t, os.Chown(dir, 12345, 12345))
	must(t, os.Chown(filepath.Join(dir, ".git"), 12345, 12345))
	_, err := Open(Options{Root: dir})
	wantError(t, err, "dubious ownership", "hint: if you trust it: git config --global --add safe.directory")
}

// A named pipe, which would hold up whoever opens it, is not opened.
func TestPipe(t *testing.T) {
	dir := repository(t, map[string]string{"a": "key " + aws + "\n"}, true)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skip(err)
	}
	equal(t, finds(t, Options{Root: dir}), []string{"aws-access-token a:1"})
}
