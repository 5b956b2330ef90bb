package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/helper/namespace"
	"github.com/hashicorp/vault/sdk/physical/file"
	"github.com/hashicorp/vault/vault"
)

// Files in the data folder, all of mode 0600:
//
//	store/       Vault's file storage, encrypted by its barrier
//	unseal-key   the one share of the unseal key, as bytes
//	root-token   the initial root token, as text
const (
	storeDir      = "store"
	unsealKeyFile = "unseal-key"
	rootTokenFile = "root-token"
)

// activeWithin bounds how long an unsealed core may take to become active. It takes well under a second.
const activeWithin = 60 * time.Second

// open returns the unsealed, active core whose data is in dir, initialising an empty folder.
func open(dir string, logger hclog.Logger) (*vault.Core, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	storage, err := file.NewFileBackend(map[string]string{"path": filepath.Join(dir, storeDir)}, logger)
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		Logger:             logger,
		DisableMlock:       true, // nothing here is worth keeping out of swap
		BuiltinRegistry:    registry{},
		CredentialBackends: authMethods,
		LogicalBackends:    secretsEngines,
		AuditBackends:      auditDevices,
	})
	if err != nil {
		return nil, fmt.Errorf("make core: %w", err)
	}
	ctx := namespace.RootContext(context.Background())
	if err := initialise(ctx, core, dir); err != nil {
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(dir, unsealKeyFile))
	if err != nil {
		return nil, err
	}
	if unsealed, err := core.Unseal(key); err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	} else if !unsealed {
		return nil, fmt.Errorf("the key in %s did not unseal the storage", unsealKeyFile)
	}
	return core, active(core)
}

// initialise makes the barrier and the root token of storage that has none, with one unseal share so that a restart needs no person.
func initialise(ctx context.Context, core *vault.Core, dir string) error {
	done, err := core.Initialized(ctx)
	if err != nil || done {
		return err
	}
	made, err := core.Initialize(ctx, &vault.InitParams{
		BarrierConfig: &vault.SealConfig{Type: "shamir", Name: "shamir", SecretShares: 1, SecretThreshold: 1, StoredShares: 1},
	})
	if err != nil {
		return fmt.Errorf("initialise: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, unsealKeyFile), made.SecretShares[0], 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, rootTokenFile), []byte(made.RootToken), 0o600)
}

// active waits until the core answers as the active node: unsealing goes on in the background for a moment.
func active(core *vault.Core) error {
	for deadline := time.Now().Add(activeWithin); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		standby, err := core.Standby()
		if err != nil {
			return err
		}
		if !standby && !core.Sealed() {
			return nil
		}
	}
	return errors.New("the core was unsealed but did not become active")
}
