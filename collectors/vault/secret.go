package vault

import "log/slog"

// A secret is a token or what is exchanged for one. It shows itself to nobody: fmt, slog and JSON all print the same word.
type secret string

const redacted = "(redacted)"

func (secret) String() string               { return redacted }
func (secret) GoString() string             { return redacted }
func (secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
