// Package material makes new secret values and hands them over. It uses nothing but memory and pipes: no value gets into arguments, the environment,
// a file, an error or a log.
//
// It does not wipe memory, as Go's runtime may have copied a value, and it knows no back end: where a value is kept is for the rotators.
package material

import "log/slog"

// A Secret is a value that shows itself to nobody: fmt, slog and JSON print "(redacted)". It is kept in a closure, because fmt asks no method of
// a field that is not exported.
type Secret struct{ read func() string }

const redacted = "(redacted)"

// New keeps a value.
func New(value string) Secret { return Secret{func() string { return value }} }

// Reveal returns the value, for the one call that writes it.
func (s Secret) Reveal() string {
	if s.read == nil {
		return ""
	}
	return s.read()
}

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
