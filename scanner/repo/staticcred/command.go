package staticcred

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A use is a credential that a command line or a script is given.
type use struct {
	name string // the variable, flag or command
	meaning
	text string // as the shell sees it, without quotes
}

// word is one word of a shell, quoted or not; an expression of a pipeline may hold blanks.
const word = `("[^"\n]*"|'[^'\n]*'|\$\{\{[^}\n]*\}\}[^\s;&|"')]*|[^\s;&|"')]*)`

// flags are flags and system properties that programs document.
var flags = map[string]meaning{
	"-Daws.secretKey":                                   {AWS, value}, // AWS SDK for Java 1.x
	"-Daws.secretAccessKey":                             {AWS, value}, // AWS SDK for Java 2.x
	"-Daws.sessionToken":                                {AWS, session},
	"-vault-token":                                      {Vault, value}, // consul-template, envconsul
	"--vault-token":                                     {Vault, value},
	"--spring.cloud.aws.credentials.secret-key":         {AWS, value},
	"-Dspring.cloud.aws.credentials.secret-key":         {AWS, value},
	"--spring.cloud.azure.credential.client-secret":     {Azure, value},
	"-Dspring.cloud.azure.credential.client-secret":     {Azure, value},
	"--spring.cloud.vault.token":                        {Vault, value},
	"-Dspring.cloud.vault.token":                        {Vault, value},
	"--spring.cloud.vault.app-role.secret-id":           {Vault, value},
	"-Dspring.cloud.vault.app-role.secret-id":           {Vault, value},
	"--quarkus.vault.authentication.client-token":       {Vault, value},
	"-Dquarkus.vault.authentication.client-token":       {Vault, value},
	"--aws-secret-access-key":                           {AWS, value}, // the flag form of the variables' names
	"--azure-client-secret":                             {Azure, value},
	"--vault-secret-id":                                 {Vault, value},
	"-Dquarkus.vault.authentication.app-role.secret-id": {Vault, value},
}

// marks are parts of names, one of which each variable of a credential has; most scripts hold none, and need no closer look.
var marks = []string{inTerraform, "SECRET", "TOKEN", "KEY", "CRED", "PASSWORD", "CERTIFICATE", "AUTH_LOCATION"}

// commands are those of the providers' own tools that take a credential, each with a part that it cannot lack and the word that it is.
var commands = []struct {
	name     string
	provider string
	sort     sort
	part     string
	line     *regexp.Regexp
}{
	{"aws configure set aws_secret_access_key", AWS, value, "aws_secret_access_key", regexp.MustCompile(`\baws\s[^\n;&|]*?\bconfigure\s+set\s[^\n;&|]*?aws_secret_access_key\s+` + word)},
	{"aws configure set aws_session_token", AWS, session, "aws_session_token", regexp.MustCompile(`\baws\s[^\n;&|]*?\bconfigure\s+set\s[^\n;&|]*?aws_session_token\s+` + word)},
	{"az login --service-principal", Azure, value, "az ", regexp.MustCompile(`\baz\s+login\s(?:[^\n;&|]*?\s)?(?:-p|--password|--certificate)(?:=|\s+)` + word)},
	{"azd auth login --client-secret", Azure, value, "azd ", regexp.MustCompile(`\bazd\s+auth\s+login\s[^\n;&|]*?--client-secret(?:=|\s+)` + word)},
	{"kubelogin --client-secret", Azure, value, "kubelogin", regexp.MustCompile(`\bkubelogin\s[^\n;&|]*?--client-secret(?:=|\s+)` + word)},
	{"vault login", Vault, value, "vault ", regexp.MustCompile(`\bvault\s+login\s+(?:--?(?:address|agent-address|namespace|ca-cert|ca-path|client-cert|client-key|tls-server-name|format|field|path|header|mfa|wrap-ttl)(?:=|\s+)\S+\s+|--?(?:no-print|no-store|token-only|tls-skip-verify|non-interactive)(?:=\S+)?\s+|--?method(?:=|\s+)token\s+)*(?:token=)?` + word)},
	{"vault login -method", Vault, value, "method", regexp.MustCompile(`\bvault\s+login\s[^\n;&|]*?--?method(?:=|\s+)["']?(?:userpass|ldap|radius|okta|github)\b[^\n;&|]*?\s(?:password|token)=` + word)},
	{"secret_id of an AppRole login", Vault, value, "secret_id=", regexp.MustCompile(`(?:\bauth/[^\s"']+/login|\bvault\s+login)\b[^\n;&|]*?\bsecret_id=` + word)},
	{"terraform -backend-config secret_key", AWS, value, "backend-config", regexp.MustCompile(`-backend-config(?:=|\s+)["']?secret_key=` + word)},
	{"terraform -backend-config client_secret", Azure, value, "backend-config", regexp.MustCompile(`-backend-config(?:=|\s+)["']?client_secret=` + word)},
	{"gcloud auth activate-service-account", GCP, value, "activate-service-account", regexp.MustCompile(`\bgcloud\s+auth\s+activate-service-account\s[^\n;&|]*?--key-file(?:=|\s+)` + word)},
}

