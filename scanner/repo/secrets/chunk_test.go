package secrets_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// chunks puts together what is looked at of a file.
func chunks(t *testing.T, name string, content []byte) string {
	t.Helper()
	var all strings.Builder
	next := 1
	must(t, secrets.Chunks(t.Context(), name, bytes.NewReader(content), secrets.NewBuffer(), func(f secrets.Fragment) error {
		if f.StartLine == 1 { // the beginning, and the beginning once more of what is decoded
			next = 1
		}
		if f.StartLine != next {
			t.Errorf("a fragment begins at line %d, want %d", f.StartLine, next)
		}
		next += strings.Count(f.Text, "\n")
		all.WriteString(f.Text)
		return nil
	}))
	return all.String()
}

// TestWhatIsText: nothing that a name or the first bytes claim keeps text from being looked at.
func TestWhatIsText(t *testing.T) {
	const text = "a = 1\n\nb = 2\n"
	wide := func(order binary.ByteOrder) []byte {
		var b bytes.Buffer
		must(t, binary.Write(&b, order, utf16.Encode([]rune("\ufeff"+text))))
		return b.Bytes()
	}
	long := strings.Repeat("no empty line for long\n", 20_000)
	for _, c := range []struct {
		name, file string
		content    []byte
		want       string
	}{
		{"text", "a.env", []byte(text), text},
		{"empty", "a.env", nil, ""},
		{"text that begins like a document", "prod.env", []byte("%PDF-1.4\n" + text), "%PDF-1.4\n" + text},
		{"text that begins like an archive", "prod.env", []byte("PK\x03\x04" + text), "PK\x03\x04" + text},
		{"text that is called an archive", "a.zip", []byte(text), text},
		{"UTF-16, low byte first", "a.ps1", wide(binary.LittleEndian), string(wide(binary.LittleEndian)) + text},
		{"UTF-16, high byte first", "a.ps1", wide(binary.BigEndian), string(wide(binary.BigEndian)) + text},
		{"a zero byte", "a.bin", []byte("abc\x00" + text), "abc\x00" + text},
		{"a document", "a.pdf", []byte("%PDF-1.4\n\x00" + text), ""},
		{"many lines that begin like an archive", "long.txt", []byte("PK\x03\x04" + long), "PK\x03\x04" + long},
		{"many lines without an empty one", "long.txt", []byte(long), long},
		{"a zero byte far on", "late.bin", []byte(long + "\x00"), long + "\x00"},
	} {
		if got := chunks(t, c.file, c.content); got != c.want {
			t.Errorf("%s: %d bytes are looked at, want %d", c.name, len(got), len(c.want))
		}
	}
}

// TestSettingsOfARepository: whoever proposes a change must not be able to hold up, or exhaust, who looks at it.
func TestSettingsOfARepository(t *testing.T) {
	for _, name := range []string{".gitleaks.toml", ".gitleaksignore"} {
		for what, put := range map[string]func(path string) error{
			"a link":   func(path string) error { return os.Symlink("/dev/zero", path) },
			"a folder": func(path string) error { return os.Mkdir(path, 0o755) },
			"too long": func(path string) error { return os.WriteFile(path, make([]byte, 5<<20), 0o644) },
		} {
			root := t.TempDir()
			must(t, put(filepath.Join(root, name)))
			if _, err := secrets.Load(secrets.Options{Root: root}); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s as %s: %v", name, what, err)
			}
		}
	}
}
