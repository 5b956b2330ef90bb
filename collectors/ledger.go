package collectors

import (
	"context"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/collectors/ledger/bucket"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func openLedger(ctx context.Context, c Config, _ Options) ([]inventory.Source, error) {
	var all []inventory.Source
	for _, l := range c.Ledger {
		var from ledger.Reader = ledger.Folder(l.Place)
		if bucket.IsURL(l.Place) {
			b, err := bucket.Open(ctx, l.Place)
			if err != nil {
				return nil, err
			}
			from = b
		}
		all = append(all, ledger.NewSource(from, l.Head))
	}
	return all, nil
}

// envLedger: no environment names a ledger.
func envLedger(Options, *Config) string { return "" }

func permitLedger(Config) string { return ledger.Permissions }
