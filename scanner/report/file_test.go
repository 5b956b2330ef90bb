package report

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestWriteFileReplacesTheWholeFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "scan.sarif")
	for _, text := range []string{"a long first report", "short", ""} {
		if err := WriteFile(file, put(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != text {
			t.Errorf("holds %q (%v), want %q", got, err, text)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	if got := names(t, dir); got != "scan.sarif" {
		t.Errorf("left behind: %s", got)
	}
}

func TestWritePublicFileIsForEverybody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(file, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WritePublicFile(file, put("public")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v (%v), want 0644", info.Mode(), err)
	}
}

func TestWriteFileKeepsTheOldReportWhenTheNewOneFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "scan.json")
	if err := WriteFile(file, put("good")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the context was cancelled")
	err := WriteFile(file, func(w io.Writer) error {
		if err := put(strings.Repeat("partial ", 100_000))(w); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names the file and the cause", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = WriteFile(file, func(io.Writer) error { panic("a bug") })
	}()
	if got, _ := os.ReadFile(file); string(got) != "good" {
		t.Errorf("the old report became %q", got)
	}
	if got := names(t, dir); got != "scan.json" {
		t.Errorf("left behind: %s", got)
	}
}

func TestWriteFileRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	// A link to the device, never the device itself: were the check broken, root would replace it for the whole machine.
	device := filepath.Join(dir, "device")
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{dir: "is a directory", device: "is not a regular file", filepath.Join(dir, "no", "x.json"): "does not exist"} {
		err := WriteFile(path, put("x"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if err := WriteFile(filepath.Join(dir, "no", "x.json"), put("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	if got := names(t, dir); got != "device" {
		t.Errorf("left behind: %s", got)
	}
}

// A link that somebody planted must not make a report overwrite another file.
func TestWriteFileReplacesALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "report")
	if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(link, put("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "precious" {
		t.Errorf("the target became %q", got)
	}
	if got, _ := os.ReadFile(link); string(got) != "new" {
		t.Errorf("the report is %q", got)
	}
}
