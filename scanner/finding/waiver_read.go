package finding

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// ReadWaivers reads waiver files, and every *.yaml and *.yml that lies in a folder itself. A file that is named twice is read
// once. Errors name the file, the line and what is wrong there.
func ReadWaivers(paths ...string) (*Waivers, error) {
	w := &Waivers{}
	seen := map[string]bool{}
	for _, path := range paths {
		files, err := waiverFiles(path)
		if err != nil {
			return nil, fmt.Errorf("read waivers: %w", err)
		}
		for _, file := range files {
			abs, err := filepath.Abs(file)
			if err != nil {
				return nil, fmt.Errorf("read waivers: %w", err)
			}
			if seen[abs] {
				continue
			}
			seen[abs] = true
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read waivers: %w", err)
			}
			list, err := parseWaivers(file, data)
			if err != nil {
				return nil, err
			}
			for i := range list {
				list[i].place = fmt.Sprintf("%s#%d", shortPath(file, path), i+1)
			}
			w.all = append(w.all, list...)
		}
	}
	return w, nil
}

// waiverFiles lists the files that a path stands for, sorted.
func waiverFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	return files, nil
}

// shortPath is how a waiver's file is called in results: as it was given, but without the folders above it when it was given as an
// absolute path, so that a result does not depend on where a work tree lies.
func shortPath(file, given string) string {
	if !filepath.IsAbs(given) {
		return filepath.ToSlash(filepath.Clean(file))
	}
	rel, err := filepath.Rel(filepath.Dir(given), file)
	if err != nil {
		return filepath.ToSlash(filepath.Clean(file))
	}
	return filepath.ToSlash(rel)
}

// parseWaivers reads the content of one file. Errors are *strictyaml.Error.
func parseWaivers(file string, data []byte) ([]Waiver, error) {
	var list []Waiver
	if err := strictyaml.Decode(file, data, &list); err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			e := &strictyaml.Error{File: file, Text: fmt.Sprintf("waiver %d: %v", i+1, err)}
			if lines := strictyaml.ItemLines(data); i < len(lines) {
				e.Line = lines[i]
			}
			return nil, e
		}
	}
	return list, nil
}

// setEnd works out when the waiver ends.
func (v *Waiver) setEnd() error {
	if v.Until == "" {
		return errors.New("until is missing")
	}
	day, err := time.Parse(time.DateOnly, v.Until)
	if err != nil {
		return fmt.Errorf("until %q is no day such as 2026-12-31", v.Until)
	}
	v.ends = day.AddDate(0, 0, 1)
	return nil
}

// check wants what every waiver has to say, and works out when it ends.
func (v *Waiver) check() error {
	for _, must := range []struct{ name, value string }{{"reason", v.Reason}, {"owner", v.Owner}, {"approver", v.Approver}, {"until", v.Until}} {
		if strings.TrimSpace(must.value) == "" {
			return fmt.Errorf("%s is missing", must.name)
		}
	}
	if err := v.setEnd(); err != nil {
		return err
	}
	switch {
	case v.Gap != nil && (v.Rule != "" || v.Resource != Selector{} || v.At != ""):
		return errors.New("it accepts a gap, so it cannot name a rule or a resource as well; write two")
	case v.Gap != nil && v.Gap.Scope == "":
		return errors.New("gap has no scope")
	case v.Gap == nil && v.Rule == "":
		return errors.New("it names neither a rule nor a gap")
	case v.Gap == nil && v.Resource == Selector{}:
		return errors.New("it names no resource; give id, name, type or scope")
	}
	return nil
}
