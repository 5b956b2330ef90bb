package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// shown is the rule whose finding the demo proposes to explain.
const shown = "rotation/signing-key-overdue"

// conclude shows what was found, and what to try next.
func (d *demo) conclude(ctx context.Context) error {
	result, err := readResult(d.out("scan.json"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(result.Findings, func(f finding.Finding) bool { return f.Rule == shown && f.Verdict == finding.Fail })
	if i < 0 || result.Summary.Pass == 0 {
		return fmt.Errorf("%s holds %d findings and %d passes, and perhaps none of %s; the demo's estate has all of them",
			d.out("scan.json"), len(result.Findings), result.Summary.Pass, shown)
	}
	d.step("What the scan found")
	if err := d.show(ctx, "report", d.out("scan.json"), "--max-lines", "3"); err != nil {
		return err
	}

	keyreeve, rotator := d.relative(d.keyreeve), d.relative(d.rotator)
	d.step("What to try next; all of it works on the files in %s, without the servers", d.out(""))
	for _, try := range [][2]string{
		{"why one finding was made, with the values it hangs on", fmt.Sprintf("explain %s --result %s --snapshot %s -c %s", result.Findings[i].Fingerprint[:8], d.out("scan.json"), d.out("snapshot.ndjson"), d.path("keyreeve.yaml"))},
		{"what a rule is for", "explain " + shown},
		{"what will be overdue in 60 days", fmt.Sprintf("check %s -c %s --as-of +60d", d.out("snapshot.ndjson"), d.path("keyreeve.yaml"))},
		{"who may decrypt with a key, how surely, and by becoming whom", fmt.Sprintf("who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:alias/payments --snapshot %s", d.out("snapshot.ndjson"))},
		{"what a nightly gate would say: only what is new fails", fmt.Sprintf("gate %s --baseline %s", d.out("scan.json"), d.out("scan.json"))},
		{"all findings, in any format", fmt.Sprintf("report %s --max-lines 0 -o text -o sarif=%s", d.out("scan.json"), d.out("again.sarif"))},
	} {
		d.say("%s\n        %s %s", try[0], keyreeve, try[1])
	}
	d.say("what was rotated, and every step of it in the ledger\n        %s status %s -c %s\n        %s ledger show -c %s",
		rotator, d.out("plan.json"), d.path("keyreeve.yaml"), rotator, d.path("keyreeve.yaml"))
	return nil
}

func readResult(path string) (*finding.Result, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return finding.ReadResult(file, path)
}
