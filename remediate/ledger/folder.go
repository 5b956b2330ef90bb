package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock" // locks of the operating system, which end with the process; the reason to prefer it to a file that stays

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// folder keeps a ledger in a folder (mode 0700, its files 0600):
//
//	entries/00000001.json   the entries
//	making/                 files on their way to entries; what a crash leaves here is removed by the next writer
//	writer.lock             locked while somebody writes
//	writer                  who that is, for the message to others
type folder struct {
	ledger.Folder
	dir string
}

// Folder is the store of a ledger in a folder of a local file system.
func Folder(dir string) Store { return folder{ledger.Folder(dir), dir} }

// Create writes the file elsewhere, makes it durable, and gives it its name by link(2), which fails if there is such a name.
// So a file under entries is whole, whenever the machine stops.
func (f folder) Create(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	making := filepath.Join(f.dir, "making")
	for _, dir := range []string{f.dir, filepath.Dir(path), making} {
		if err := makeFolder(dir); err != nil {
			return err
		}
	}
	temp, err := write(making, data)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", path, ErrExists)
	} else if err != nil {
		return err
	}
	return settle(filepath.Dir(path))
}

// Lease locks the folder. The lock is the operating system's, so it ends with the process, however that ends.
func (f folder) Lease(ctx context.Context, holder string, _ time.Time) (func() error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(f.dir, "entries")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ledger.ErrNone, f.dir) // rather than make a folder where a path was misspelt
	} else if err != nil {
		return nil, err
	}
	if err := f.private(); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(f.dir, "writer.lock"), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	note := filepath.Join(f.dir, "writer")
	if !locked {
		other, err := os.ReadFile(note)
		if err != nil || len(other) == 0 {
			other = []byte("a process that has not yet said its name")
		}
		return nil, fmt.Errorf("%w by %s", ErrBusy, strings.TrimSpace(string(other)))
	}
	if err := errors.Join(replace(note, []byte(holder+"\n")), f.sweep()); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return lock.Unlock, nil
}

// private returns an error where others may write to the folder, as they could add to the ledger what was never done. Windows keeps such
// rights elsewhere.
func (f folder) private() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, dir := range []string{f.dir, filepath.Join(f.dir, "entries")} {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o022 != 0 {
			return fmt.Errorf("others than its owner may write to %s: look for what they added (ledger show), then chmod go-w %s", dir, dir)
		}
	}
	return nil
}

// replace makes a file anew instead of writing to what has its name, which may be somebody's link to a file elsewhere.
func replace(path string, data []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// sweep removes what writers left that stopped between writing a file and naming it. Only the holder of the lease may.
func (f folder) sweep() error {
	left, err := filepath.Glob(filepath.Join(f.dir, "making", "*.entry"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}

// write makes a durable file of some name in dir.
func write(dir string, data []byte) (name string, err error) {
	file, err := os.CreateTemp(dir, "*.entry") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// makeFolder makes a folder that is not there, and makes that durable.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return settle(filepath.Dir(dir))
}

// settle makes the names in a folder durable. Windows has no such call and does not need it.
func settle(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
