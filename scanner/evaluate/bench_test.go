package evaluate

import (
	"context"
	"testing"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(Options{Builtin: policies.FS}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJudge judges a synthetic estate by the built-in rules; a resource is one operation. Figures hold for up to 20,000 operations:
// after that resources come again, and every answer is remembered.
func BenchmarkJudge(b *testing.B) {
	e, err := Load(Options{Builtin: policies.FS})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		whole bool
	}{{"known", true}, {"unread", false}} {
		snap := inventorytest.Generate(1, inventorytest.Options{Resources: 20_000, Whole: c.whole})
		estate, err := relate.New(snap, relate.Config{})
		if err != nil {
			b.Fatal(err)
		}
		judgements, unknown := 0, 0
		subject := func(i int) *Subject {
			r := &snap.Resources[i%len(snap.Resources)]
			return NewSubject(r, estate.Labels(r), estate.Edges(r), estate.Series(r), access.Found{}, snap.TakenAt)
		}
		b.Run(c.name+"/subject", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				subject(i)
			}
		})
		b.Run(c.name+"/judge", func(b *testing.B) {
			b.ReportAllocs()
			subjects := make([]*Subject, len(snap.Resources))
			for i := range subjects {
				subjects[i] = subject(i)
			}
			judgements, unknown = 0, 0
			n := 0
			for i := 0; b.Loop(); i++ {
				js, err := e.Judge(context.Background(), subjects[i%len(subjects)])
				if err != nil {
					b.Fatal(err)
				}
				n++
				judgements += len(js)
				for _, j := range js {
					if j.Verdict == finding.Unknown {
						unknown++
					}
				}
			}
			b.ReportMetric(float64(judgements)/float64(n), "rules/op")
			b.ReportMetric(float64(unknown)/float64(n), "unknown/op")
		})
	}
}
