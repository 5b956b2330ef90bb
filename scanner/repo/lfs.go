package repo

import (
	"bytes"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// maxPointer is the size that a pointer of Git LFS stays below, and its first line is pointerBegin: so its specification, version 1.
// The lines that follow are sorted keys, of which oid and size are required.
const (
	maxPointer   = 1024
	pointerBegin = "version https://git-lfs.github.com/spec/v1\n"
)

// isPointer reports whether a file stands for content that Git LFS keeps elsewhere.
func isPointer(data []byte) bool {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return len(data) < maxPointer && bytes.HasPrefix(data, []byte(pointerBegin)) && bytes.Contains(data, []byte("\noid ")) && bytes.Contains(data, []byte("\nsize "))
}

// pointer tells of a file whose content is not here.
func (r *run) pointer(path string) {
	r.gap(r.fileTypes(path), file(path), inventory.NotStated, "it is a pointer of Git LFS, and its content is not here", "git lfs pull")
}
