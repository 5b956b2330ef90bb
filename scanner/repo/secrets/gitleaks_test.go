package secrets_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
	"github.com/zricethezav/gitleaks/v8/sources"
	"pgregory.net/rapid"

	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

// peer is gitleaks, set up as its command does it: the default rules, five layers of decoding.
func peer(t testing.TB, toml string) *detect.Detector {
	t.Helper()
	v := viper.New()
	v.SetConfigType("toml")
	must(t, v.ReadConfig(strings.NewReader(toml)))
	var vc config.ViperConfig
	must(t, v.Unmarshal(&vc))
	secrets.ResetExtendDepth()
	cfg, err := vc.Translate()
	must(t, err)
	cfg.Path = ".gitleaks.toml"
	d := detect.NewDetector(cfg)
	d.MaxDecodeDepth = 5
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is what is compared with gitleaks.
type place struct {
	rule, file                         string
	line, endLine, startCol, endColumn int
}

func of(f report.Finding) place {
	return place{f.RuleID, f.File, f.StartLine, f.EndLine, f.StartColumn, f.EndColumn}
}

func ours(path string, m secrets.Match) place {
	return place{m.Detector, path, m.StartLine, m.EndLine, m.StartColumn, m.EndColumn}
}

func sorted(places []place) []string {
	var out []string
	for _, p := range places {
		out = append(out, fmt.Sprintf("%+v", p))
	}
	slices.Sort(out)
	return out
}

// scan looks at every file below the working directory as the repo source does, and returns what nothing accepts.
func scan(t testing.TB, s *secrets.Scanner) []place {
	t.Helper()
	var places []place
	buffer := secrets.NewBuffer()
	must(t, filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || s.Skips(path) {
			return err
		}
		f, err := os.Open(path)
		must(t, err)
		defer f.Close()
		return secrets.Chunks(t.Context(), path, f, buffer, func(f secrets.Fragment) error {
			matches, err := s.Detect(t.Context(), f)
			for _, m := range matches {
				if m.AllowedBy == "" {
					places = append(places, ours(path, m))
				}
			}
			return err
		})
	}))
	return places
}

// cases are the samples and a few files that are hard on the cuts between fragments.
func cases(t testing.TB) []repositories.Case {
	all, err := repositories.All()
	must(t, err)
	key := func(n int) string { return "key " + repositories.MustPlant("aws", n) + "\n" }
	var dense, sparse, line strings.Builder
	for i := range 6_000 {
		dense.WriteString(key(i))
		sparse.WriteString(key(i) + strings.Repeat("\n", i%4))
		line.WriteString(strings.TrimSpace(key(i)) + " ")
	}
	all = append(all, repositories.Case{Name: "folders", Files: map[string]string{
		".gitleaks.toml":  "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['''^shut$''']\n[[allowlists]]\ncondition = \"AND\"\npaths = ['''^both/''']\nregexes = ['''nothing''']\n",
		"shut/deep/a.txt": key(1), "both/a.txt": key(1), "open/shut/a.txt": key(1),
	}})
	return append(all, repositories.Case{Name: "cuts", Files: map[string]string{
		"dense.txt": dense.String(), "sparse.txt": sparse.String(), "line.txt": line.String(), "crlf.txt": strings.ReplaceAll(sparse.String(), "\n", "\r\n"),
		"exact.txt": strings.Repeat("x", 100_000-len(key(1))) + key(1), "nothing.txt": "", "newline.txt": "\n", "archive.tar.gz": key(1), "image.svg": key(1),
		"node_modules/a/index.js": key(1), "zip.bin2": "PK\x03\x04" + key(1), "gif.txt": "GIF89a" + key(1), "utf16.txt": "\xff\xfea\x00\n\x00" + key(1),
	}})
}

// more is what is found on purpose where gitleaks passes over a file: text that is called an archive, or begins like one.
var more = []string{"archive.tar.gz", "zip.bin2"}

// Of the same files, what nothing accepts is exactly what gitleaks' own directory source and detector find.
func TestSameAsGitleaksDir(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, c.Write(dir))
			t.Chdir(dir)
			s, err := secrets.Load(secrets.Options{Root: dir})
			must(t, err)
			rules := config.DefaultConfig
			if own, ok := c.Files[".gitleaks.toml"]; ok {
				rules = own
			}
			d := peer(t, rules)
			if _, ok := c.Files[".gitleaksignore"]; ok {
				must(t, d.AddGitleaksIgnore(".gitleaksignore"))
			}
			found, err := d.DetectSource(t.Context(), &sources.Files{Config: &d.Config, Path: ".", Sema: d.Sema})
			must(t, err)
			var want []place
			for _, f := range found {
				want = append(want, of(f))
			}
			if len(c.Want) > 0 && len(want) == 0 {
				t.Fatal("gitleaks finds nothing")
			}
			got := slices.DeleteFunc(scan(t, s), func(p place) bool { return slices.Contains(more, p.file) })
			if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
				t.Errorf("-gitleaks +ours:\n%s", diff)
			}
		})
	}
}

