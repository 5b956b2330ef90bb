package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzCutAnswersAreRefused holds that no proper beginning of an answer passes for an answer.
func FuzzCutAnswersAreRefused(f *testing.F) {
	f.Add("GetKeyRotationStatus", `{"KeyRotationEnabled":true,"RotationPeriodInDays":365}`, 10)
	f.Add("ListResourceTags", `{"Tags":[],"Truncated":false}`, 0)
	f.Add("DescribeKey", `{"KeyMetadata":{"KeyId":"k"}}`, 28)
	f.Fuzz(func(t *testing.T, operation, body string, cut int) {
		body = strings.TrimSpace(body)
		if !json.Valid([]byte(body)) || len(body) == 0 || cut < 0 {
			t.Skip()
		}
		part := body[:cut%len(body)]
		if err := wholeJSON(operation, []byte(part)); !errors.Is(err, errIncomplete) {
			t.Errorf("%q of %q passes: %v", part, body, err)
		}
	})
}

func TestWholeXML(t *testing.T) {
	const answer = `<R><Account>111122223333</Account></R>`
	if err := wholeXML([]byte(answer)); err != nil {
		t.Error(err)
	}
	for cut := range len(answer) {
		if err := wholeXML([]byte(answer[:cut])); !errors.Is(err, errIncomplete) {
			t.Errorf("%q passes: %v", answer[:cut], err)
		}
	}
}

// TestAnswersAreBounded refuses one that does not end, and reads no more of it than the bound.
func TestAnswersAreBounded(t *testing.T) {
	endless := &countingReader{}
	req := kmsRequest(t.Context(), "ListKeys")
	_, err := whole(req, &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(endless), Request: req})
	if !errors.Is(err, errIncomplete) || endless.n > maxAnswer+1<<20 {
		t.Errorf("read %d bytes: %v", endless.n, err)
	}
}

type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	return len(p), nil
}

func TestThrottlingIsRecognised(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   bool
	}{
		{400, `{"__type":"ThrottlingException"}`, true},
		{400, `{"__type":"com.amazonaws.kms#ThrottlingException"}`, true},
		{400, `<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`, true},
		{429, ``, true},
		{400, `{"__type":"AccessDeniedException"}`, false},
		{503, `<html>`, false},
	} {
		resp := &http.Response{StatusCode: c.status}
		if got := slowDown(resp, []byte(c.body)); got != c.want {
			t.Errorf("%d %s: %t", c.status, c.body, got)
		}
	}
}

// TestAnswersOfAWSAreWhole accepts the answers that AWS keeps beside the SDK's source, and knows all that this package asks for.
func TestAnswersOfAWSAreWhole(t *testing.T) {
	dirs := map[string]string{}
	for _, c := range Calls {
		service, operation, _ := strings.Cut(c.Name, ":")
		if service == "sts" { // which speaks XML
			continue
		}
		if dirs[service] == "" {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+service).Output()
			if err != nil {
				t.Fatal(err)
			}
			dirs[service] = strings.TrimSpace(string(out))
		}
		raw, err := os.ReadFile(filepath.Join(dirs[service], "response_snapshot", operation+".response.snap"))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(raw, []byte("\n\n"))
		if err := wholeJSON(operation, bytes.TrimSpace(body)); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		if err := wholeJSON(operation, []byte(`{}`)); !errors.Is(err, errIncomplete) {
			t.Errorf("%s: an object without members passes", operation)
		}
	}
}
