package secrets

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/logging"
)

// rulesFile holds a repository's own rules and allowlists.
const rulesFile = ".gitleaks.toml"

// translating guards gitleaks' translation of a configuration, which keeps state in globals: viper's default instance,
// its logger, and extendDepth.
var translating sync.Mutex

// extendDepth is gitleaks' count of nested configurations. It is only ever counted up, so the second configuration of a
// process that extends another would be taken for a nested one and lose rules without a word. It is reset before each.
//
//go:linkname extendDepth github.com/zricethezav/gitleaks/v8/config.extendDepth
var extendDepth int

// silent is zerolog's level Disabled. gitleaks logs values at its lower levels.
const silent = 7

var silence = sync.OnceFunc(func() { logging.Logger = logging.Logger.Level(silent) })

var defaultRules = sync.OnceValues(func() (config.Config, error) {
	c, err := translate([]byte(config.DefaultConfig), nil)
	if err != nil {
		return config.Config{}, fmt.Errorf("read the rules of gitleaks: %w", err)
	}
	return c, nil
})

// loadRules returns gitleaks' rules or, where there is a .gitleaks.toml, what that makes of them.
func loadRules(o Options) (rules config.Config, custom bool, err error) {
	silence()
	path := filepath.Join(o.Rules, rulesFile)
	data, err := readSettings(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		rules, err = defaultRules()
	case err != nil:
		return rules, false, fmt.Errorf("read the rules of this repository: %w", err)
	default:
		custom = true
		if rules, err = translate(data, o.extended); err != nil {
			return rules, true, fmt.Errorf("read %q: %w", path, err)
		}
		if len(rules.Rules) == 0 {
			return rules, true, fmt.Errorf("read %q: it leaves no rule, so nothing would ever be found; add [extend] with useDefault = true", path)
		}
	}
	rules.Path = rulesFile // gitleaks skips this file
	return rules, custom, err
}

// extended finds a configuration that the rules extend. gitleaks takes a relative path from the working directory, which is the root
// in its hooks.
func (o *Options) extended(path string) (string, error) {
	if o.Extend == nil {
		if filepath.IsAbs(path) {
			return path, nil
		}
		return filepath.Join(o.Rules, path), nil
	}
	found, err := o.Extend(path)
	if err != nil {
		return "", err
	}
	v := viper.New()
	v.SetConfigFile(found)
	v.SetConfigType("toml")
	if err := v.ReadInConfig(); err != nil {
		return "", inTOML(err)
	}
	if v.GetString("extend.path") != "" { // gitleaks would look for it in the working directory
		return "", fmt.Errorf("extend %q: that extends a third file, which is not found here; put its rules into it", path)
	}
	return found, nil
}

// Notes say what a repository's own rules change about what is found; empty where it has none.
func (s *Scanner) Notes() []string {
	if !s.custom {
		return nil
	}
	builtin, err := defaultRules()
	if err != nil {
		return nil
	}
	kept := 0
	for id := range builtin.Rules {
		if _, ok := s.rules.Rules[id]; ok {
			kept++
		}
	}
	note := fmt.Sprintf("%s decides what is found: %d of %d built-in detectors, %d of its own", rulesFile, kept, len(builtin.Rules), len(s.rules.Rules)-kept)
	if more := len(s.rules.Allowlists) - len(builtin.Allowlists); more > 0 {
		note += fmt.Sprintf(", and %d lists of what it accepts", more)
	}
	return []string{note}
}

// translate turns a configuration in TOML into rules. gitleaks panics on a bad regular expression; that becomes an error.
func translate(data []byte, find func(path string) (string, error)) (rules config.Config, err error) {
	translating.Lock()
	defer translating.Unlock()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r) // "regexp: Compile(...): ..."
		}
	}()
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		return rules, inTOML(err)
	}
	var c config.ViperConfig
	if err := v.Unmarshal(&c); err != nil {
		return rules, err
	}
	if c.Extend.Path != "" {
		if c.Extend.Path, err = find(c.Extend.Path); err != nil {
			return rules, err
		}
	}
	extendDepth = 0
	rules, err = c.Translate()
	for id, r := range rules.Rules {
		// gitleaks appends to a rule's tags from several goroutines; without spare capacity each append copies.
		r.Tags = slices.Clip(r.Tags)
		rules.Rules[id] = r
	}
	return rules, err
}

// inTOML drops viper's words from a syntax error and adds the line.
func inTOML(err error) error {
	text := strings.TrimPrefix(err.Error(), "While parsing config: ")
	var at interface{ Position() (row, column int) }
	if errors.As(err, &at) {
		row, _ := at.Position()
		return fmt.Errorf("line %d: %s", row, text)
	}
	return errors.New(text)
}
