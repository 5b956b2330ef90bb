package workflows

import (
	"path"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// An action is what the documentation of an action of a provider says of its inputs, in small letters.
type action struct {
	static map[string]string // input to provider
	// federates is the provider that the action logs in to with a token, given its inputs; "" for none. Asks: with one of GitHub's,
	// for which the job needs the permission.
	federates func(with inputs) (provider string, asks bool)
}

// inputs are those of a step, their names in small letters.
type inputs map[string]string

// actions: the README of each action. Most others take credentials from the environment, or under inputs named for the variables.
var actions = map[string]action{
	"aws-actions/configure-aws-credentials": {
		static: map[string]string{"aws-secret-access-key": staticcred.AWS},
		federates: func(with inputs) (string, bool) {
			if with["role-to-assume"] == "" || with["aws-access-key-id"] != "" || with["role-chaining"] == "true" {
				return "", false
			}
			return staticcred.AWS, with["web-identity-token-file"] == ""
		},
	},
	"azure/login": {
		static: map[string]string{"creds": staticcred.Azure, "client-secret": staticcred.Azure},
		federates: func(with inputs) (string, bool) { // creds are ignored beside a client-id
			if with["client-id"] == "" || with["client-secret"] != "" || strings.EqualFold(with["auth-type"], "IDENTITY") {
				return "", false
			}
			return staticcred.Azure, true
		},
	},
	"azure/aks-set-context":  {static: map[string]string{"creds": staticcred.Azure}},
	"azure/webapps-deploy":   {static: map[string]string{"publish-profile": staticcred.Azure}},
	"azure/functions-action": {static: map[string]string{"publish-profile": staticcred.Azure}},
	"google-github-actions/auth": {
		static: map[string]string{"credentials_json": staticcred.GCP},
		federates: func(with inputs) (string, bool) {
			if with["workload_identity_provider"] == "" {
				return "", false
			}
			return staticcred.GCP, true
		},
	},
	"google-github-actions/setup-gcloud": {static: map[string]string{"service_account_key": staticcred.GCP}}, // until version 0
	"hashicorp/vault-action": {
		static: map[string]string{"token": staticcred.Vault, "secretid": staticcred.Vault, "githubtoken": staticcred.Vault, "password": staticcred.Vault, "jwtprivatekey": staticcred.Vault},
		federates: func(with inputs) (string, bool) {
			switch strings.ToLower(with["method"]) {
			case "jwt":
				return staticcred.Vault, with["jwtprivatekey"] == ""
			case "kubernetes":
				return staticcred.Vault, false // with the token of the runner's pod
			}
			return "", false
		},
	},
}

// Actions of the repository may use each other 10 deep, as GitHub allows; a job that uses more of them than this in all is hardly meant.
const (
	maxNested  = 10
	maxActions = 1_000
)

func (g *githubReader) steps(in scope, list *yamlnode.Node, depth int) {
	for i, step := range items(list) {
		called := in.called(stepName(step, i))
		env := step.Get("env")
		inside := in.with(env)
		if env != nil && env.Kind != yamlnode.Map && env.Kind != yamlnode.Null {
			g.out.set.Open("a map of variables is made by an expression")
		}
		env.Each(func(key string, k, v *yamlnode.Node) {
			text, _ := v.Str()
			g.variable(in, called, key, text, in.line(g.file, k))
		})
		if run, ok := step.Get("run").Str(); ok {
			g.run(inside, called, run, in.line(g.file, step.Get("run")))
		}
		if uses, ok := step.Get("uses").Str(); ok {
			g.uses(inside, called, uses, step.Get("with"), depth)
		}
	}
}

func stepName(step *yamlnode.Node, i int) string {
	uses, _, _ := strings.Cut(or(step.Get("uses"), ""), "@")
	for _, s := range []string{or(step.Get("id"), ""), or(step.Get("name"), ""), uses} {
		if s != "" && !strings.Contains(s, "${{") {
			return s
		}
	}
	return "step " + strconv.Itoa(i+1)
}

// script reads a script for what it sets.
func (g *githubReader) script(in scope, called, script string, line int) {
	script = expression.ReplaceAllStringFunc(script, func(e string) string { return strings.ReplaceAll(e, "\n", " ") })
	g.out.set.Script(called, script, line, func(word string) string {
		if strings.Contains(word, "${{") {
			return in.origin(word).via
		}
		if !strings.Contains(word, "$") {
			return staticcred.Literal
		}
		return in.env[strings.Trim(word, "${}")].via
	})
}

// run reads the script of a step.
func (g *githubReader) run(in scope, called, script string, line int) {
	g.script(in, called, script, line)
	g.secrets(called, script, line)
	if g.idToken != no {
		for _, p := range staticcred.Logins(script) {
			g.federate(p)
		}
	}
}

// uses reads the inputs of an action, and the steps of one that is in the repository.
func (g *githubReader) uses(in scope, called, uses string, with *yamlnode.Node, depth int) {
	what, _, _ := strings.Cut(uses, "@")
	known := actions[strings.ToLower(what)]
	list := inputs{}
	with.Each(func(key string, k, v *yamlnode.Node) {
		text, _ := v.Str()
		lower := strings.ToLower(key)
		list[lower] = text
		provider := known.static[lower]
		if provider == "" {
			provider = staticcred.ProviderOf(staticcred.As(key))
		}
		g.input(in, called, key, provider, text, in.line(g.file, k))
	})
	if known.federates != nil {
		if p, asks := known.federates(list); asks {
			g.federate(p)
		} else {
			g.out.federates(p)
		}
	}
	if strings.EqualFold(what, "hashicorp/vault-action") {
		g.fetched(called, list["secrets"], in.line(g.file, with))
	}
	if local, ok := strings.CutPrefix(what, "./"); ok {
		g.local(in, called, path.Clean(local), list, depth)
	}
}

// fetched reads what vault-action puts into the environment: "PATH KEY | NAME" an entry. A credential of a KV store is a long-lived one;
// other engines may issue one that ends.
func (g *githubReader) fetched(called, entries string, line int) {
	for _, entry := range strings.FieldsFunc(entries, func(c rune) bool { return c == ';' || c == '\n' }) {
		place, as, _ := strings.Cut(entry, "|")
		via := ""
		if strings.Contains(place, "/data/") { // the API path of version 2
			via = staticcred.Secret
		}
		g.out.set.Add(staticcred.Handed{Scope: called, Name: strings.TrimSpace(as), Via: via, Line: line})
	}
}

// local reads a composite action of the repository, with its inputs as they are handed over or by default.
func (g *githubReader) local(in scope, called, dir string, with inputs, depth int) {
	file := ""
	for _, base := range []string{"action.yml", "action.yaml"} {
		if _, there := g.files[path.Join(dir, base)]; there && file == "" {
			file = path.Join(dir, base)
		}
	}
	if g.actions++; file == "" || depth >= maxNested || g.actions > maxActions {
		g.out.set.Open("the action ./" + dir + " is not in these files")
		if g.idToken != no {
			g.out.mayFederate("the action ./" + dir + " is not in these files")
		}
		return
	}
	for _, doc := range g.load(file) {
		inside := scope{file: file, prefix: called + "/", env: in.env, inputs: map[string]origin{}}
		doc.Get("inputs").Each(func(key string, _, v *yamlnode.Node) {
			text, _ := v.Get("default").Str()
			inside.inputs[strings.ToLower(key)] = origin{staticcred.Literal, text}
		})
		for key, text := range with {
			inside.inputs[key] = in.origin(text)
		}
		g.steps(inside, doc.Get("runs", "steps"), depth+1)
	}
}
