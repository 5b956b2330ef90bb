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
	"DescribeOrganization": {"Organization"},
	"ListRoots":            {"Roots"},
	"ListPolicies":         {"Policies"},
	"DescribePolicy":       {"Policy"},
	"ListTargetsForPolicy": {"Targets"},

	"ListOrganizationalUnitsForParent": {"OrganizationalUnits"},
	"ListAccountsForParent":            {"Accounts"},

	"GetResourcePolicy": {"ARN"}, // a secret without a policy has nothing else

	// The calls of a Connection. Those of KMS that change a key and make none are answered with nothing.
	"CreateKey":                {"KeyMetadata"},
	"CreateGrant":              {"GrantId"},
	"DescribeSecret":           {"ARN"},
	"GetSecretValue":           {"SecretString", "SecretBinary"},
	"PutSecretValue":           {"ARN"},
	"RotateSecret":             {"ARN"},
	"UpdateSecretVersionStage": {"ARN"},
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
	want := members[operation]
	if len(want) == 0 && len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return fmt.Errorf("%w: %w", errIncomplete, err)
	}
	has := func(member string) bool { return len(object[member]) > 0 && string(object[member]) != "null" }
	if len(want) > 0 && !slices.ContainsFunc(want, has) {
		return fmt.Errorf("%w: it has no %s", errIncomplete, strings.Join(want, " or "))
	}
	return nil
}

// elements are the same for answers in XML, of IAM and STS: <ListAccessKeysResponse><ListAccessKeysResult><IsTruncated>. IsTruncated
// is left out by none of them.
var elements = map[string]string{
	"GetCallerIdentity":              "Account",
	"AssumeRole":                     "Credentials",
	"GetAccountAuthorizationDetails": "IsTruncated",
	"GetAccountSummary":              "SummaryMap",
	"ListAccessKeys":                 "IsTruncated",
	"GetAccessKeyLastUsed":           "AccessKeyLastUsed",
	"ListOpenIDConnectProviders":     "OpenIDConnectProviderList",
	"GetOpenIDConnectProvider":       "Url",
	"ListSAMLProviders":              "SAMLProviderList",
	"CreateAccessKey":                "AccessKey",
	"GetUserPolicy":                  "PolicyDocument",
}

// bare are the operations whose answers hold nothing but the ID of the request.
var bare = []string{"UpdateAccessKey", "DeleteAccessKey", "PutUserPolicy", "DeleteUserPolicy"}

func wholeXML(body []byte) error {
	var path []string
	var want string
	has, nothing := false, false
	for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF) && nothing:
			return nil
		case errors.Is(err, io.EOF) && want == "":
			return fmt.Errorf("%w: it is none of AWS's", errIncomplete)
		case errors.Is(err, io.EOF) && !has:
			return fmt.Errorf("%w: it has no %s", errIncomplete, want)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", errIncomplete, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) == 1 {
				name := strings.TrimSuffix(t.Name.Local, "Response")
				want, nothing = elements[name], slices.Contains(bare, name)
			}
			has = has || len(path) == 3 && t.Name.Local == want && path[1] == strings.TrimSuffix(path[0], "Response")+"Result"
		case xml.EndElement:
			path = path[:len(path)-1]
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