// variableName is the name of a variable of the environment, as those of credentials are spelled.
const variableName = `(` + inTerraform + `\w+|[A-Z][A-Z0-9_]+)`

var (
	assignment = regexp.MustCompile(`(?m)(?:^|[\s;&|("'.=,])` + variableName + `=` + word)
	exported   = regexp.MustCompile(`\bexportVariable\(\s*["'\x60]` + variableName + `["'\x60]\s*,\s*` + word) // @actions/core
	powershell = regexp.MustCompile(`\$[Ee]nv:` + variableName + `\s*=\s*` + word)
	reference  = regexp.MustCompile(`\$(?:[Ee]nv:|\{)?` + variableName)
	handedOn   = regexp.MustCompile(`(?:-e|--env)[ \t=]+["']?` + variableName + `["']?(?:\s|$)`) // to a container
	flag       = regexp.MustCompile(`(?m)(?:^|[\s"'])(` + alternatives(flags) + `)(?:=|\s+)` + word)
	// setting is one of the AWS CLI's files, which scripts write: in a line of its own, or in what is printed.
	setting      = regexp.MustCompile(`(?m)(?:^[ \t]*|["']|\\n)(aws_secret_access_key|aws_session_token)[ \t]*=[ \t]*` + word)
	example      = regexp.MustCompile(`^<[^<>]*>$`) // no text to a shell, which would read a file of that name
	continuation = regexp.MustCompile(`\\\r?\n`)
)

func alternatives(table map[string]meaning) string {
	list := slices.SortedFunc(maps.Keys(table), func(a, b string) int { return len(b) - len(a) })
	for i, s := range list {
		list[i] = regexp.QuoteMeta(s)
	}
	return strings.Join(list, "|")
}

// devToken is where a command line gives a Vault server in development mode its root token: by a flag, or by a variable of a container.
var devToken = regexp.MustCompile(`(?:-dev-root-token-id|` + DevToken + `)(?:=|\s+)` + word)

// Dev notes the tokens of the Vault servers in development mode that a script or a command line starts.
func (s *Set) Dev(script string) {
	if !strings.Contains(script, "-dev-root-token-id") && !strings.Contains(script, DevToken) {
		return
	}
	for _, hit := range devToken.FindAllStringSubmatch(plain(script), -1) {
		if token := strings.Trim(hit[1], `"'`); !strings.Contains(token, "$") {
			s.Add(Handed{Name: DevToken, Via: Literal, Value: token})
		}
	}
}

// Script notes the credentials that a script or a command line states or takes from somewhere; via says of a word how it is handed
// over (see Shell). What another command makes while it runs, AWS_SECRET_ACCESS_KEY=$(...), is none.
func (s *Set) Script(scope, script string, line int, via func(word string) string) {
	s.Dev(script)
	for _, u := range uses(script) {
		printed := (u.name == "aws_secret_access_key" || u.name == tokenHeader) && strings.HasPrefix(u.text, "%") || // by printf
			u.name == tokenHeader && strings.HasPrefix(u.text, "{") // by a template
		if !printed && !strings.Contains(u.text, "$") && u.sort == value && !u.holds(u.text) {
			continue
		}
		h := Handed{Scope: scope, Name: u.name, Via: via(u.text), Value: u.text, Line: line}
		if printed {
			h.Via = ""
		}
		s.note(u.meaning, h)
	}
}

// Shell is how a word of a shell hands something over: from a variable, or as it stands there.
func Shell(word string) string {
	if strings.Contains(word, "$") {
		return Variable
	}
	return Literal
}