// Of any text, made of credentials, encodings, comments that allow and what lies between, what nothing accepts is
// what gitleaks finds; and what a comment accepts is what gitleaks finds only when it ignores comments.
func TestSameAsGitleaksOnAnyText(t *testing.T) {
	s, err := secrets.Load(secrets.Options{Root: t.TempDir()})
	must(t, err)
	strict, lenient := peer(t, config.DefaultConfig), peer(t, config.DefaultConfig)
	lenient.IgnoreGitleaksAllow = true
	pieces := []string{
		"\n", "\n\n", "\r\n", " ", "\t", "a", "é", "\xff", "\x00", "İ", "K", "\"", "=", ": ", "gitleaks:allow", " // gitleaks:allow\n",
		"api_key = ", "password: ", "token=", "%41%4b", `\u0041`, "curl -u user:",
	}
	for _, kind := range []string{"aws", "github", "gitlab", "stripe", "vault", "random", "pem-key"} {
		for n := range 2 {
			value := repositories.MustPlant(kind, n)
			pieces = append(pieces, value, value[:len(value)/2], value+"\n", encode(value), encode(encode("key="+value)))
		}
	}
	paths := []string{"a.txt", "main.tf", "x.yaml", "go.sum", "a.php", "b.p12", "nuget.config", "", "é/\xff"}
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(r, "pieces"), "")
		path := rapid.SampledFrom(paths).Draw(r, "path")
		line := rapid.IntRange(1, 1000).Draw(r, "line")
		matches, err := s.Detect(context.Background(), secrets.Fragment{Path: path, Text: text, StartLine: line})
		if err != nil {
			r.Fatal(err)
		}
		var open, all []place
		for _, m := range matches {
			if m.AllowedBy == "" {
				open = append(open, ours(path, m))
			}
			all = append(all, ours(path, m))
		}
		//lint:ignore SA1019 the Detect of this version takes nothing else
		in := detect.Fragment(sources.Fragment{Raw: text, FilePath: path, StartLine: line})
		var want, wantAll []place
		for _, f := range strict.Detect(in) {
			want = append(want, of(f))
		}
		for _, f := range lenient.Detect(in) {
			wantAll = append(wantAll, of(f))
		}
		if diff := cmp.Diff(sorted(want), sorted(open)); diff != "" {
			r.Fatalf("-gitleaks +ours:\n%s", diff)
		}
		for _, p := range wantAll {
			if !slices.Contains(all, p) {
				r.Fatalf("not even shown as accepted: %+v", p)
			}
		}
		again, err := s.Detect(context.Background(), secrets.Fragment{Path: path, Text: text, StartLine: line})
		if err != nil || !slices.Equal(matches, again) {
			r.Fatalf("two passes over one text differ: %v %v %v", err, matches, again)
		}
	})
}

func encode(s string) string { return repositories.Base64(s) }

// A baseline that gitleaks wrote, with values or redacted, with paths as it was called, accepts what it lists and nothing else.
func TestBaseline(t *testing.T) {
	c, err := repositories.Load("service")
	must(t, err)
	for _, redact := range []uint{0, 20, 100} {
		for _, absolute := range []bool{false, true} {
			t.Run(fmt.Sprintf("redact %d absolute %v", redact, absolute), func(t *testing.T) {
				dir := t.TempDir()
				must(t, c.Write(dir))
				t.Chdir(dir)
				path := "."
				if absolute {
					path = dir
				}
				d := peer(t, config.DefaultConfig)
				d.Redact = redact
				found, err := d.DetectSource(t.Context(), &sources.Files{Config: &d.Config, Path: path, Sema: d.Sema})
				must(t, err)
				baseline := filepath.Join(dir, "leaks.json")
				var out bytes.Buffer
				must(t, (&report.JsonReporter{}).Write(nopCloser{&out}, found))
				must(t, os.WriteFile(baseline, out.Bytes(), 0o600))
				s, err := secrets.Load(secrets.Options{Root: dir, Baseline: baseline})
				must(t, err)
				if left := scan(t, s); len(left) > 0 {
					t.Errorf("not accepted: %+v", left)
				}
				must(t, os.WriteFile("config/staging.env", []byte(strings.Replace(c.Files["config/staging.env"], repositories.MustPlant("aws", 1), repositories.MustPlant("aws", 2), 1)), 0o600))
				if left := scan(t, s); len(left) != 1 || left[0].file != "config/staging.env" {
					t.Errorf("what is new: %+v", left)
				}
			})
		}
	}
}

type nopCloser struct{ *bytes.Buffer }

func (nopCloser) Close() error { return nil }
