package main

import (
	"context"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/ledger"
)

// forge appends an entry about the rotation that the ledger was last told of, as somebody may who can write the ledger and sign nothing: its
// signature is that of the last run. forge KIND.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	w, err := ledger.Open(context.Background(), ledger.Folder(ts.MkAbs("ledger")), "somebody", s.clock)
	ts.Check(err)
	e := format.Entry{Kind: format.Kind(args[0]), Note: "forged"}
	for _, old := range slices.Backward(w.Log().Entries) {
		if e.Rotation == "" && old.Rotation != "" {
			e.Plan, e.Rotation, e.Resource = old.Plan, old.Rotation, old.Resource
		}
		if e.Signature == nil && old.Kind == format.Begun {
			e.By, e.Signature = old.By, old.Signature
		}
	}
	_, err = w.Append(context.Background(), e)
	ts.Check(err)
	ts.Check(w.Close())
}
