package main

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// awsCommand starts a fake AWS with things that are overdue, and sets AWS_URL and credentials: aws.
//
// aws settle lets minutes pass for what AWS has begun; aws used has the new access key of bob used and the old one not; aws stored asserts that
// bob's keys and what the store holds agree: aws stored ACTIVE INACTIVE; aws alias NAME ARN that an alias leads to a key; aws use ARN uses a key.
func awsCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	const number = "111122223333"
	if len(args) > 0 {
		account := s.aws.Account(number)
		in := account.Region("eu-west-1")
		switch args[0] {
		case "settle":
			s.aws.Settle()
		case "use":
			in.Use(args[1])
		case "alias":
			leads := slices.ContainsFunc(in.Keys(), func(k awsfake.Key) bool {
				return strings.HasSuffix(args[2], ":key/"+k.ID) && slices.Contains(k.Aliases, args[1])
			})
			if leads == neg {
				ts.Fatalf("%s leads to %s: %t", args[1], args[2], leads)
			}
		case "stored":
			var v struct {
				Host string `json:"host"`
				ID   string `json:"access_key_id"`
			}
			for _, x := range in.Secrets() {
				if json.Unmarshal([]byte(in.Value(x)), &v) == nil && v.Host != "" {
					break
				}
			}
			active, inactive, found := 0, 0, false
			for _, k := range account.Keys("bob") {
				if k.Inactive {
					inactive++
				} else {
					active++
				}
				found = found || k.ID == v.ID && !k.Inactive
			}
			if !found || v.Host == "" || !slices.Equal(args[1:], []string{string(rune('0' + active)), string(rune('0' + inactive))}) {
				ts.Fatalf("%d keys are active, %d are not, the stored one is active: %t", active, inactive, found)
			}
		}
		return
	}
	s.aws = awsfake.New(s.clock)
	account := s.aws.Account(number)
	account.AddAccessKey("test")
	in := account.Region("eu-west-1")
	ago := func(days int) time.Time { return s.now.AddDate(0, 0, -days) }
	in.AddKey(awsfake.Key{Created: ago(800), Aliases: []string{"alias/archive"}})
	in.AddKey(awsfake.Key{Created: ago(800), Aliases: []string{"alias/jwt"}, Spec: "ECC_NIST_P256"})
	version := func(days int, value string) []awsfake.SecretVersion {
		return []awsfake.SecretVersion{{Created: ago(days), Stages: []string{"AWSCURRENT"}, Value: value}}
	}
	in.AddSecret(awsfake.Secret{Name: "storefront/mail", Created: ago(400), Versions: version(400, `{"password":"first of mail","user":"shop"}`), Tags: map[string]string{"purpose": "api_key"}})
	in.AddSecret(awsfake.Secret{Name: "storefront/keys", Created: ago(1), Versions: version(1, `{"host":"example.com"}`)})
	account.AddUser(awsfake.User{Name: "bob", Keys: []awsfake.AccessKey{{ID: "old-key", Created: ago(400), LastUsed: ago(30)}}})
	server := httptest.NewServer(s.aws)
	ts.Defer(server.Close)
	ts.Defer(server.CloseClientConnections)
	none := filepath.Join(ts.Getenv("WORK"), "none")
	for name, v := range map[string]string{
		"AWS_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
	} {
		ts.Setenv(name, v)
	}
}
