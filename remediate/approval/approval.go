// Package approval makes and checks the signatures of people: SSH signatures as ssh-keygen -Y makes and checks them, by the keys
// that a file of allowed signers names. It also checks the identity tokens of CI jobs in protected environments.
//
// It leaves to others what is signed and how many signatures are enough.
package approval

import "time"

// Purpose is the namespace of a signature, one for each purpose, so that no signature can be used for another.
type Purpose string

// The purposes.
const (
	Plan       Purpose = "plan@keyreeve"
	Approve    Purpose = "approve@keyreeve"
	Apply      Purpose = "apply@keyreeve"
	Confirm    Purpose = "confirm@keyreeve"
	Consent    Purpose = "consent@keyreeve"
	Review     Purpose = "review@keyreeve"
	Checkpoint Purpose = "checkpoint@keyreeve"
)

// Kind says how a signature proves who made it.
type Kind string

// The kinds.
const (
	SSH     Kind = "ssh"     // by a key of the file of signers
	OIDC    Kind = "oidc"    // by an identity token of a CI job
	Program Kind = "program" // a program said so when it was asked; what it said proves nothing later
)

// A Signature is what stands in the ledger: who signed, with which key, and the proof. None of it is secret.
type Signature struct {
	Kind      Kind      `json:"kind"`
	Principal string    `json:"principal"`
	Key       string    `json:"key,omitempty"` // fingerprint, "SHA256:..."; of a certificate, that of the key that it certifies
	At        time.Time `json:"at"`            // as who signed says; what counts is when it was written down
	Proof     string    `json:"proof"`
}

// SamePerson says that two signatures may be of one person: the same principal, or the same key under two names.
func (s Signature) SamePerson(o Signature) bool {
	return s.Principal == o.Principal || s.Key != "" && s.Key == o.Key
}
