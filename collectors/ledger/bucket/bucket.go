// Package bucket keeps the objects of a ledger in object storage: it makes them and reads them, and can neither change nor
// remove one. It is the only importer of gocloud.dev, which speaks to S3 and to Azure Blob Storage alike; signing, retries and
// credential chains are those of the vendors' SDKs.
//
// What makes entries unchangeable for others is a setting of the bucket, to be switched on before the first entry:
//
//   - S3: versioning and Object Lock with a default retention in compliance mode, as long as the record has to be kept. A locked
//     version cannot be overwritten or removed by anyone, root included. A delete without version only hides it behind a
//     delete marker: Read then says that the entry is missing, and the version is still there. The writer needs
//     s3:ListBucket, s3:GetObject and s3:PutObject, no delete; a bucket policy that demands s3:if-none-match refuses whoever
//     would put a new version over an entry.
//   - Azure: an immutability policy on the container (time-based retention, locked). Blobs can then be made, but neither
//     overwritten nor deleted until their time is over. The writer needs "Storage Blob Data Contributor" or a role of its own with
//     read and add/action, no delete.
//
// Reading needs s3:ListBucket and s3:GetObject, or "Storage Blob Data Reader".
package bucket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // azblob://CONTAINER
	_ "gocloud.dev/blob/s3blob"    // s3://BUCKET
	"gocloud.dev/gcerrors"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// Bucket is a ledger's bucket, or a part of one. It is safe for concurrent use.
type Bucket struct{ objects *blob.Bucket }

// IsURL reports whether a place is a bucket's URL rather than the path of a folder.
func IsURL(place string) bool { return strings.Contains(place, "://") }

// Open opens a bucket by its URL; nothing is sent yet. Parameters are those of gocloud.dev/blob:
//
//	s3://BUCKET?region=eu-west-1&prefix=ledger/
//	azblob://CONTAINER?storage_account=ACCOUNT&prefix=ledger/
//
// A folder is no bucket here: the library's own bucket of files cannot make an object only if there is none.
func Open(ctx context.Context, place string) (*Bucket, error) {
	u, err := url.Parse(place)
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	if u.Scheme != "s3" && u.Scheme != "azblob" {
		return nil, fmt.Errorf("open the ledger %q: its place is the path of a folder, s3://BUCKET or azblob://CONTAINER", place)
	}
	if prefix := u.Query().Get("prefix"); prefix != "" && !strings.HasSuffix(prefix, "/") {
		return nil, fmt.Errorf("open the ledger %q: its prefix does not end in a slash", place)
	}
	objects, err := blob.OpenBucket(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("open the ledger %q: %w", place, err)
	}
	return New(objects), nil
}

// New makes a Bucket of one that is open.
func New(objects *blob.Bucket) *Bucket { return &Bucket{objects} }

// List names the entries.
func (b *Bucket) List(ctx context.Context) ([]string, error) { return b.Under(ctx, "entries/") }

// Under names the objects whose names begin with prefix, sorted.
func (b *Bucket) Under(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	for list := b.objects.List(&blob.ListOptions{Prefix: prefix}); ; {
		object, err := list.Next(ctx)
		if err == io.EOF {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		names = append(names, object.Key)
	}
}

// Get reads an object, at most MaxEntry+1 bytes of it. Where there is none the error is fs.ErrNotExist.
func (b *Bucket) Get(ctx context.Context, name string) ([]byte, error) {
	r, err := b.objects.NewReader(ctx, name, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, ledger.MaxEntry+1))
	if closed := r.Close(); err == nil {
		err = closed
	}
	return data, err
}

// Create makes an object. Where there is one the error is fs.ErrExist, and the object stays as it is. That is also the error
// when the answer to a request was lost and the SDK asked again: the object that exists is then this one.
func (b *Bucket) Create(ctx context.Context, name string, data []byte) error {
	// Not WriteAll: in v0.47.0 the writer of azureblob panics in Close when what was written to it is refused.
	err := b.objects.Upload(ctx, name, bytes.NewReader(data), &blob.WriterOptions{IfNotExist: true, ContentType: "application/json"})
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return fmt.Errorf("%w: %w", fs.ErrExist, err)
	}
	return err
}
