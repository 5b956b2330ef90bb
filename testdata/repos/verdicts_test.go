package repos

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/cloudformation"
	"github.com/keyreeve/keyreeve/scanner/repo/containers"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/kubernetes"
	"github.com/keyreeve/keyreeve/scanner/repo/terraform"
	"github.com/keyreeve/keyreeve/scanner/repo/vaulthcl"
	"github.com/keyreeve/keyreeve/scanner/repo/workflows"
)

var dialects = []*declare.Dialect{
	&cloudformation.Dialect, &containers.Dialect, &kubernetes.Dialect, &terraform.Dialect, &vaulthcl.Dialect, &workflows.Dialect,
}

// impossible are the verdicts that a rule cannot give on what a dialect declares, and why; "*" stands for any dialect, and for all
// three verdicts.
var impossible = map[string]string{
	"* rotation/nonprod-not-exercised *":  noAge,
	"* rotation/overlap-too-long *":       noAge,
	"* rotation/rotation-never-proven *":  noAge,
	"* rotation/rotation-stuck *":         noAge,
	"* rotation/signing-key-overdue *":    noAge,
	"* rotation/encryption-key-overdue *": noAge,
	"* rotation/secret-overdue *":         noAge,
	"* rotation/grossly-overdue *":        noAge,
	"* rotation/rewrap-undeclared *":      noAge,
	"* estate/unclassified *":             "the rule leaves out what is declared",

	"* duties/can-grant-itself *":           noAccess,
	"* lifecycle/nobody-can-administer *":   noAccess,
	"* privilege/boundary-bypassed *":       noAccess,
	"* privilege/usable-by-whole-account *": noAccess,

	"cloudformation lifecycle/weak-key fail": "no key of AWS KMS is weaker than RSA_2048 and ECC_NIST_P256",

	"* privilege/dangling-principal pass": "what code names may be made later",

	"kubernetes rotation/automatic-rotation-off *":   noRotation,
	"kubernetes rotation/rotation-period-too-long *": noRotation,
}

const (
	noAge      = "a file tells no age"
	noAccess   = "no file tells who may do what as a whole"
	noRotation = "Kubernetes rotates no Secret"
)

// TestEveryVerdictHasACase holds that each rule which is about something that a dialect declares fails, passes and cannot tell in the files
// of that dialect, unless it is impossible. A verdict that is said to be impossible and has a case is an error.
func TestEveryVerdictHasACase(t *testing.T) {
	engine, err := evaluate.Load(evaluate.Options{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && !slices.ContainsFunc(dialects, func(d *declare.Dialect) bool { return d.Name == folder.Name() }) {
			t.Errorf("the folder %q is that of no dialect", folder.Name())
		}
	}
	used := map[string]bool{}
	for _, d := range dialects {
		wanted := map[string]bool{}
		for _, w := range wants(t, d.Name) {
			wanted[w.rule+" "+string(w.verdict)] = true
		}
		var missing []string
		for _, rule := range engine.Rules() {
			about := slices.ContainsFunc(d.Types, func(typ string) bool {
				info, _ := inventory.TypeOf(typ)
				return rule.Matches(typ, info.Kind)
			})
			if !about {
				continue
			}
			var lacks []string
			for _, verdict := range []string{"fail", "pass", "unknown"} {
				excused := ""
				for _, dialect := range []string{d.Name, "*"} {
					for _, v := range []string{verdict, "*"} {
						if key := fmt.Sprintf("%s %s %s", dialect, rule.ID, v); impossible[key] != "" {
							excused = key
							used[key] = true
						}
					}
				}
				switch has := wanted[rule.ID+" "+verdict]; {
				case has && excused != "":
					t.Errorf("%s: %s has a case with the verdict %s, which is said to be impossible", d.Name, rule.ID, verdict)
				case !has && excused == "":
					lacks = append(lacks, verdict)
				}
			}
			if len(lacks) > 0 {
				missing = append(missing, fmt.Sprintf("%-45s %s", rule.ID, strings.Join(lacks, ", ")))
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s has no case for these verdicts:\n\t%s", d.Name, strings.Join(missing, "\n\t"))
		}
	}
	for key := range impossible {
		if !used[key] {
			t.Errorf("%q is said to be impossible, yet no such rule is about that dialect", key)
		}
	}
}
