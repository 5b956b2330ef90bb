package secrets

import (
	"fmt"
	"io"
	"os"
)

// maxSettings bounds a file that a repository brings to change what is found in it.
const maxSettings = 4 << 20

// readSettings reads such a file. Whoever proposes a change may write it, so it is neither followed to where a symbolic link leads,
// nor waited for, nor read without end. The error is os.ErrNotExist where there is none.
func readSettings(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is no regular file; put the file itself there, or remove it", name)
	}
	if info.Size() > maxSettings {
		return nil, fmt.Errorf("%q is larger than %d bytes", name, maxSettings)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	return io.ReadAll(io.LimitReader(f, maxSettings))
}
