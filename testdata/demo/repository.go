package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
)

//go:embed repository
var sample embed.FS

// writeRepository makes a git repository with one commit in dir, from the files of the folder "repository".
func writeRepository(ctx context.Context, dir string) error {
	files, err := fs.Sub(sample, "repository")
	if err != nil {
		return err
	}
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		return writeTemplate(to, files, path, nil)
	})
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Add the billing service."},
	} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir = dir
		git.Env = append(bareEnviron(), // and none of the user's hooks, signatures or names
			"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GIT_AUTHOR_NAME=demo", "GIT_AUTHOR_EMAIL=demo@example.test", "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z",
			"GIT_COMMITTER_NAME=demo", "GIT_COMMITTER_EMAIL=demo@example.test", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
		if out, err := git.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// writeTemplate fills in one file of files and writes it. In templates, planted "aws" is a credential of that name.
func writeTemplate(to string, files fs.FS, name string, data any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	t, err := template.New(name).Funcs(template.FuncMap{"planted": planted}).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if err := t.Execute(f, data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
