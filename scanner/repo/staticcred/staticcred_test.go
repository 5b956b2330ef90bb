package staticcred

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// long is as long as a key of AWS, and none.
var long = strings.Repeat("EXAMPLE-", 5)

// facts writes what a set states: its credentials, and whether it is open.
func facts(s *Set) string {
	r := inventory.Resource{Type: "container.image", Kind: inventory.KindWorkload, Workload: &inventory.Workload{}, Location: &inventory.Location{StartLine: 1, EndLine: 9}}
	s.State(&r)
	var out []string
	for _, c := range r.Workload.Credentials {
		out = append(out, fmt.Sprintf("%s %s %s", c.At, c.Provider, c.Via))
	}
	if len(r.Unknown) > 0 {
		out = append(out, "open: "+r.Unknown[0].Hint)
	}
	return strings.Join(out, "; ")
}

func TestSet(t *testing.T) {
	for name, c := range map[string]struct {
		handed []Handed
		want   string
	}{
		"nothing":                 {nil, ""},
		"the ID is no secret":     {[]Handed{{"app", "AWS_ACCESS_KEY_ID", Secret, "", 3}}, ""},
		"a key":                   {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Secret, "", 3}}, "app/AWS_SECRET_ACCESS_KEY aws secret"},
		"no scope":                {[]Handed{{"", "VAULT_TOKEN", Variable, "", 3}}, "VAULT_TOKEN vault variable"},
		"twice":                   {[]Handed{{"a", "VAULT_TOKEN", Secret, "", 3}, {"a", "VAULT_TOKEN", Secret, "", 4}}, "a/VAULT_TOKEN vault secret"},
		"a part of a name":        {[]Handed{{"app", "MY_VAULT_TOKEN", Secret, "", 3}}, ""},
		"a literal":               {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Literal, long, 3}}, "app/AWS_SECRET_ACCESS_KEY aws literal"},
		"for an emulator":         {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Literal, "minioadmin", 3}}, ""},
		"for Azurite":             {[]Handed{{"app", "AZURE_STORAGE_KEY", Literal, azurite, 3}}, ""},
		"empty":                   {[]Handed{{"app", "VAULT_TOKEN", Literal, "", 3}}, ""},
		"a server to try":         {[]Handed{{"app", "VAULT_TOKEN", Literal, "root", 3}, {"app", "VAULT_DEV_ROOT_TOKEN_ID", Literal, "root", 4}}, ""},
		"not that server's":       {[]Handed{{"app", "VAULT_TOKEN", Literal, "hvs.x", 3}, {"app", "VAULT_DEV_ROOT_TOKEN_ID", Literal, "root", 4}}, "app/VAULT_TOKEN vault literal"},
		"short, of Vault":         {[]Handed{{"app", "VAULT_TOKEN", Literal, "root", 3}}, "app/VAULT_TOKEN vault literal"},
		"temporary":               {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Secret, "", 3}, {"app", "AWS_SESSION_TOKEN", Secret, "", 4}}, ""},
		"the token first":         {[]Handed{{"app", "AWS_SESSION_TOKEN", Secret, "", 4}, {"app", "AWS_SECRET_ACCESS_KEY", Secret, "", 3}}, ""},
		"another's token":         {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Secret, "", 3}, {"side", "AWS_SESSION_TOKEN", Secret, "", 4}}, "app/AWS_SECRET_ACCESS_KEY aws secret"},
		"a token of elsewhere":    {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Secret, "", 3}, {"app", "AWS_SESSION_TOKEN", Variable, "", 4}}, "app/AWS_SECRET_ACCESS_KEY aws secret"},
		"an empty token":          {[]Handed{{"app", "AWS_SECRET_ACCESS_KEY", Literal, long, 3}, {"app", "AWS_SESSION_TOKEN", Literal, "", 4}}, "app/AWS_SECRET_ACCESS_KEY aws literal"},
		"a token is AWS's alone":  {[]Handed{{"app", "AZURE_CLIENT_SECRET", Secret, "", 3}, {"app", "AWS_SESSION_TOKEN", Secret, "", 4}}, "app/AZURE_CLIENT_SECRET azure secret"},
		"the path of a key":       {[]Handed{{"app", "AZURE_CLIENT_CERTIFICATE_PATH", Literal, "/c.pem", 3}}, "app/AZURE_CLIENT_CERTIFICATE_PATH azure file"},
		"the path of who knows":   {[]Handed{{"app", "GOOGLE_APPLICATION_CREDENTIALS", Literal, "/c.json", 3}}, "open: the file that GOOGLE_APPLICATION_CREDENTIALS names may hold a key, or say how to do without one"},
		"from nobody knows where": {[]Handed{{"app", "VAULT_TOKEN", "", "", 3}}, "open: what VAULT_TOKEN holds is not stated"},
		"open and certain":        {[]Handed{{"app", "VAULT_TOKEN", "", "", 3}, {"app", "AZURE_PASSWORD", Secret, "", 3}}, "app/AZURE_PASSWORD azure secret"},
	} {
		var s Set
		for _, h := range c.handed {
			s.Add(h)
		}
		if got := facts(&s); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSetPlacesTheFirstCredential(t *testing.T) {
	for _, c := range []struct{ line, start, end int }{{7, 7, 7}, {0, 1, 9}} {
		var s Set
		s.Add(Handed{Name: "VAULT_TOKEN", Via: Secret, Line: c.line})
		r := inventory.Resource{Workload: &inventory.Workload{}, Location: &inventory.Location{StartLine: 1, EndLine: 9}}
		s.State(&r)
		if r.Location.StartLine != c.start || r.Location.EndLine != c.end {
			t.Errorf("line %d: %+v", c.line, *r.Location)
		}
	}
}

func TestAddFile(t *testing.T) {
	var s Set
	s.AddFile(Handed{Scope: "app", Name: "GOOGLE_APPLICATION_CREDENTIALS", Line: 2})
	if got, want := facts(&s), "app/GOOGLE_APPLICATION_CREDENTIALS gcp file"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestScript(t *testing.T) {
	for script, want := range map[string]string{
		"go test ./...":                                                       "",
		"export VAULT_TOKEN=hvs.x":                                            "VAULT_TOKEN vault literal",
		"VAULT_TOKEN='hvs x' ./run":                                           "VAULT_TOKEN vault literal",
		"VAULT_TOKEN= ./run":                                                  "",
		"# export VAULT_TOKEN=hvs.x":                                          "",
		"export VAULT_TOKEN=$(vault write -field=t a/b)":                      "",
		"export VAULT_TOKEN=\"`cat t`\"":                                      "",
		"T=$(get); export VAULT_TOKEN=\"${T}\"":                               "",
		"echo \"Usage: VAULT_TOKEN=<token> make\"":                            "",
		"make # export VAULT_TOKEN=x":                                         "",
		"VAULT_TOKEN='a #b' make":                                             "VAULT_TOKEN vault literal",
		"VAULT_TOKEN=a#b make":                                                "VAULT_TOKEN vault literal",
		"echo \"aws_secret_access_key=$K\" >> ~/.aws/credentials":             "aws_secret_access_key aws variable",
		"f(aws_secret_access_key=$K) # credentials":                           "",
		"export VAULT_TOKEN=$OTHER":                                           "VAULT_TOKEN vault variable",
		"[ $VAULT_TOKEN == x ]; A_VAULT_TOKEN=x":                              "",
		`echo "VAULT_TOKEN=${T}" >> $GITHUB_ENV`:                              "VAULT_TOKEN vault variable",
		"$env:VAULT_TOKEN = 'x'":                                              "VAULT_TOKEN vault literal",
		"AWS_SECRET_ACCESS_KEY=test aws s3 ls":                                "",
		"AWS_SECRET_ACCESS_KEY=" + long + " aws s3 ls":                        "AWS_SECRET_ACCESS_KEY aws literal",
		"docker run -e AWS_SECRET_ACCESS_KEY=$K x":                            "AWS_SECRET_ACCESS_KEY aws variable",
		"AWS_SECRET_ACCESS_KEY=$K AWS_SESSION_TOKEN=$T x":                     "",
		"java -Daws.secretKey=$K -jar a.jar":                                  "-Daws.secretKey aws variable",
		"consul-template -vault-token x":                                      "-vault-token vault literal",
		"x -vault-token-file=y":                                               "",
		"aws configure set aws_secret_access_key $K":                          "aws configure set aws_secret_access_key aws variable",
		"aws --profile ci configure set default.aws_secret_access_key \"$K\"": "aws configure set aws_secret_access_key aws variable",

		"aws configure set aws_secret_access_key $K; aws configure set aws_session_token $T": "",
		"az login --service-principal -u $A -p $P -t $T":                                     "az login --service-principal azure variable",
		"az login --service-principal \\\n  --username $A \\\n  --password=$P":               "az login --service-principal azure variable",
		"az login --service-principal -u $A -t $T --federated-token $J":                      "",

		"az login --identity":                   "",
		"az group list -p x":                    "",
		"vault login $T":                        "vault login vault variable",
		"vault login -method=jwt role=x jwt=$J": "",
		"vault login -no-print token=x":         "vault login vault literal",
		"vault login":                           "",

		"curl -H 'X-Vault-Token: $VT' $A":                   "X-Vault-Token vault variable",
		"curl --header=x-vault-token:hvs.EXAMPLE $A":        "X-Vault-Token vault literal",
		"curl -H \"X-Vault-Token: ${{ secrets.V }}\" $A":    "X-Vault-Token vault variable",
		"f({\"X-Vault-Token\": \"$VT\"})":                   "X-Vault-Token vault variable",
		"f({'X-Vault-Token': token})":                       "",
		"curl -H \"X-Vault-Token: $VAULT_TOKEN\" $A":        "", // told where it is handed over
		"curl -H \"X-Vault-Token: $(cat t)\" $A":            "",
		"T=$(get); curl -H \"X-Vault-Token: $T\" $A":        "",
		"f(\"X-Vault-Token: \" + t)":                        "",
		"f(f\"X-Vault-Token: {t}\")":                        "open: what X-Vault-Token holds is not stated",
		"echo Usage: -H 'X-Vault-Token: <token>'":           "",
		"echo X-Vault-Token: ...":                           "",
		"TF_VAR_vault_token=$T terraform plan":              "TF_VAR_vault_token vault variable",
		"TF_VAR_aws_secret_key=" + long + " terraform plan": "TF_VAR_aws_secret_key aws literal",
		"TF_VAR_secret_key=$K terraform plan":               "",

		"vault write auth/approle/login role_id=$R secret_id=$S": "secret_id of an AppRole login vault variable",
		"vault write auth/jwt/login role=x jwt=$J":               "",
		"gcloud auth activate-service-account --key-file=$K":     "gcloud auth activate-service-account gcp variable",
		"GOOGLE_APPLICATION_CREDENTIALS=/k.json x":               "open: the file that GOOGLE_APPLICATION_CREDENTIALS names may hold a key, or say how to do without one",
	} {
		var s Set
		s.Script("", script, 1, Shell)
		if got := facts(&s); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

func TestReferences(t *testing.T) {
	for script, want := range map[string]string{
		"vault login $VAULT_TOKEN":                             "VAULT_TOKEN",
		"x ${AZURE_CLIENT_SECRET} ${AZURE_CLIENT_SECRET}":      "AZURE_CLIENT_SECRET",
		"export VAULT_TOKEN=$(x); curl -H $VAULT_TOKEN":        "",
		"x $VAULT_TOKEN_NEW $AWS_ACCESS_KEY_ID # $VAULT_TOKEN": "",
		"docker run -e A -e VAULT_TOKEN -e AZURE_PASSWORD x":   "VAULT_TOKEN AZURE_PASSWORD",
		"docker run -e VAULT_TOKEN=x y":                        "",
		"x $env:VAULT_TOKEN":                                   "VAULT_TOKEN",
		"  # vault login $VAULT_TOKEN":                         "",
		"x $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN":          "AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
	} {
		if got := strings.Join(References(script), " "); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

// Scripts without these are passed over.
func TestMarks(t *testing.T) {
	for name := range names {
		if !marked(name) {
			t.Errorf("%s has none of the marks", name)
		}
	}
	for name := range flags {
		if !strings.Contains(name, "oken") && !strings.Contains(name, "secret") {
			t.Errorf("%s has none of the parts of a flag", name)
		}
	}
}

func TestLogins(t *testing.T) {
	for script, want := range map[string]string{
		"go build": "",
		"aws sts assume-role-with-web-identity --role-arn $R --web-identity-token $T":     "aws",
		"az login --service-principal -u $A -t $T --federated-token $J":                   "azure",
		"az login --service-principal -u $A -p $P":                                        "",
		"export VAULT_TOKEN=\"$(vault write -field=token auth/jwt/login role=r jwt=$J)\"": "vault",
		"vault write auth/approle/login role_id=r secret_id=$S":                           "",
		"export ARM_USE_OIDC=true\nexport AWS_WEB_IDENTITY_TOKEN_FILE=/t":                 "aws azure",
		"# az login --federated-token x":                                                  "",
	} {
		if got := strings.Join(Logins(script), " "); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
	if Proof("ARM_USE_OIDC", "false") != "" || Proof("ARM_USE_OIDC", "true") != Azure || Proof("X", "true") != "" {
		t.Error("a switch that is off, or another variable, means a login")
	}
}

func FuzzScriptStatesNoText(f *testing.F) {
	f.Add("export VAULT_TOKEN=hvs.x", "q")
	f.Add("az login -p x; aws configure set aws_secret_access_key y", "z")
	f.Fuzz(func(t *testing.T, script, secret string) {
		var s Set
		s.Script("a", script+"\nexport VAULT_TOKEN='"+secret+"'", 1, Shell)
		for _, e := range s.list {
			at := strings.TrimPrefix(e.At, "a/")
			_, upper := meant(strings.ToUpper(at))
			_, asIs := meant(at)
			known := upper || asIs || at == tokenHeader || flags[strings.TrimPrefix(e.At, "a/")].provider != ""
			for _, c := range commands {
				known = known || e.At == "a/"+c.name
			}
			if !known || !slices.Contains([]string{AWS, Azure, GCP, Vault}, e.Provider) {
				t.Errorf("%q states %+v", script, e.StaticCredential)
			}
		}
	})
}
