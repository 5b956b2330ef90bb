package containers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/declare/declaretest"
)

// long is as long as a key of AWS, and none.
var long = strings.Repeat("EXAMPLE-", 5)

func readFiles(t *testing.T, files map[string]string) declare.Declared {
	t.Helper()
	return declaretest.Read(t, Dialect, files)
}

// brief writes what was declared, a line each.
func brief(d declare.Declared) string {
	var out []string
	for _, r := range d.Resources {
		line := fmt.Sprintf("%s:%d", r.ID[strings.Index(string(r.ID), "/")+1:], r.Location.StartLine)
		for _, c := range r.Workload.Credentials {
			line += fmt.Sprintf(" [%s %s %s]", c.At, c.Provider, c.Via)
		}
		for _, u := range r.Unknown {
			line += " open: " + u.Hint
		}
		out = append(out, line)
	}
	for _, g := range d.Gaps {
		out = append(out, fmt.Sprintf("%s %s: %s", g.Why, g.What, g.Err))
	}
	return strings.Join(out, "\n")
}

func TestDockerfile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":               {"FROM scratch\nCOPY a /a\n", "Dockerfile#image:1"},
		"a literal in ENV":      {"FROM a\nENV AZURE_CLIENT_SECRET=x\n", "Dockerfile#image:2 [ENV/AZURE_CLIENT_SECRET azure literal]"},
		"the old form of ENV":   {"FROM a\nENV AZURE_CLIENT_SECRET the rest\n", "Dockerfile#image:2 [ENV/AZURE_CLIENT_SECRET azure literal]"},
		"several in one":        {"FROM a\nENV A=b AZURE_CLIENT_SECRET=\"x y\" VAULT_TOKEN='z'\n", "Dockerfile#image:2 [ENV/AZURE_CLIENT_SECRET azure literal] [ENV/VAULT_TOKEN vault literal]"},
		"an emulator's key":     {"FROM a\nENV AWS_SECRET_ACCESS_KEY=test\n", "Dockerfile#image:1"},
		"a key":                 {"FROM a\nENV AWS_SECRET_ACCESS_KEY=" + long + "\n", "Dockerfile#image:2 [ENV/AWS_SECRET_ACCESS_KEY aws literal]"},
		"an empty ENV":          {"FROM a\nENV VAULT_TOKEN=\"\"\n", "Dockerfile#image:1"},
		"a build argument":      {"FROM a\nARG VAULT_TOKEN\n", "Dockerfile#image:2 [ARG/VAULT_TOKEN vault argument]"},
		"an empty default":      {"FROM a\nARG VAULT_TOKEN=\n", "Dockerfile#image:2 [ARG/VAULT_TOKEN vault argument]"},
		"a default":             {"FROM a\nARG VAULT_TOKEN=x\n", "Dockerfile#image:2 [ARG/VAULT_TOKEN vault literal]"},
		"before FROM":           {"ARG VAULT_TOKEN=x\nFROM a\nARG VAULT_TOKEN\n", "Dockerfile#image:1 [ARG/VAULT_TOKEN vault literal]"},
		"ENV from ARG":          {"FROM a\nARG T\nENV VAULT_TOKEN=$T\n", "Dockerfile#image:3 [ENV/VAULT_TOKEN vault argument]"},
		"ENV from ENV":          {"FROM a\nENV T=x\nENV VAULT_TOKEN=${T}\n", "Dockerfile#image:3 [ENV/VAULT_TOKEN vault literal]"},
		"ENV from an empty ENV": {"FROM a\nENV T=\nENV VAULT_TOKEN=${T}\n", "Dockerfile#image:1"},
		"ENV from elsewhere":    {"FROM a\nENV VAULT_TOKEN=${T}\n", "Dockerfile#image:1 open: what VAULT_TOKEN holds is not stated"},
		"a fallback":            {"FROM a\nENV VAULT_TOKEN=${T:-x}\n", "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"an emulator's":         {"FROM a\nENV AWS_SECRET_ACCESS_KEY=${T:-test}\n", "Dockerfile#image:1 open: what AWS_SECRET_ACCESS_KEY holds is not stated"},
		"continuation":          {"FROM a\nENV A=b \\\n  # a comment\n\n  VAULT_TOKEN=x\n", "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"another escape":        {"# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nENV A=b `\n VAULT_TOKEN=x\n", "Dockerfile#image:4 [ENV/VAULT_TOKEN vault literal]"},
		"no escape any more":    {"FROM a\n# escape=`\nENV A=b `\nENV VAULT_TOKEN=x\n", "Dockerfile#image:4 [ENV/VAULT_TOKEN vault literal]"},
		"CRLF and a mark":       {"\xef\xbb\xbfFROM a\r\nENV A=b \\\r\n VAULT_TOKEN=x\r\n", "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"UTF-16":                {"\xff\xfe" + strings.ReplaceAll("FROM a\nENV VAULT_TOKEN=x\n", "", "\x00")[1:], "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"small letters":         {"from a\nenv VAULT_TOKEN=x\n", "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"for those who build":   {"FROM a\nONBUILD ENV VAULT_TOKEN=x\n", "Dockerfile#image:2 [ONBUILD ENV/VAULT_TOKEN vault literal]"},
		"a comment":             {"FROM a\n# ENV VAULT_TOKEN=x\n", "Dockerfile#image:1"},
		"a command":             {"FROM a\nRUN VAULT_TOKEN=x ./get\n", "Dockerfile#image:2 [RUN/VAULT_TOKEN vault literal]"},
		"a mounted secret":      {"FROM a\nRUN --mount=type=secret,id=t,env=VAULT_TOKEN ./get\nRUN --mount=type=secret,id=t VAULT_TOKEN=$(cat /run/secrets/t) ./get\n", "Dockerfile#image:1"},
		"a heredoc":             {"FROM a\nRUN <<EOF\nexport VAULT_TOKEN=x\nEOF\nENV AZURE_PASSWORD=x\n", "Dockerfile#image:2 [RUN/VAULT_TOKEN vault literal] [ENV/AZURE_PASSWORD azure literal]"},
		"a heredoc of a file":   {"FROM a\nCOPY <<-\"E\" /x\nENV VAULT_TOKEN=x\n\tE\nCMD x\n", "Dockerfile#image:2 [COPY/VAULT_TOKEN vault literal]"},
		"a profile in it":       {"FROM a\nCOPY <<EOF /etc/profile.d/v.sh\nexport VAULT_TOKEN=x\nEOF\n", "Dockerfile#image:2 [COPY/VAULT_TOKEN vault literal]"},
		"a home":                {"FROM a\nCOPY .aws /root/.aws\n", "Dockerfile#image:1 open: the files in .aws that it copies may be credentials"},
		"into a home":           {"FROM a\nCOPY keys/credentials /root/.aws/\n", "Dockerfile#image:2 [COPY/.aws/credentials aws file]"},
		"other files":           {"FROM a\nCOPY a.aws /root/x.aws/\n", "Dockerfile#image:1"},
		"an open heredoc":       {"FROM a\nRUN <<EOF\nENV VAULT_TOKEN_X=x", "Dockerfile#image:1"},
		"arguments of CMD":      {"FROM a\nCMD [\"x\", \"--vault-token\", \"$T\"]\n", "Dockerfile#image:2 [CMD/--vault-token vault variable]"},
		"a file of credentials": {"FROM a\nCOPY .aws/credentials /root/.aws/credentials\n", "Dockerfile#image:2 [COPY/.aws/credentials aws file]"},
		"two stages":            {"FROM a AS b\nENV VAULT_TOKEN=x\nFROM c\nCOPY --from=b /a /a\n", "Dockerfile#image:2 [ENV/VAULT_TOKEN vault literal]"},
		"no FROM":               {"RUN x\n", `not_stated file "Dockerfile": it does not begin with FROM`},
		"empty":                 {"", `not_stated file "Dockerfile": it does not begin with FROM`},
		"not of the reference":  {"FROM a\nINCLUDE+ b\nINCLUDE+ c\n", "Dockerfile#image:1 open: an instruction in line 2 is not one of the Dockerfile reference\nnot_stated file \"Dockerfile\": line 2: this instruction is not one of the Dockerfile reference"},
		"no text":               {"FROM a\x00b", `unreadable file "Dockerfile": it is no text`},
		"only an escape":        {"FROM a\nRUN \\", "Dockerfile#image:1"},
	} {
		if got := brief(readFiles(t, map[string]string{"Dockerfile": c.text})); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"Dockerfile": true, "a/api.Dockerfile": true, "Dockerfile.dev": true, "dockerfile": true, "Dockerfile-prod": true, "Dockerfile_dev": true, "Containerfile": true, "Dockerfile.dockerignore": false, "MyDockerfile": false,
		"compose.yaml": true, "docker-compose.override.yml": true, "compose.json": false, "a/compose-db.yml": true, ".env": true, "db.env": true, ".env.prod": true, "main.go": false,
	} {
		if wants(path) != want {
			t.Errorf("wants(%q) is %t", path, !want)
		}
	}
	// A file that only looks like one is neither a resource nor a gap.
	if got := brief(readFiles(t, map[string]string{"Dockerfile.md": "# How we build\n", "dockerfile.go": "package x\nFROM a\n", "compose.yaml": "name: x\n", "compose-app.yml": "apiVersion: v1\nkind: List\nservices: {a: {}}\n"})); got != "" {
		t.Error(got)
	}
}

func TestCompose(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":            {"services:\n  web: {image: a}\n  db:\n    image: b\n", "compose.yaml#service/web:2\ncompose.yaml#service/db:3"},
		"a map":              {"services:\n  web:\n    environment:\n      VAULT_TOKEN: x\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
		"a list":             {"services:\n  web:\n    environment:\n      - VAULT_TOKEN=x\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
		"the caller's":       {"services:\n  web:\n    environment:\n      VAULT_TOKEN:\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault variable]"},
		"the caller's, list": {"services:\n  web:\n    environment: [VAULT_TOKEN]\n", "compose.yaml#service/web:3 [environment/VAULT_TOKEN vault variable]"},
		"a variable":         {"services:\n  web:\n    environment:\n      VAULT_TOKEN: ${T:?set it}\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault variable]"},
		"empty":              {"services:\n  web:\n    environment:\n      VAULT_TOKEN: ''\n", "compose.yaml#service/web:2"},
		"a fallback":         {"services:\n  web:\n    environment:\n      VAULT_TOKEN: ${T:-x}\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
		"a fallback's own":   {"services:\n  web:\n    environment:\n      VAULT_TOKEN: ${T:-${U}}\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault variable]"},
		"mounted as a token": {"services:\n  web:\n    volumes: ['./t:/root/.vault-token:ro']\n", "compose.yaml#service/web:2 open: the files in .vault-token that it mounts may be credentials"},
		"an emulator's":      {"services:\n  web:\n    environment:\n      AWS_SECRET_ACCESS_KEY: ${T:-test}\n", "compose.yaml#service/web:2 open: what AWS_SECRET_ACCESS_KEY holds is not stated"},
		"a server to try":    {"services:\n  web:\n    environment: {VAULT_TOKEN: root}\n  vault:\n    environment: {VAULT_DEV_ROOT_TOKEN_ID: root}\n", "compose.yaml#service/web:2\ncompose.yaml#service/vault:4"},
		"a number":           {"services:\n  web:\n    environment:\n      VAULT_TOKEN: 12\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
		"a dollar":           {"services:\n  web:\n    environment:\n      VAULT_TOKEN: $$x\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
		"a template":         {"services:\n  web:\n    environment:\n      VAULT_TOKEN: '{{ t }}'\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault variable]"},
		"a name made up":     {"services:\n  web:\n    environment: ['${X}=y']\n", "compose.yaml#service/web:2 open: the name of a variable is filled in from elsewhere"},
		"a session":          {"services:\n  web:\n    environment: [AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN]\n", "compose.yaml#service/web:2"},
		"anchors":            {"x-e: &e\n  VAULT_TOKEN: x\nservices:\n  web:\n    environment:\n      <<: *e\n      A: b\n", "compose.yaml#service/web:2 [environment/VAULT_TOKEN vault literal]"},
		"own over merged":    {"x-e: &e\n  VAULT_TOKEN: x\nservices:\n  web:\n    environment:\n      <<: *e\n      VAULT_TOKEN: ''\n", "compose.yaml#service/web:4"},
		"a build argument":   {"services:\n  web:\n    build:\n      args:\n        VAULT_TOKEN: ${T}\n", "compose.yaml#service/web:5 [build args/VAULT_TOKEN vault argument]"},
		"a command":          {"services:\n  web:\n    command: [x, --vault-token=abc]\n", "compose.yaml#service/web:3 [command/--vault-token vault argument]"},
		"a secret":           {"services:\n  web:\n    secrets: [vault_token, other]\nsecrets: {vault_token: {file: a}}\n", "compose.yaml#service/web:3 [secrets/VAULT_TOKEN vault file]"},
		"a secret's source":  {"services:\n  web:\n    secrets: [{source: t, target: /run/x}]\nsecrets: {t: {environment: AZURE_CLIENT_SECRET}}\n", "compose.yaml#service/web:3 [secrets/AZURE_CLIENT_SECRET azure file]"},
		"a Dockerfile in it": {"services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM a\n        ENV VAULT_TOKEN=x\n", "compose.yaml#service/web:4 [ENV/VAULT_TOKEN vault literal]"},
		"after the start":    {"services:\n  web:\n    post_start:\n    - command: [x, --vault-token=abc]\n      environment: [AZURE_PASSWORD=x]\n", "compose.yaml#service/web:4 [post_start/--vault-token vault argument] [post_start/AZURE_PASSWORD azure literal]"},
		"a test of health":   {"services:\n  web:\n    healthcheck: {test: [CMD-SHELL, VAULT_TOKEN=x vault status]}\n", "compose.yaml#service/web:3 [healthcheck/VAULT_TOKEN vault argument]"},
		"a configuration":    {"services:\n  web:\n    configs: [{source: c, target: /x}]\nconfigs: {c: {content: \"export VAULT_TOKEN=x\"}, d: {content: \"export AZURE_PASSWORD=x\"}}\n", "compose.yaml#service/web:3 [configs/VAULT_TOKEN vault literal]"},
		"a home":             {"services:\n  web:\n    volumes: ['~/.aws:/root/.aws:ro']\n", "compose.yaml#service/web:2 open: the files in .aws that it mounts may be credentials"},
		"a file not there":   {"services:\n  web:\n    env_file: secret.env\n", "compose.yaml#service/web:2 open: the env_file secret.env is not in these files"},
		"extends":            {"services:\n  a:\n    environment: {VAULT_TOKEN: x, AZURE_PASSWORD: y}\n  b:\n    extends: a\n    environment: {AZURE_PASSWORD: ''}\n", "compose.yaml#service/a:3 [environment/VAULT_TOKEN vault literal] [environment/AZURE_PASSWORD azure literal]\ncompose.yaml#service/b:3 [environment/VAULT_TOKEN vault literal]"},
		"extends nothing":    {"services:\n  b:\n    extends: {service: a}\n", "compose.yaml#service/b:2 open: the service that it extends, a, is not in these files"},
		"extends no file":    {"services:\n  b:\n    extends: {service: a, file: x.yml}\n", "compose.yaml#service/b:2 open: the service that it extends, a, is not in these files"},
		"a circle":           {"services:\n  a:\n    extends: b\n  b:\n    extends: a\n", "compose.yaml#service/a:2 open: services extend each other in a circle\ncompose.yaml#service/b:4 open: services extend each other in a circle"},
		"included":           {"include: [{path: other.yaml}]\nservices: {a: {image: b}}\n", "compose.yaml#service/a:2\nnot_stated file \"compose.yaml\": line 1: the file that this includes is not read"},
		"no map":             {"services: {a: b}\n", "not_stated file \"compose.yaml\": line 1: this service is no map"},
		"broken":             {"services:\n  a: [\n", "unreadable file \"compose.yaml\": line 2: did not find expected node content"},
		"UTF-16":             {"\xff\xfe" + strings.ReplaceAll("services:\n  web:\n    environment: [VAULT_TOKEN=x]\n", "", "\x00")[1:], "compose.yaml#service/web:3 [environment/VAULT_TOKEN vault literal]"},
		"CRLF and a mark":    {"\xef\xbb\xbfservices:\r\n  web:\r\n    environment:\r\n      VAULT_TOKEN: x\r\n", "compose.yaml#service/web:4 [environment/VAULT_TOKEN vault literal]"},
	} {
		if got := brief(readFiles(t, map[string]string{"compose.yaml": c.text})); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestComposeOfSeveralFiles(t *testing.T) {
	got := brief(readFiles(t, map[string]string{
		"app/compose.yaml":      "services:\n  a:\n    env_file: [one.env, {path: ../two.env, required: false}]\n    environment: {AZURE_PASSWORD: ''}\n  b:\n    extends: {file: compose-base.yaml, service: base}\n",
		"app/one.env":           "# comment\nVAULT_TOKEN=x # of one\nAZURE_PASSWORD=y\n",
		"two.env":               "export VAULT_TOKEN=\nVAULT_SECRET_ID\nAZURE_CLIENT_SECRET=\"a # b\"\n",
		"app/compose-base.yaml": "services:\n  base:\n    env_file: one.env\n",
	}))
	want := `app/compose-base.yaml#service/base:3 [environment/VAULT_TOKEN vault literal] [environment/AZURE_PASSWORD azure literal]
app/compose.yaml#service/a:3 [environment/VAULT_SECRET_ID vault variable] [environment/AZURE_CLIENT_SECRET azure literal]
app/compose.yaml#service/b:5 [environment/VAULT_TOKEN vault literal] [environment/AZURE_PASSWORD azure literal]`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What is too much to be read is a gap, and what is only long is read.
func TestHostileFiles(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'g'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	for name, c := range map[string]struct {
		file, text string
		gap        bool
	}{
		"deep":        {"compose.yaml", "services: " + strings.Repeat("{a: ", 10_000), true},
		"a bomb":      {"compose.yaml", bomb + "services: {web: {environment: *g}}\n", true},
		"a circle":    {"compose.yaml", "services: &s {web: {environment: *s}}\n", true},
		"services":    {"compose.yaml", "services:\n  a: {extends: b}\n  b: {extends: a}\n", false},
		"long":        {"compose.yaml", "services:\n  a: {image: i}\n" + strings.Repeat("# a comment that goes on and on\n", 300_000), false},
		"one line":    {"Dockerfile", "FROM a\nENV " + strings.Repeat("A=b ", 500_000), false},
		"no end":      {"Dockerfile", "FROM a\nRUN " + strings.Repeat("x \\\n", 500_000), false},
		"heredocs":    {"Dockerfile", "FROM a\n" + strings.Repeat("RUN <<EOF\n", 300_000), false},
		"open quotes": {"Dockerfile", "FROM a\nENV A=" + strings.Repeat("\"'", 500_000), false},
	} {
		d := readFiles(t, map[string]string{c.file: c.text})
		if c.gap && (len(d.Gaps) == 0 || d.Gaps[0].Why != inventory.Unreadable) || !c.gap && len(d.Resources) == 0 {
			t.Errorf("%s: %s", name, brief(d))
		}
	}
}

func FuzzDockerfileNeverFails(f *testing.F) {
	f.Add("FROM a\nENV A=b\\\n C='d e'\nRUN <<EOF\nx\nEOF\nONBUILD ARG x\n")
	f.Add("# escape=`\nFROM a\nCMD [\"a\",\"b\"]")
	f.Fuzz(func(t *testing.T, data string) {
		lines := strings.Count(strings.ReplaceAll(data, "\r\n", "\n"), "\n") + 1
		last := 0
		for _, in := range parse(data) {
			if in.start <= last || in.end < in.start || in.end > lines {
				t.Fatalf("instruction of lines %d to %d after line %d, of %d", in.start, in.end, last, lines)
			}
			last = in.end
		}
		readFiles(t, map[string]string{"Dockerfile": data})
	})
}

func FuzzComposeNeverFails(f *testing.F) {
	f.Add("services:\n  a:\n    environment: {VAULT_TOKEN: x}\n    extends: {service: b, file: compose.yaml}\n    env_file: [{path: a.env}]\n", "A=b\n")
	f.Fuzz(func(t *testing.T, data, env string) {
		readFiles(t, map[string]string{"compose.yaml": data, "a.env": env})
	})
}
