// Package collectors is the table of back ends. A back end is one folder and one line in this file.
//
// What makes a good collector: it makes only calls that read, never one that returns a secret value; it lists every call in
// its table, with the facts the call answers and the permission it needs; it yields a Gap for a listing that was refused and
// an Unknown for a fact that was, never an empty answer; it keeps to its budget; it stops when its context does; and it
// judges nothing. The suite in package collectortest checks all of that.
package collectors

import (
	"context"
	"log/slog"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Config names the back ends to read; the keys of `sources:` in keyreeve.yaml.
type Config struct {
	AWS   []aws.Config   `yaml:"aws"`
	Vault []vault.Config `yaml:"vault"`
	// Ledger is that of keyreeve-rotate: at most one, which stands as ledger in the section rotation.
	Ledger []ledger.Config `yaml:"-"`
}

// Options are the circumstances of a run.
type Options struct {
	Logger  *slog.Logger
	Env     func(string) string // looks up an environment variable
	Now     func() time.Time
	Version string // of keyreeve, for the user agent
}

// A Backend is one kind of back end.
type Backend struct {
	Name  string
	About string
	Calls []inventory.Call // every call it may make
	// Open makes the sources of its part of the configuration.
	Open func(context.Context, Config, Options) ([]inventory.Source, error)
	// FromEnvironment makes the configuration that the environment offers and says where it comes from; "" when it offers none.
	FromEnvironment func(Options, *Config) string
	// Permissions prints the least that a reader needs, in the back end's own language.
	Permissions func(Config) string
}

// Backends is the table.
var Backends = []Backend{
	{Name: "aws", About: "AWS KMS, Secrets Manager, IAM and Organizations", Calls: aws.Calls, Open: openAWS, FromEnvironment: envAWS, Permissions: permitAWS},
	{Name: "ledger", About: "the ledger of keyreeve-rotate", Calls: ledger.Calls, Open: openLedger, FromEnvironment: envLedger, Permissions: permitLedger},
	{Name: "vault", About: "HashiCorp Vault", Calls: vault.Calls, Open: openVault, FromEnvironment: envVault, Permissions: permitVault},
}

// Open makes the sources of all configured back ends. An error means that the configuration cannot be used as it is;
// a back end that does not answer is no error here but a gap when it is read.
func Open(ctx context.Context, c Config, o Options) ([]inventory.Source, error) {
	var all []inventory.Source
	for _, b := range Backends {
		sources, err := b.Open(ctx, c, o)
		if err != nil {
			return nil, err // it names the back end itself
		}
		all = append(all, sources...)
	}
	return all, nil
}
