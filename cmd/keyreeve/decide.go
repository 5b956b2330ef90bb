package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/access/azure"
	"github.com/keyreeve/keyreeve/scanner/access/rawjson"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// system is a kind of requests.
type system struct {
	decide func(request []byte) (access.Answer, error)
	keys   []string // that a request may have
}

// systems are those whose requests decide answers, by the "system" of a request.
func systems() map[string]system {
	inVault := vault.New()
	return map[string]system{
		"aws":   {deciding(aws.New().Decide), keysOf[aws.Request]()},
		"azure": {deciding(azure.New().Decide), keysOf[azure.Request]()},
		"vault": {func(request []byte) (access.Answer, error) { return inVault.DecideJSON(request), nil }, keysOf[vault.Request]()},
	}
}

// keysOf lists the keys that a type has in JSON.
func keysOf[R any]() (keys []string) {
	for f := range reflect.TypeFor[R]().Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			keys = append(keys, name)
		}
	}
	return keys
}

func (a *app) decide() *cobra.Command {
	var test string
	cmd := &cobra.Command{
		Use:   "decide",
		Short: "Decide requests to keys and secrets by their policies, offline",
		Long: `Read requests, one JSON object a line, and write one answer a line in the same order.
Nothing is asked of any back end: all that has a say is in the request. A line that
cannot be understood gets the decision "error", and the next line is read.

An answer:
  {"id":"1","decision":"conditional","explicit":false,
   "residual":[{"class":"HOW","key":"kms:ViaService","statement":"ThroughS3"}],
   "because":[{"document":"key policy","statement":"ThroughS3"}],"error":""}
  decision   allowed, conditional (it hangs on "residual"), denied, or error
  explicit   a statement that denies matches for certain
  residual   what only the request itself can tell: WHO calls, HOW, from WHERE, WHEN,
             or on WHAT; "statement" is a Sid, or an index from 0
  because    the statements that decided: those that allow, or those that deny; none
             when nothing allows
  error      what could not be understood, and where

A request to AWS; every key may be absent, and a list of one may be its item:
  {"id":"1","system":"aws","action":"kms:Decrypt",
   "principal":{"arn":"arn:aws:iam::111122223333:role/app","session_name":"s","tags":{},
     "identity":[DOCUMENT],"boundary":DOCUMENT,"session":DOCUMENT,
     "org":"o-1","path":["r-1","ou-1"]},
   "resource":{"arn":"arn:aws:kms:eu-west-1:111122223333:key/K","policy":DOCUMENT,
     "tags":{},"aliases":["alias/a"],
     "grants":[{"grantee":"ARN","operations":["Decrypt"],"constraints":{}}],"key":{}},
   "scps":[[DOCUMENT],[DOCUMENT]],"rcps":[[DOCUMENT]],"management_account":"ID",
   "context":{"aws:SourceIp":"10.0.0.1"},"unknown":["kms:ViaService"]}
  DOCUMENT      a policy in JSON, or a string that holds one; a document of which
                nothing is known is the string "\ufdd0"
  arn           of the principal: a user, role, session, account ("...:root"), identity
                provider, or the name of a service; without it somebody of the
                resource's account whom no policy names. The ARN of a session does not
                say the path of its role: aws:PrincipalArn in "context" may
  session_name  of a role; without it a policy that names one of its sessions may apply
  identity      all policies of a user and its groups, or of a role
  org, path     the organization, and the account's place in it from the root down
  policy        of the key or secret, or the trust policy of a role; a key without one is
                nobody's
  key           of a secret: the KMS key that encrypts it, with the keys of a resource;
                reading or writing the secret then needs use of it, too, by a call that
                Secrets Manager makes: from where is not known, and what "context" says
                of the network is of the first call only. Without "key" the documents of
                the secret alone decide, for callers of other accounts as well, though
                AWS gives the value to nobody who may not use the key. Of the key with
                the alias alias/aws/secretsmanager the policy is known
  operations    of a grant: those of AWS KMS; creating a grant by a grant is held to them
  constraints   EncryptionContextEquals, EncryptionContextSubset, SourceArn
  scps, rcps    by level from the root to the account: a list of documents each, so that
                a list of documents is one for each level. They are
                all that there is at a level, RCPFullAWSAccess and FullAWSAccess included;
                without any level there is no organization
  management_account  the organization's; control policies do not restrict it
  context       condition keys of the request, in any letter case; a value is a string,
                number or truth value, or a list of them. They win over what the rest of
                the request says: who the principal is, tags, aliases, Region
  unknown       condition keys that may have any value or none; "*" at the end stands for
                any ending. kms:RequestAlias may be an alias that the key has, or absent.
                Any other key is known to be absent, and so is one of the
                action's own service that AWS lists for other actions only

A document that AWS does not store gives "error", as when a value is not of the kind that
its operator takes, or a principal is none; so does an action that AWS KMS or Secrets
Manager does not have, or one on a resource of another kind.

A request to Vault; every key may be absent, and one policy may stand for a list of one:
  {"id":"2","system":"vault","namespace":"","operation":"read","path":"secret/data/x",
   "policies":[{"name":"app","text":"path \"secret/*\" { capabilities = [\"read\"] }"}],
   "data":{},"wrap_ttl":"60s","identity":{"entity":{},"groups":[]}}
  operation     create, read, update, delete, list or patch
  path          as policies see it: Vault puts a "/" at the end of what is listed over HTTP
  policies      all that the token has; one that Vault would refuse gives "error"
  data          what is sent; without it nothing is
  wrap_ttl      a duration; without it no response wrapping is asked for
  identity      for policies with templates: entity {id, name, metadata, aliases}, groups
                [{id, name, metadata}]; a path whose template lacks its value is no path, and
                whether one is whose value holds a wildcard hangs on the release of Vault

A request to Azure; every key may be absent:
  {"id":"3","system":"azure","plane":"data","principal":{"id":"GUID","groups":["GUID"]},
   "action":"Microsoft.KeyVault/vaults/secrets/getSecret/action","scope":"/subscriptions/...",
   "role_definitions":[],"role_assignments":[],"deny_assignments":[],
   "management_groups":{"/subscriptions/S":["/providers/Microsoft.Management/managementGroups/A"]},
   "vault":{"access_policies":[],"rbac":true}}
  plane         control or data; without it that of the action
  groups        all groups of the principal, those that hold its groups included
  role_definitions, role_assignments, deny_assignments, access_policies: with the names that
                Azure Resource Manager gives their fields, in "properties" or beside it; of an
                eligible assignment "eligible" is true. Built-in roles are known
  management_groups  above each subscription, the nearest first; without them whether one
                covers it is not known
  condition     one that is not understood may hold or not; "residual" says at which byte
  request_attributes  what conditions may ask of the request, by the names that they have for
                it, such as Microsoft.Authorization/roleAssignments:RoleDefinitionId; a value is
                a string or a list. What is not named may be anything
  vault         without it the vault uses RBAC; with it "rbac" says so, and without "rbac"
                its access policies decide

Beside these keys "name", "comment" and "expect" may stand and say nothing to the decision.

With --test FILE requests are read from a YAML list. Each has beside the keys of a request
its "name" and what to "expect": a decision, or any of the keys of an answer, of which
lists are given by what they have to hold, and an empty one holds nothing. A string "file:PATH" is the text of that file,
from the folder of FILE:
  - name: the app decrypts through S3 only
    system: aws
    action: kms:Decrypt
    principal: {arn: "arn:aws:iam::111122223333:role/app", identity: "file:app.json"}
    resource: {arn: "arn:aws:kms:eu-west-1:111122223333:key/K", policy: "file:key.json"}
    unknown: kms:ViaService
    expect: {decision: conditional, residual: [{class: HOW, key: kms:ViaService}]}

Exit codes: 0 answered, or all as expected; 1 something is not as expected; 2 FILE or
the flags are wrong.`,
		Example: `  keyreeve decide < requests.ndjson
  keyreeve decide --test access.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return cli.Hinted(fmt.Errorf("keyreeve decide reads requests from standard input, and not from %q", args[0]), "keyreeve decide < %s, or keyreeve decide --test FILE", args[0])
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := given(cmd, "test"); err != nil {
				return err
			}
			ctx := cmd.Context()
			if test != "" {
				return uninterrupted(ctx, "the tests are not all decided", func() error { return a.decideTests(test) })
			}
			if in, is := cmd.InOrStdin().(*os.File); is && cli.Terminal(in) && !a.quiet {
				fmt.Fprintln(a.stderr, "keyreeve: reading requests from the terminal, one JSON object a line, until Ctrl-D")
			}
			return uninterrupted(ctx, "the requests after the last answer are not decided", func() error { return decideLines(cmd.InOrStdin(), a.stdout) })
		},
	}
	cmd.Flags().StringVar(&test, "test", "", "read requests from this YAML file and compare with what it expects")
	_ = cmd.MarkFlagFilename("test", "yaml", "yml", "json")
	return cmd
}

// uninterrupted does what waits for input, which cannot be interrupted by itself. What is left undone then is told.
func uninterrupted(ctx context.Context, left string, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return interrupted(left)
	}
}

// maxRequest bounds a line, in bytes. The longest documents of AWS have some 30 kB.
const maxRequest = 16 << 20

// byteOrderMark is what editors of Windows begin a file with.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decideLines answers each line. Answers are written out as soon as no further line waits.
func decideLines(in io.Reader, out io.Writer) error {
	r, w := bufio.NewReaderSize(in, 1<<20), bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	known := systems()
	for n := 1; ; n++ {
		line, long, readErr := readLine(r)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return fmt.Errorf("read requests: %w", readErr)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		line = bytes.TrimSpace(line)
		if long || len(line) > 0 {
			answer := failed("", fmt.Errorf("the line is longer than %d bytes", maxRequest))
			if !long {
				answer = decideOne(known, line)
			}
			if answer.Decision == access.Failed && answer.ID == "" { // nothing else tells to which of the lines it belongs
				answer.Error = fmt.Sprintf("line %d: %s", n, answer.Error)
			}
			if err := enc.Encode(answer); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
		if readErr != nil || r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
		if readErr != nil {
			return nil
		}
	}
}

// readLine reads a line, valid until the next one is read. Of one that is too long nothing is kept.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if line == nil && !errors.Is(err, bufio.ErrBufferFull) {
			return part, false, err
		}
		if long = long || len(line)+len(part) > maxRequest; long {
			line = line[:0]
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// decideOne answers one request.
func decideOne(known map[string]system, request []byte) access.Answer {
	if !json.Valid(request) {
		return failed("", notJSON(request))
	}
	var id, system string
	var own [][]byte // what the system reads, name by name
	var wrong error  // with the first key; an ID behind it still says whose answer it is
	beside := false
	err := rawjson.Members(request, func(name, value []byte) (err error) {
		switch string(name) {
		case "id":
			id, err = rawjson.String(value)
		case "system":
			system, err = rawjson.String(value)
		case "name", "comment", "expect":
			beside = true
			return nil
		}
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("key %q: %w", name, err)
		}
		own = append(own, name, value)
		return nil
	})
	of, found := known[system]
	switch {
	case err != nil:
		return failed(id, unreadable(err))
	case wrong != nil:
		return failed(id, unreadable(wrong))
	case system == "":
		return failed(id, errors.New(`"system" is missing; it is one of `+strings.Join(slices.Sorted(maps.Keys(known)), ", ")))
	case !found:
		said := strictyaml.Unknown("system", system, slices.Collect(maps.Keys(known)))
		if !strings.HasSuffix(said, "?") {
			said += "; it is one of " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
		}
		return failed(id, errors.New(said))
	}
	if beside {
		request = object(own)
	}
	answer, err := of.decide(request)
	if err != nil {
		answer = failed(id, unreadable(err))
	}
	if answer.Decision == access.Failed {
		for i := 0; i < len(own); i += 2 {
			if name := string(own[i]); !slices.Contains(of.keys, name) {
				return failed(id, errors.New("read request: "+strictyaml.Unknown("key", name, of.keys)))
			}
		}
	}
	return answer
}

// notJSON says why a line is no JSON.
func notJSON(line []byte) error {
	if !utf8.Valid(line) {
		return errors.New("read request: it is not text in UTF-8")
	}
	return fmt.Errorf("%w; a request is one JSON object on a line", unreadable(json.Unmarshal(line, new(any))))
}

// object puts an object together from names and values.
func object(members [][]byte) []byte {
	out := []byte{'{'}
	for i := 0; i < len(members); i += 2 {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(string(members[i])) // a string always is JSON
		out = append(append(append(out, name...), ':'), members[i+1]...)
	}
	return append(out, '}')
}

func failed(id string, err error) access.Answer {
	return access.Answer{ID: id, Decision: access.Failed, Residual: []access.Residual{}, Because: []access.Because{}, Error: err.Error()}
}

// deciding reads a request of one system from valid JSON. A request that reads itself says which keys it has; of any other a key that
// it does not have is an error.
func deciding[R any](decide func(R) access.Answer) func([]byte) (access.Answer, error) {
	return func(request []byte) (access.Answer, error) {
		var r R
		if own, is := any(&r).(json.Unmarshaler); is { // not by way of package json, which reads the text twice more
			if err := own.UnmarshalJSON(request); err != nil {
				return access.Answer{}, err
			}
			return decide(r), nil
		}
		dec := json.NewDecoder(bytes.NewReader(request))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			return access.Answer{}, err
		}
		return decide(r), nil
	}
}

// unreadable says in a sentence why a request could not be read.
func unreadable(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("read request: %w, at byte %d", err, syntax.Offset)
	case errors.As(err, &typ):
		return fmt.Errorf("read request: %s, at byte %d", mistyped(typ), typ.Offset)
	}
	return fmt.Errorf("read request: %s", strings.TrimPrefix(strings.Replace(err.Error(), "unknown field", "unknown key", 1), "json: "))
}

// mistyped says what a value is and what it has to be.
func mistyped(err *json.UnmarshalTypeError) string {
	what := "it"
	if err.Field != "" {
		what = fmt.Sprintf("key %q", err.Field)
	}
	kind, _, _ := strings.Cut(err.Value, " ") // "number 7"
	return fmt.Sprintf("%s is %s and has to be %s", what, article(kind), article(kindOf(err.Type)))
}

// kindOf is what JSON calls a type.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Bool:
		return "truth value"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		return "list"
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return "number"
}

// article puts an article before what package json calls a kind of value.
func article(kind string) string {
	switch kind {
	case "array", "list":
		return "a list"
	case "bool":
		return "a truth value"
	case "object":
		return "an object"
	}
	return "a " + kind
}
