package cli

import (
	"errors"
	"io/fs"

	"github.com/keyreeve/keyreeve/scanner/config"
)

// Configuration reads the configuration that -c names.
func Configuration(path string) (*config.Config, error) {
	c, err := config.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Hinted(err, `name it with -c FILE; where there is none yet, begin one with "version: 1" and the README's section Configuration`)
	}
	return c, err
}
