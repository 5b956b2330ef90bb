package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// ciphertexts writes lines as a store would be dumped, numbered from 1: ciphertexts FILE N VERSION.
func ciphertexts(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `{"id": %d, "ciphertext": "vault:v%s:%s", "owner": "nobody"}`+"\n", i, args[2], base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "payload %d", i)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// called asserts how often a call has reached the fake Vault since it was started: called N CALL.
func called(ts *testscript.TestScript, neg bool, args []string) {
	if n := sceneOf(ts).vault.Calls()[args[1]]; fmt.Sprint(n) != args[0] {
		ts.Fatalf("%s was called %d times, want %s", args[1], n, args[0])
	}
}
