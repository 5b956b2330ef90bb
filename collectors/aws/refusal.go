package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"unicode"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A refusal says why a call was not answered, in the words of the inventory.
type refusal struct {
	call string
	why  inventory.Reason
	hint string // "" where the permission is the hint; see permit
	text string // what AWS said, or what broke
}

// explain finds out why a call failed. Reading a code is enough: what AWS says besides goes into the text.
func explain(call string, err error) *refusal {
	r := &refusal{call: call, why: inventory.Unreachable}
	var api smithy.APIError
	var unverified *tls.CertificateVerificationError
	var unknownAuthority x509.UnknownAuthorityError
	var unresolved *net.DNSError
	status := 0
	if answer := (*smithyhttp.ResponseError)(nil); errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	switch {
	case errors.As(err, &api) && !vague(api.ErrorCode()):
		r.text = oneLine(api.ErrorCode() + ": " + api.ErrorMessage())
		r.why, r.hint = byCode(api.ErrorCode())
	case errors.As(err, &unverified), errors.As(err, &unknownAuthority):
		r.text = "TLS: the server's certificate could not be verified"
		r.hint = "name the CA of the endpoint in ca_file, if the endpoint is the right one"
	case errors.As(err, &unresolved):
		r.text = "no such host: " + unresolved.Name
		r.hint = "check the Region's name, the endpoint and the network"
	case errors.Is(err, errIncomplete):
		r.text, r.hint = oneLine(tail(err, errIncomplete)), "scan again; a proxy in between may cut answers off"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		r.text, r.hint = "no answer in time", "check the endpoint and the network, and scan again"
	case status >= 300:
		r.why, r.hint = byStatus(status)
		r.text = "status " + http.StatusText(status) + ", not in AWS's format"
	case isConnection(err):
		r.text, r.hint = oneLine(innermost(err)), "check the endpoint, the Region and the network"
	default:
		// No request was sent: the chain of credentials found none, or could not renew what it found.
		r.why, r.hint = inventory.Denied, missingCredentials
		r.text = "no credentials: " + oneLine(innermost(err))
	}
	if call == assumeRole && r.why == inventory.Denied {
		r.hint = "let the role's trust policy name who runs keyreeve (with the external ID of external_id_env), and allow that identity sts:AssumeRole on the role"
	}
	return r
}

const missingCredentials = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached"

// codes says what the codes of AWS mean for us. A code that is missing here means that the call failed inside AWS.
var codes = map[string]struct {
	why  inventory.Reason
	hint string
}{
	"AccessDeniedException":         {inventory.Denied, ""},
	"AccessDenied":                  {inventory.Denied, ""},
	"NotAuthorized":                 {inventory.Denied, ""},
	"UnauthorizedOperation":         {inventory.Denied, ""},
	"UnrecognizedClientException":   {inventory.Denied, "check that the Region is enabled in this account and that the access key exists"},
	"InvalidClientTokenId":          {inventory.Denied, "check that the Region is enabled in this account and that the access key exists"},
	"InvalidSignatureException":     {inventory.Denied, "check the secret access key and this machine's clock"},
	"SignatureDoesNotMatch":         {inventory.Denied, "check the secret access key and this machine's clock"},
	"IncompleteSignature":           {inventory.Denied, "check the secret access key"},
	"MissingAuthenticationToken":    {inventory.Denied, missingCredentials},
	"OptInRequired":                 {inventory.Denied, "enable the Region in this account, or leave it out of regions"},
	"ExpiredTokenException":         {inventory.Denied, "the credentials have expired; log in again"},
	"ExpiredToken":                  {inventory.Denied, "the credentials have expired; log in again"},
	"RequestExpired":                {inventory.Denied, "check this machine's clock"},
	"UnsupportedOperationException": {inventory.Unsupported, "the server does not support this call for this key"},
	"UnknownOperationException":     {inventory.Unsupported, "the server does not know this call"},
	"UnknownOperation":              {inventory.Unsupported, "the server does not know this call"},
	"InvalidAction":                 {inventory.Unsupported, "the server does not know this call"},
	"NotImplemented":                {inventory.Unsupported, "the server does not know this call"},
	"NotImplementedException":       {inventory.Unsupported, "the server does not know this call"},
	"NotFoundException":             {inventory.NotRead, "it went away while it was read; scan again"},
	"ResourceNotFoundException":     {inventory.NotRead, "it went away while it was read; scan again"},
	"KMSInvalidStateException":      {inventory.NotRead, "the state of the key does not allow the call"},
	"InvalidRequestException":       {inventory.NotRead, "the state of the secret does not allow the call"},
}

func byCode(code string) (inventory.Reason, string) {
	if c, ok := codes[code]; ok {
		return c.why, c.hint
	}
	if throttling(code) {
		return inventory.Throttled, "lower budget.rps_per_account, or scan when less else calls AWS"
	}
	return inventory.Unreachable, "scan again; if it stays, look the code up in AWS's documentation"
}

// byStatus judges answers that are not in AWS's format: those of proxies, and of emulators for calls that they do not know.
func byStatus(status int) (inventory.Reason, string) {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return inventory.Unreachable, "scan again; what stands in front of the endpoint is in trouble"
	case http.StatusTooManyRequests:
		return inventory.Throttled, "lower budget.rps_per_account"
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return inventory.Denied, "something in front of AWS refuses the call; check the endpoint and the proxy"
	}
	return inventory.Unsupported, "the server does not know this call; check the endpoint"
}

// vague is the code that the SDK gives to an error in which it found none.
func vague(code string) bool { return code == "" || code == "UnknownError" }

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func isConnection(err error) bool {
	var sent *smithyhttp.RequestSendError
	var network *net.OpError
	var decoding *smithy.DeserializationError
	return errors.As(err, &sent) || errors.As(err, &network) || errors.As(err, &decoding)
}

// innermost is the text of the cause of a cause: the SDK wraps an error many times, each time saying less.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// tail is what an error says from its mark on.
func tail(err, mark error) string {
	s := err.Error()
	return s[max(0, strings.LastIndex(s, mark.Error())):]
}

// oneLine keeps a message of others short and printable.
func oneLine(s string) string {
	const longest = 300
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return s
}

// unknown makes the entry for one fact that a call on a key or secret did not answer.
func (r *refusal) unknown(fact, arn string) inventory.Unknown {
	return inventory.Unknown{Fact: fact, Why: r.why, Call: r.call, Hint: r.permit(arn)}
}

// permit is the hint: for a refusal, the smallest permission. KMS asks the key's own policy first, so IAM alone may not be enough.
func (r *refusal) permit(arn string) string {
	switch {
	case r.hint != "":
		return r.hint
	case arn == "":
		return "allow " + r.call
	case strings.HasPrefix(r.call, "kms:"):
		return "allow " + r.call + " on this key, in the key's own policy; IAM can allow it only if that policy leaves it to the account"
	}
	return "allow " + r.call + " on it"
}
