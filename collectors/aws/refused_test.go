package aws

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestKeyPolicyThatDeniesDescribeKey leaves the key in the inventory, with nothing known of it but its tags and last use.
func TestKeyPolicyThatDeniesDescribeKey(t *testing.T) {
	fake, region := newFake()
	denied := region.AddKey(awsfake.Key{Deny: []string{"DescribeKey"}, Aliases: []string{"alias/hidden"}})
	region.AddKey(awsfake.Key{})
	got := read(t, fake, Config{})
	if len(got.keys) != 2 || len(got.gaps) != 0 {
		t.Fatalf("got %d keys and gaps %v", len(got.keys), got.gaps)
	}
	for _, r := range got.keys {
		if string(r.ID) != denied {
			if len(r.Unknown) > 0 {
				t.Errorf("the refusal of one key reaches another: %+v", r.Unknown)
			}
			continue
		}
		if r.Name != "alias/hidden" || r.Tags == nil || r.Key.LastUse == nil {
			t.Errorf("what was allowed is missing: %+v", r)
		}
		r.Complete()
		for _, fact := range []string{"key.state", "key.spec", "key.rotated_at", "key.rotation.automatic", "key.deletion_at", "key.expires_at"} {
			u := r.Unread(fact)
			if u == nil || u.Why != inventory.Denied || u.Call != describeKey || !strings.Contains(u.Hint, "kms:DescribeKey") || !strings.Contains(u.Hint, "key's own policy") {
				t.Errorf("%s: %+v", fact, u)
			}
		}
		if known, _ := r.Facts(); known != 2 {
			t.Errorf("%d required facts are known, want 2: tags and last use", known)
		}
	}
}

// TestHistoryThatIsDenied bounds the age by the creation.
func TestHistoryThatIsDenied(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{Created: made, Deny: []string{"ListKeyRotations"}})
	r := read(t, fake, Config{}).only(t)
	u := r.Unread("key.rotated_at")
	if r.Key.RotatedAt != nil || u == nil || u.Why != inventory.Denied || u.After == nil || !u.After.Equal(made) {
		t.Errorf("rotated_at %v, unknown %+v", r.Key.RotatedAt, u)
	}
	if len(r.Unknown) != 1 {
		t.Errorf("unknown: %+v", r.Unknown)
	}
}

// TestAnswersThatDoNotAnswer are never taken for "off", "none" or "never".
func TestAnswersThatDoNotAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		call string
		do   awsfake.Misbehave
		want map[string]inventory.Reason // facts that are unknown; nil: the list of keys is a gap
	}{
		{"an object without members", getKeyRotationStatus, awsfake.Body(`{}`), map[string]inventory.Reason{
			"key.rotation.automatic": inventory.Unreachable, "key.rotation.period_days": inventory.Unreachable, "key.rotation.next_at": inventory.Unreachable,
		}},
		{"null", listResourceTags, awsfake.Body(`{"Tags":null}`), map[string]inventory.Reason{"tags": inventory.Unreachable, "key.rewrap": inventory.Unreachable}},
		{"a list that goes on nowhere", listResourceTags, awsfake.Body(`{"Tags":[],"Truncated":true}`), map[string]inventory.Reason{"tags": inventory.Unreachable, "key.rewrap": inventory.Unreachable}},
		{"rotation on without a period", getKeyRotationStatus, awsfake.Body(`{"KeyRotationEnabled":true}`), map[string]inventory.Reason{
			"key.rotation.period_days": inventory.NotRead, "key.rotation.next_at": inventory.NotRead,
		}},
		{"an emulator's page for an unknown call", getKeyLastUsage, awsfake.Markup(http.StatusNotFound), map[string]inventory.Reason{"key.last_use": inventory.Unsupported}},
		{"a call that the server does not know", getKeyLastUsage, awsfake.Refuse(http.StatusBadRequest, "UnknownOperationException", ""), map[string]inventory.Reason{"key.last_use": inventory.Unsupported}},
		{
			"a state of tomorrow", describeKey, awsfake.Body(`{"KeyMetadata":{"KeyId":"k","KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC","KeyManager":"CUSTOMER","KeyState":"Dreaming","Origin":"AWS_KMS","MultiRegion":false,"CreationDate":1700000000}}`),
			map[string]inventory.Reason{"key.state": inventory.NotRead},
		},
		{"no metadata but an ID", describeKey, awsfake.Body(`{"KeyMetadata":{"KeyId":"k"}}`), map[string]inventory.Reason{
			"key.spec": inventory.NotRead, "key.algorithm": inventory.NotRead, "key.usages": inventory.NotRead, "key.manager": inventory.NotRead, "key.origin": inventory.NotRead,
			"key.state": inventory.NotRead, "key.created_at": inventory.NotRead, "key.multi_region": inventory.NotRead, "key.rotated_at": inventory.NotRead,
		}},
		{"a list without keys or an end", listKeys, awsfake.Body(`{}`), nil},
		{"a key without a name", listKeys, awsfake.Body(`{"Keys":[{}],"Truncated":false}`), nil},
		{"a list that comes round again", listKeys, awsfake.Body(`{"Keys":[],"Truncated":true,"NextMarker":"x"}`), nil},
		{"a word instead of an object", listKeys, awsfake.Body(`"keys"`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, region := newFake()
			region.AddKey(awsfake.Key{})
			fake.Break(awsfake.Fault{Call: c.call, Do: c.do})
			got := read(t, fake, Config{})
			if c.want == nil {
				if len(got.keys) != 0 || len(got.gaps) != 1 || got.gaps[0].Call != c.call || !got.gaps[0].Covers(keyType) {
					t.Fatalf("got %d keys and gaps %+v", len(got.keys), got.gaps)
				}
				return
			}
			r := got.only(t)
			if facts := unreadOf(r); !mapsEqual(facts, c.want) {
				t.Errorf("unknown are %v, want %v", facts, c.want)
			}
		})
	}
}

