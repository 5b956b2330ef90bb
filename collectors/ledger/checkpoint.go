package ledger

import (
	"fmt"
	"strconv"
)

// A checkpoint is a signature over a head. It proves that the signer saw the ledger up to that head, and, kept elsewhere,
// that nothing up to it is missing. In the ledger itself it proves who saw what; whoever can cut off the ledger's end can cut
// off the checkpoint with it.

// Message is what is signed at a checkpoint:
//
//	keyreeve ledger checkpoint 1⏎
//	ledger 9f86d081884c7d659a2feaa0c55ad015⏎
//	entry 42⏎
//	head <SHA-256 of entry 42>⏎
func Message(ledgerID string, seq int, head string) []byte {
	return fmt.Appendf(nil, "keyreeve ledger checkpoint 1\nledger %s\nentry %d\nhead %s\n", ledgerID, seq, head)
}

// Checkpoint is the entry that records a signature over the log's head: the facts "seq" and "head" say which Message was signed.
// The caller adds By and Signature. Read refuses a checkpoint of a head that the ledger never had.
func (l *Log) Checkpoint() Entry {
	return Entry{Kind: Checkpoint, Facts: map[string]string{"seq": strconv.Itoa(len(l.Entries)), "head": l.Head()}}
}

// held reports whether a checkpoint's facts name an entry of the log, prev being the hash of its last.
func (l *Log) held(facts map[string]string, prev string) bool {
	seq, err := strconv.Atoi(facts["seq"])
	n := len(l.Entries)
	switch {
	case err != nil || strconv.Itoa(seq) != facts["seq"] || seq < 1 || seq > n:
		return false
	case seq == n:
		return facts["head"] == prev
	}
	return facts["head"] == l.Entries[seq].Prev
}
