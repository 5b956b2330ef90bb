package vaultserver

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

// A Stage is what was written to the estate on one day of the past.
type Stage struct {
	DaysAgo int
	Writes  []Write
}

// A Write is one call of the API. In strings of Data, DataDir stands for the server's data folder.
type Write struct {
	Path string
	Data Data
}

// Data is the body of a call.
type Data = map[string]any

// DataDir is replaced in the data of writes.
const DataDir = "${DATA}"

// margin makes everything a little older than its stage says, so that a clock read in whole seconds right after Fill counts whole days as told.
const margin = time.Hour

// Fill makes the data of a server in dir, which must be empty, by running binary once a stage with its clock at the day of the stage.
// A server started on dir with offset 0 then has a past: keys, secrets and tokens are as old as their stage.
func Fill(ctx context.Context, binary, dir string, stages []Stage) error {
	if !slices.IsSortedFunc(stages, func(a, b Stage) int { return b.DaysAgo - a.DaysAgo }) {
		return fmt.Errorf("the stages are not in the order of time: storage cannot go back")
	}
	dir, err := filepath.Abs(dir) // Vault keeps the paths of audit devices
	if err != nil {
		return err
	}
	for _, stage := range stages {
		if err := fill(ctx, binary, dir, stage); err != nil {
			return fmt.Errorf("fill the Vault server as of %d days ago: %w", stage.DaysAgo, err)
		}
	}
	return nil
}

func fill(ctx context.Context, binary, dir string, stage Stage) (err error) {
	server, err := Start(ctx, binary, dir, -time.Duration(stage.DaysAgo)*24*time.Hour-margin)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := server.Stop(); err == nil {
			err = stopErr
		}
	}()
	client, err := server.Client(server.Token)
	if err != nil {
		return err
	}
	for _, w := range stage.Writes {
		if err := w.do(ctx, client, dir); err != nil {
			return err
		}
	}
	return nil
}

// upgradeWithin bounds the wait for a KV version 2 mount, which refuses calls for a moment after it was made.
const upgradeWithin = 30 * time.Second

func (w Write) do(ctx context.Context, client *api.Client, dir string) error {
	data := expand(w.Data, dir).(Data)
	for deadline := time.Now().Add(upgradeWithin); ; {
		_, err := client.Logical().WriteWithContext(ctx, w.Path, data)
		if err == nil {
			return nil
		}
		if !strings.Contains(err.Error(), "Upgrading from non-versioned to versioned") || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// expand replaces DataDir in every string of v, on copies.
func expand(v any, dir string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, DataDir, filepath.ToSlash(dir))
	case Data:
		v = maps.Clone(v)
		for k := range v {
			v[k] = expand(v[k], dir)
		}
		return v
	}
	return v
}