func mapsEqual(a, b map[string]inventory.Reason) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// TestListOfKeysWithoutARNs builds them: some servers leave them out.
func TestListOfKeysWithoutARNs(t *testing.T) {
	fake, region := newFake()
	want := region.AddKey(awsfake.Key{ID: "k"})
	fake.Break(awsfake.Fault{Call: listKeys, Do: awsfake.Body(`{"Keys":[{"KeyId":"k"}],"Truncated":false}`)})
	if r := read(t, fake, Config{}).only(t); string(r.ID) != want {
		t.Errorf("the ID is %s, want %s", r.ID, want)
	}
}

// TestListThatBreaksOff keeps the keys of the pages that came, and says that there may be more.
func TestListThatBreaksOff(t *testing.T) {
	fake, region := newFake()
	fake.SetPageSize(1)
	region.AddKey(awsfake.Key{})
	region.AddKey(awsfake.Key{})
	pages := 0
	fake.Break(awsfake.Fault{Call: listKeys, Do: func(w http.ResponseWriter, r *http.Request, req awsfake.Request, healthy awsfake.Answer) {
		if pages++; pages == 1 {
			awsfake.Body(string(healthy.Body))(w, r, req, healthy)
			return
		}
		awsfake.Deny(w, r, req, healthy)
	}})
	got := read(t, fake, Config{})
	if len(got.keys) != 1 || len(got.gaps) != 1 || got.gaps[0].Why != inventory.Denied {
		t.Errorf("got %d keys, gaps %+v", len(got.keys), got.gaps)
	}
}

// TestListThatGoesRoundInCircles ends.
func TestListThatGoesRoundInCircles(t *testing.T) {
	asked := 0
	refused := pages(listKeys, func(*string) (*string, *refusal) {
		asked++
		marker := []string{"a", "b"}[asked%2]
		return &marker, nil
	})
	if refused == nil || refused.why != inventory.OutOfScope || asked != maxPages {
		t.Errorf("asked for %d pages, then %+v", asked, refused)
	}
}

// TestEmptyAccount is no gap.
func TestEmptyAccount(t *testing.T) {
	fake, _ := newFake()
	if got := read(t, fake, Config{}); len(got.keys) != 0 || len(got.gaps) != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestCredentialsThatAreMissing is a gap with a next step, not an error.
func TestCredentialsThatAreMissing(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	sources, err := Open(t.Context(), Config{Services: []string{"kms"}, Regions: Regions{"eu-west-1"}, Endpoint: server.URL}, Options{Env: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	got := drain(t, sources)
	if len(got.gaps) != 1 || got.gaps[0].Why != inventory.Denied || !strings.Contains(got.gaps[0].Hint, "AWS_PROFILE") || got.gaps[0].Scope != "aws/-/-/eu-west-1" {
		t.Errorf("got %+v", got.gaps)
	}
}

// TestCertificates reads behind a private CA only when it is named.
func TestCertificates(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{})
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the client that does not trust it
	server.StartTLS()
	t.Cleanup(server.Close)
	got := readAt(t, Config{Endpoint: server.URL})
	if len(got.keys) != 0 || len(got.gaps) != 1 || got.gaps[0].Why != inventory.Unreachable || !strings.Contains(got.gaps[0].Hint, "ca_file") {
		t.Fatalf("without its CA: %d keys, gaps %+v", len(got.keys), got.gaps)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, block, 0o600); err != nil {
		t.Fatal(err)
	}
	readAt(t, Config{Endpoint: server.URL, CAFile: bundle}).only(t)
}

// TestReasonsOfGaps checks reason and next step of what may refuse a whole scope.
func TestReasonsOfGaps(t *testing.T) {
	for _, c := range []struct {
		code string
		why  inventory.Reason
		hint string
	}{
		{"AccessDeniedException", inventory.Denied, "allow kms:ListKeys"},
		{"ExpiredTokenException", inventory.Denied, "log in again"},
		{"UnrecognizedClientException", inventory.Denied, "Region is enabled"},
		{"InvalidSignatureException", inventory.Denied, "clock"},
		{"ThrottlingException", inventory.Throttled, "rps_per_account"},
		{"KMSInternalException", inventory.Unreachable, "scan again"},
		{"UnknownOperationException", inventory.Unsupported, "does not know"},
	} {
		fake, _ := newFake()
		fake.Break(awsfake.Fault{Call: listKeys, Do: awsfake.Refuse(http.StatusBadRequest, c.code, "in AWS's words")})
		gaps := read(t, fake, Config{}).gaps
		if len(gaps) != 1 || gaps[0].Why != c.why || !strings.Contains(gaps[0].Hint, c.hint) || !strings.Contains(gaps[0].Err, c.code) {
			t.Errorf("%s: %+v", c.code, gaps)
		}
	}
}

func TestMessagesOfOthersAreShortened(t *testing.T) {
	if got := oneLine("a\n\tb\x1b[31mc  d"); got != "a b [31mc d" {
		t.Errorf("got %q", got)
	}
	if got := oneLine(strings.Repeat("é", 1000)); len(got) > 310 || !slices.Contains([]byte(got), '.') {
		t.Errorf("got %d bytes", len(got))
	}
}
