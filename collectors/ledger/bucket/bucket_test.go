package bucket

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// server is as much of S3 and of Azure Blob Storage as a ledger needs: objects of one bucket at /bucket/NAME, or, as in an
// emulator of Azure, at /account/bucket/NAME.
type server struct {
	mu      sync.Mutex
	objects map[string][]byte
	page    int // how many names a page of a listing holds
	azure   bool
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/account"), "/bucket"), "/")
	data, there := s.objects[name]
	switch {
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
			body = unchunk(body)
		}
		if there && r.Header.Get("If-None-Match") == "*" {
			s.fail(w, http.StatusPreconditionFailed, "PreconditionFailed", http.StatusConflict, "BlobAlreadyExists")
			return
		}
		s.objects[name] = body
		w.Header().Set("ETag", `"1"`)
		if s.azure {
			w.WriteHeader(http.StatusCreated)
		}
	case name == "":
		s.list(w, r.URL.Query())
	case !there:
		s.fail(w, http.StatusNotFound, "NoSuchKey", http.StatusNotFound, "BlobNotFound")
	default:
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Write(data)
	}
}

func (s *server) fail(w http.ResponseWriter, s3Status int, s3Code string, azureStatus int, azureCode string) {
	status, code := s3Status, s3Code
	if s.azure {
		status, code = azureStatus, azureCode
		w.Header().Set("x-ms-error-code", code)
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}

func (s *server) list(w http.ResponseWriter, q url.Values) {
	after := q.Get("continuation-token") + q.Get("marker")
	var names []string
	for name := range s.objects {
		if strings.HasPrefix(name, q.Get("prefix")) && name > after {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	next := ""
	if len(names) > s.page {
		names = names[:s.page]
		next = names[len(names)-1]
	}
	var b bytes.Buffer
	for _, name := range names {
		format := `<Contents><Key>%s</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"1"</ETag><Size>1</Size></Contents>`
		if s.azure {
			format = `<Blob><Name>%s</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>1</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>`
		}
		fmt.Fprintf(&b, format, name)
	}
	w.Header().Set("Content-Type", "application/xml")
	if s.azure {
		fmt.Fprintf(w, `%s<EnumerationResults ServiceEndpoint="x" ContainerName="bucket"><Blobs>%s</Blobs><NextMarker>%s</NextMarker></EnumerationResults>`, xml.Header, b.String(), next)
		return
	}
	fmt.Fprintf(w, `%s<ListBucketResult><Name>bucket</Name><IsTruncated>%t</IsTruncated><NextContinuationToken>%s</NextContinuationToken>%s</ListBucketResult>`, xml.Header, next != "", next, b.String())
}

// unchunk takes the one chunk out of a body in AWS's chunked encoding: SIZE[;...]CRLF DATA CRLF 0 CRLF trailer.
func unchunk(body []byte) []byte {
	head, rest, _ := bytes.Cut(body, []byte("\r\n"))
	size, _, _ := bytes.Cut(head, []byte(";"))
	var n int
	fmt.Sscanf(string(size), "%x", &n)
	return rest[:n]
}

// start starts a server and opens its bucket as a user does, by URL and environment.
func start(t *testing.T, azure bool) (*Bucket, *server) {
	t.Helper()
	s := &server{objects: map[string][]byte{}, page: 2, azure: azure}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	host := strings.TrimPrefix(h.URL, "http://")
	place := "s3://bucket?region=eu-west-1&use_path_style=true&prefix=ledger/&endpoint=" + url.QueryEscape(h.URL)
	if azure {
		place = "azblob://bucket?prefix=ledger/&protocol=http&storage_account=account&localemu=true&domain=" + url.QueryEscape(host)
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "no secret", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AZURE_STORAGE_ACCOUNT": "account", "AZURE_STORAGE_KEY": "bm8gc2VjcmV0", "HTTP_PROXY": "", "http_proxy": "",
	} {
		t.Setenv(name, value)
	}
	b, err := Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	return b, s
}

// TestBucket: over the wire of each service, an object is made once, read as it was made, and listed, page after page.
func TestBucket(t *testing.T) {
	for name, azure := range map[string]bool{"s3": false, "azblob": true} {
		t.Run(name, func(t *testing.T) {
			b, s := start(t, azure)
			if names, err := b.List(t.Context()); err != nil || len(names) != 0 {
				t.Errorf("an empty bucket: %v, %v", names, err)
			}
			var want []string
			for i := range 5 {
				want = append(want, ledger.Name(i+1))
				if err := b.Create(t.Context(), ledger.Name(i+1), fmt.Appendf(nil, "entry %d", i+1)); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Create(t.Context(), "leases/00000001.json", []byte("{}")); err != nil {
				t.Fatal(err)
			}
			if err := b.Create(t.Context(), ledger.Name(3), []byte("another")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("made again: %v", err)
			}
			if names, err := b.List(t.Context()); err != nil || !slices.Equal(names, want) {
				t.Errorf("listed %v, %v; want %v", names, err, want)
			}
			if data, err := b.Get(t.Context(), ledger.Name(3)); err != nil || string(data) != "entry 3" {
				t.Errorf("read %q, %v", data, err)
			}
			if _, err := b.Get(t.Context(), ledger.Name(6)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("read what is not there: %v", err)
			}
			for name := range s.objects {
				if !strings.Contains(name, "ledger/") {
					t.Errorf("made %q, outside of the prefix", name)
				}
				s.objects[name] = nil
				if strings.HasSuffix(name, "2.json") {
					s.objects[name] = bytes.Repeat([]byte("x"), 3*ledger.MaxEntry)
				}
			}
			if data, err := b.Get(t.Context(), ledger.Name(1)); err != nil || len(data) != 0 {
				t.Errorf("read %q, %v of an empty object", data, err)
			}
			if data, err := b.Get(t.Context(), ledger.Name(2)); err != nil || len(data) != ledger.MaxEntry+1 {
				t.Errorf("read %d bytes, %v of a large object", len(data), err)
			}
		})
	}
}

// TestOneCreates: of those who make one object at once, exactly one does.
func TestOneCreates(t *testing.T) {
	for name, azure := range map[string]bool{"s3": false, "azblob": true} {
		t.Run(name, func(t *testing.T) {
			b, s := start(t, azure)
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { errs[i] = b.Create(t.Context(), ledger.Name(1), fmt.Append(nil, i)) })
			}
			wg.Wait()
			won := slices.IndexFunc(errs, func(err error) bool { return err == nil })
			for i, err := range errs {
				if i != won && !errors.Is(err, fs.ErrExist) {
					t.Errorf("%d: %v", i, err)
				}
			}
			if data, err := b.Get(t.Context(), ledger.Name(1)); err != nil || string(data) != fmt.Sprint(won) {
				t.Errorf("%d was told it won; the object is %q (%v), of %d", won, data, err, len(s.objects))
			}
		})
	}
}

// TestPlaces: what is no place of a ledger is refused with what is one.
func TestPlaces(t *testing.T) {
	for place, want := range map[string]string{
		"file:///var/ledger":       "the path of a folder, s3://BUCKET or azblob://CONTAINER",
		"gs://bucket":              "the path of a folder, s3://BUCKET or azblob://CONTAINER",
		"s3://bucket?prefix=a":     "does not end in a slash",
		"s3://bucket?colour=green": "colour",
	} {
		if _, err := Open(t.Context(), place); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", place, err, want)
		}
	}
}
