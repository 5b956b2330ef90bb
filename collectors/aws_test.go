package collectors

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// TestOneAccountInTwoEntries, each with Regions of its own, has each of them and what lies in no Region once.
func TestOneAccountInTwoEntries(t *testing.T) {
	fake := awsfake.New(time.Now)
	fake.Account("111122223333").AddAccessKey("FAKEREADER")
	server := httptest.NewServer(fake)
	defer server.Close()
	env := map[string]string{"AWS_ACCESS_KEY_ID": "FAKEREADER", "AWS_SECRET_ACCESS_KEY": "not a secret"}
	entry := func(region string) aws.Config { return aws.Config{Regions: aws.Regions{region}, Endpoint: server.URL} }
	sources, err := openAWS(t.Context(), Config{AWS: []aws.Config{entry("eu-west-1"), entry("us-east-1")}}, Options{Env: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	var scopes []string
	for _, s := range sources {
		scopes = append(scopes, string(s.Scope()))
	}
	if want := []string{"aws/-/111122223333/eu-west-1", "aws/-/111122223333/global", "aws/-/111122223333/us-east-1"}; !slices.Equal(scopes, want) {
		t.Errorf("sources of %v, want %v", scopes, want)
	}
}