func uses(script string) []use {
	script = plain(script)
	results := outputs(script)
	var out []use
	add := func(name string, m meaning, text string) {
		if text = strings.Trim(text, `"'`); text != "" && !example.MatchString(text) && !made(text) && !results[variable(text)] {
			out = append(out, use{name, m, text})
		}
	}
	for _, re := range assignments(script) {
		for _, hit := range re.FindAllStringSubmatch(script, -1) {
			if m, ok := meant(hit[1]); ok && !strings.HasPrefix(hit[2], "=") {
				add(hit[1], m, hit[2])
			}
		}
	}
	if strings.Contains(script, "oken") || strings.Contains(script, "secret") {
		for _, hit := range flag.FindAllStringSubmatch(script, -1) {
			add(hit[1], flags[hit[1]], hit[2])
		}
	}
	if strings.Contains(script, "aws_s") && (strings.Contains(script, "credentials") || strings.Contains(script, "CREDENTIALS")) {
		for _, hit := range setting.FindAllStringSubmatch(script, -1) {
			add(hit[1], names[strings.ToUpper(hit[1])], hit[2])
		}
	}
	for _, h := range headers(script) {
		if !known(variable(h)) { // which is told where it is handed over
			add(tokenHeader, meaning{Vault, value}, h)
		}
	}
	for _, c := range commands {
		if !strings.Contains(script, c.part) {
			continue
		}
		for _, hit := range c.line.FindAllStringSubmatch(script, -1) {
			if !strings.HasPrefix(hit[1], "-") && !strings.Contains(hit[0], "--federated-token") {
				add(c.name, meaning{c.provider, c.sort}, hit[1])
			}
		}
	}
	return out
}

// begins is a command of a provider's tool where a shell expects one.
var begins = regexp.MustCompile(`(?:^|[;&|(]|\b(?:sudo|exec|env)\s)\s*(?:vault|az|azd|aws|gcloud|kubelogin)\s+[a-z-]`)

// IsScript reports whether a text that may be one is worth reading as a script: it has several lines, sets something, or runs one of the
// tools that take a credential.
func IsScript(text string) bool {
	return strings.ContainsAny(text, "=\n") || strings.Contains(text, "exportVariable(") || strings.Contains(text, " ") && begins.MatchString(text)
}

// Mentions reports whether a script states a credential or takes one from somewhere.
func Mentions(script string) bool { return len(uses(script)) > 0 || len(References(script)) > 0 }

// References lists the variables with the name of a credential that a script takes from its environment: those that it reads or
// hands on to a container, and does not set itself.
func References(script string) []string {
	script = plain(script)
	var out []string
	set := map[string]bool{}
	for _, re := range assignments(script) {
		for _, hit := range re.FindAllStringSubmatch(script, -1) {
			set[hit[1]] = true
		}
	}
	if !marked(script) {
		return nil
	}
	for _, hit := range slices.Concat(reference.FindAllStringSubmatch(script, -1), handedOn.FindAllStringSubmatch(script, -1)) {
		if name := hit[1]; !set[name] && known(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func known(name string) bool {
	_, ok := meant(name)
	return ok
}

// assignments are the patterns to look for in a script: none in one that cannot match.
func assignments(script string) []*regexp.Regexp {
	switch {
	case !marked(script):
		return nil
	case strings.Contains(script, "exportVariable("):
		return []*regexp.Regexp{assignment, exported}
	case !strings.Contains(script, "nv:"):
		return []*regexp.Regexp{assignment}
	}
	return []*regexp.Regexp{assignment, powershell}
}

func marked(script string) bool {
	return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(script, m) })
}

// plain takes out comments and joins lines that go on.
func plain(script string) string {
	if strings.Contains(script, "#") {
		lines := strings.SplitAfter(script, "\n")
		for i, line := range lines {
			lines[i] = uncommented(line)
		}
		script = strings.Join(lines, "")
	}
	if strings.Contains(script, "\\") {
		script = continuation.ReplaceAllString(script, " ")
	}
	return script
}

// uncommented is a line without its comment, which begins outside quotes and after a blank.
func uncommented(line string) string {
	var quote rune
	blank, escaped := true, false
	for i, c := range line {
		switch {
		case escaped:
			escaped = false
		case c == '\\' && quote != '\'':
			escaped = true
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#' && blank:
			return line[:i] + "\n"
		}
		blank = c == ' ' || c == '\t'
	}
	return line
}

var output = regexp.MustCompile("(?:^|[\\s;&|(])([A-Za-z_][A-Za-z0-9_]*)=[\"']?(?:\\$\\(|`)")

// outputs are the variables that a script fills with the output of a command.
func outputs(script string) map[string]bool {
	if !strings.Contains(script, "=") || !strings.ContainsAny(script, "(`") {
		return nil
	}
	out := map[string]bool{}
	for _, hit := range output.FindAllStringSubmatch(script, -1) {
		out[hit[1]] = true
	}
	return out
}

// variable is the name in a word that is no more than a variable: $NAME, ${NAME}; "" for other words.
func variable(word string) string {
	name, ok := strings.CutPrefix(word, "$")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
}

// made reports whether a word is the output of another command.
func made(text string) bool {
	return strings.HasPrefix(text, "$(") || strings.HasPrefix(text, "`")
}
