package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile has write fill the file at path, mode 0600. The file appears whole or not at all: everything goes to a temporary
// file beside it, which is flushed to disk and then renamed, so a run that fails or is killed leaves an earlier file as it was.
//
// A symbolic link is replaced, not followed. A directory, device, pipe or socket is refused.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeFile(path, 0o600, write)
}

// WritePublicFile is WriteFile for what everybody may read, such as public keys: mode 0644.
func WritePublicFile(path string, write func(io.Writer) error) error {
	return writeFile(path, 0o644, write)
}

func writeFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return fmt.Errorf("write %q: it is a directory; name a file in it", path)
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("write %q: it is not a regular file; leave the file name out to write to standard output", path)
		}
	}
	err := replace(path, mode, write)
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Stat(filepath.Dir(path)); missing != nil {
			return fmt.Errorf("write %q: the folder %q does not exist: %w", path, filepath.Dir(path), fs.ErrNotExist)
		}
	}
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	return nil
}

func replace(path string, mode fs.FileMode, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() { // after a failure or a panic; after the renaming there is nothing of that name
		_ = temp.Close()
		_ = os.Remove(temp.Name())
	}()
	buffered := bufio.NewWriterSize(temp, 1<<16)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := temp.Chmod(mode); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
