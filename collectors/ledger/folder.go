package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folder reads a ledger that is a folder: the objects are files in its sub-folder "entries".
type Folder string

// List names the files of "entries". Names that begin with a dot are left out: file managers make such files, and none of
// them can be an entry.
func (f Folder) List(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(filepath.Join(string(f), "entries"))
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(string(f)) // a folder that is there but holds no entries is an empty ledger
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), ".") {
			names = append(names, "entries/"+file.Name())
		}
	}
	return names, nil
}

// Get reads a file, at most MaxEntry+1 bytes of it.
func (f Folder) Get(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := filepath.Join(string(f), filepath.FromSlash(name))
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("%s is not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxEntry+1))
}
