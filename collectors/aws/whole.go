package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// maxAnswer bounds one answer, in bytes. A page of a thousand keys takes some 150 kB.
const maxAnswer = 16 << 20

// errIncomplete is an answer of success that does not say what was asked. The SDK decodes an empty body, and an object without
// members, to zero values: "no rotation", "no tags". Here they are no answer.
var errIncomplete = errors.New("the answer is incomplete")

// members names what an answer in JSON holds in any case, by operation; where several are named, one of them.
var members = map[string][]string{
	"ListKeys":             {"Keys", "Truncated"},
	"ListAliases":          {"Aliases", "Truncated"},
	"DescribeKey":          {"KeyMetadata"},
	"GetKeyRotationStatus": {"KeyRotationEnabled"},
	"ListKeyRotations":     {"Rotations", "Truncated"},
	"ListResourceTags":     {"Tags", "Truncated"},
	"GetKeyLastUsage":      {"KeyLastUsage", "TrackingStartDate"},
	"GetKeyPolicy":         {"Policy"},
	"ListGrants":           {"Grants", "Truncated"},
	"ListSecrets":          {"SecretList"},
	"ListSecretVersionIds": {"Versions"},
	"GetResourcePolicy":    {"ARN"}, // a secret without a policy has nothing else
}

// whole reads an answer to its end, puts it back for the SDK to decode, and refuses one of success that is cut off or empty.
// It reports whether the answer asks to slow down.
func whole(req *http.Request, resp *http.Response) (throttled bool, err error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if e := resp.Body.Close(); err == nil {
		err = e
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: %w", errIncomplete, err)
	case len(body) > maxAnswer:
		return false, fmt.Errorf("%w: it is longer than %d bytes", errIncomplete, maxAnswer)
	case resp.StatusCode >= 300:
		return slowDown(resp, body), nil
	case isJSON(req):
		return false, wholeJSON(operation(req), body)
	}
	return false, wholeXML(body)
}

// operation is the name in X-Amz-Target: TrentService.DescribeKey. No two services that are read share one.
func operation(req *http.Request) string {
	_, name, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	return name
}

func isJSON(req *http.Request) bool { return req.Header.Get("X-Amz-Target") != "" }

func wholeJSON(operation string, body []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return fmt.Errorf("%w: %w", errIncomplete, err)
	}
	has := func(member string) bool { return len(object[member]) > 0 && string(object[member]) != "null" }
	if want := members[operation]; len(want) > 0 && !slices.ContainsFunc(want, has) {
		return fmt.Errorf("%w: it has no %s", errIncomplete, strings.Join(want, " or "))
	}
	return nil
}

func wholeXML(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return fmt.Errorf("%w: it is empty", errIncomplete)
	}
	for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", errIncomplete, err)
		}
	}
}

// slowDown looks for throttling in an answer that is an error. KMS throttles with status 400 and a code in JSON, STS in XML.
func slowDown(resp *http.Response, body []byte) bool {
	if resp.StatusCode == http.StatusTooManyRequests {
		return true
	}
	var j struct {
		Type string `json:"__type"`
	}
	var x struct {
		Code string `xml:"Error>Code"`
	}
	if json.Unmarshal(body, &j) != nil && xml.Unmarshal(body, &x) != nil {
		return false
	}
	_, code, found := strings.Cut(j.Type, "#") // some servers put a namespace in front
	if !found {
		code = j.Type
	}
	return throttling(code) || throttling(x.Code)
}

// throttling reports whether an error code asks to slow down.
func throttling(code string) bool {
	_, is := retry.DefaultThrottleErrorCodes[code]
	return is
}
