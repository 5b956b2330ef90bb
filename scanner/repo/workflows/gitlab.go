package workflows

import (
	"regexp"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A gitlabReader reads one job.
type gitlabReader struct {
	*pipeline
	out  job
	file string                    // that declares the job
	vars map[string]*yamlnode.Node // in sight, by name
}

// job reads what a job of GitLab is handed, by variables, secrets and scripts, and what it proves with its ID tokens.
func (p *pipeline) job(called string, k, v *yamlnode.Node) {
	g := gitlabReader{pipeline: p, file: p.where(k), vars: map[string]*yamlnode.Node{}}
	p.looked = 0
	n, whole := p.extended(v, 0)
	if !whole {
		why := "a job that it extends is not in these files"
		g.out.set.Open(why)
		g.out.mayFederate(why)
	}
	g.variables(n)
	g.more(n)
	tokens := p.resolve(p.inherited(n, "id_tokens"), 0)
	script := g.script(n)
	g.secrets(p.resolve(p.inherited(n, "secrets"), 0))
	g.proofs(tokens, script)
	g.unseen(script)
	p.yield(&g.out, gitlabJob, "gitlab", p.file, called, p.at(k, v))
}

func (g *gitlabReader) line(n *yamlnode.Node) int {
	if g.where(n) != g.file {
		return 0
	}
	return n.Line
}

// variables adds those of the pipeline, of the job, and of the rules of both.
func (g *gitlabReader) variables(n *yamlnode.Node) {
	inherit := n.Get("inherit", "variables")
	var places []*yamlnode.Node
	add := func(list *yamlnode.Node, global bool) {
		g.resolve(list, 0).Each(func(called string, k, v *yamlnode.Node) {
			if global && !inherits(inherit, called) {
				return
			}
			if v = g.resolve(v, 0); v != nil && v.Kind == yamlnode.Map {
				v = v.Get("value")
			}
			g.vars[called] = v
			places = append(places, k)
		})
	}
	add(g.root.Get("variables"), true)
	add(n.Get("variables"), false)
	seen := map[string]bool{}
	for i := len(places) - 1; i >= 0; i-- { // the last statement is the one in force
		if called := places[i].Text; !seen[called] {
			seen[called] = true
			g.variable(called, g.vars[called], g.line(places[i]))
		}
	}
	for _, rules := range []*yamlnode.Node{g.root.Get("workflow", "rules"), n.Get("rules")} {
		for _, rule := range items(g.resolve(rules, 0)) {
			rule.Get("variables").Each(func(called string, k, v *yamlnode.Node) { g.variable(called, v, g.line(k)) })
		}
	}
}

// more adds the variables of a matrix, each value of which is a job's, and those that services are handed.
func (g *gitlabReader) more(n *yamlnode.Node) {
	for _, combination := range items(g.resolve(n.Get("parallel", "matrix"), 0)) {
		combination.Each(func(called string, k, v *yamlnode.Node) {
			values := items(v)
			if v.Kind != yamlnode.List {
				values = []*yamlnode.Node{v}
			}
			for _, value := range values {
				g.vars[called] = value
				g.variable(called, value, g.line(k))
			}
		})
	}
	for _, service := range items(g.resolve(g.inherited(n, "services"), 0)) {
		for _, field := range []string{"command", "entrypoint"} {
			args, _ := service.Get(field).Strings()
			g.out.set.Dev(strings.Join(args, " "))
		}
		g.resolve(service.Get("variables"), 0).Each(func(called string, k, v *yamlnode.Node) { g.variable(called, v, g.line(k)) })
	}
}

func (g *gitlabReader) variable(called string, v *yamlnode.Node, line int) {
	text, _ := v.Str()
	g.out.federates(staticcred.Proof(called, text))
	from := g.origin(text, 0)
	g.out.set.Add(staticcred.Handed{Scope: "variables", Name: called, Via: from.via, Value: from.text, Line: line})
}

// variableName is $NAME or ${NAME}.
var variableName = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// origin follows a value through the variables in sight. One that is not among them is set in the project or by whoever runs it.
func (g *gitlabReader) origin(text string, depth int) origin {
	if strings.Contains(text, "$[[") {
		return origin{via: staticcred.Variable} // an input of the pipeline
	}
	m := variableName.FindStringSubmatch(strings.ReplaceAll(text, "$$", ""))
	if m == nil {
		return origin{staticcred.Literal, text}
	}
	v, ok := g.vars[m[1]]
	if !ok || depth > len(g.vars) {
		return origin{via: staticcred.Variable}
	}
	inner, _ := v.Str()
	return g.origin(inner, depth+1)
}

// script reads the scripts of a job; what they read and do not set comes from variables.
func (g *gitlabReader) script(n *yamlnode.Node) string {
	var all []string
	line, found := 0, false // of the first part that has to do with a credential, else of the first
	for _, key := range []string{"hooks", "before_script", "script", "after_script", "run"} {
		part := n.Get(key)
		if key == "hooks" {
			part = g.resolve(g.inherited(n, key), 0).Get("pre_get_sources_script")
		} else if key != "script" && key != "run" {
			part = g.inherited(n, key)
		}
		lines, ok := g.lines(part, 0)
		if !ok {
			g.out.set.Open("a script that it refers to is not in these files")
			g.out.mayFederate("a script that it refers to is not in these files")
		}
		for _, step := range items(part) { // the steps of run
			if s, ok := step.Get("script").Str(); ok && key == "run" {
				lines = append(lines, s)
			}
		}
		all = append(all, lines...)
		mentions := !found && staticcred.Mentions(strings.Join(lines, "\n"))
		if len(lines) > 0 && (line == 0 || mentions) {
			line, found = g.line(part), mentions
		}
	}
	script := strings.Join(all, "\n")
	g.out.set.Script("script", script, line, func(word string) string {
		if !strings.Contains(word, "$") {
			return staticcred.Literal
		}
		if m := variableName.FindStringSubmatch(word); m != nil && g.vars[m[1]] == nil && strings.Contains(script, m[1]+"=") {
			return "" // the script makes it in some way
		}
		return g.origin(word, 0).via
	})
	for _, called := range staticcred.References(script) {
		if _, set := g.vars[called]; !set {
			g.out.set.Add(staticcred.Handed{Scope: "script", Name: called, Via: staticcred.Variable, Line: line})
		}
	}
	return script
}

// managers are the keywords under secrets, each a login of the runner with an ID token (GitLab, "Use external secrets in CI/CD").
var managers = map[string]string{"vault": staticcred.Vault, "azure_key_vault": staticcred.Azure, "gcp_secret_manager": staticcred.GCP, "aws_secrets_manager": staticcred.AWS}

// stores are the engines of Vault that keep what somebody wrote.
var stores = map[string]bool{"kv": true, "kv-v1": true, "kv-v2": true}

// secrets reads what a job fetches from a manager of secrets. A long-lived credential stays one there.
func (g *gitlabReader) secrets(n *yamlnode.Node) {
	n.Each(func(called string, k, v *yamlnode.Node) {
		for _, manager := range keys(v) {
			g.out.federates(managers[manager])
		}
		via := staticcred.Secret
		if engine, ok := v.Get("vault", "engine", "name").Str(); ok && !stores[engine] {
			via = "" // it may be made for this job
		}
		g.out.set.Add(staticcred.Handed{Scope: "secrets", Name: called, Via: via, Line: g.line(k)})
	})
}

// audiences are the audiences of ID tokens that providers document for GitLab, by a part of them.
var audiences = []struct{ part, provider string }{
	{"sts.amazonaws.com", staticcred.AWS},
	{"api://AzureADTokenExchange", staticcred.Azure},
	{"iam.googleapis.com", staticcred.GCP},
}

// proofs says to whom a job proves itself: by the audience of an ID token, by its name, or by what the script does with it.
func (g *gitlabReader) proofs(tokens *yamlnode.Node, script string) {
	if len(keys(tokens)) == 0 && !strings.Contains(script, "CI_JOB_JWT") {
		return
	}
	for _, p := range staticcred.Logins(script) {
		g.out.federates(p)
	}
	tokens.Each(func(called string, _, v *yamlnode.Node) {
		g.out.federates(staticcred.Proof(called, ""))
		list, _ := v.Get("aud").Strings()
		for _, aud := range list {
			for _, a := range audiences {
				if strings.Contains(aud, a.part) {
					g.out.federates(a.provider)
				}
			}
		}
	})
	if len(g.out.federated) == 0 {
		g.out.mayFederate("to whom its ID tokens prove it is not stated")
	}
}

// tools are commands that need a credential of their provider; "" is any.
var tools = map[string]string{
	"aws": staticcred.AWS, "sam": staticcred.AWS, "cdk": staticcred.AWS, "eksctl": staticcred.AWS,
	"az": staticcred.Azure, "azd": staticcred.Azure, "gcloud": staticcred.GCP, "vault": staticcred.Vault,
	"terraform": "", "tofu": "", "terragrunt": "", "pulumi": "", "packer": "", "ansible-playbook": "", "serverless": "", "sls": "",
}

// toolName is a tool where a command stands: also behind words that take a command, behind variables that are set for it, and with the
// folder that it is in.
var toolName = regexp.MustCompile(`(?m)(?:^|[;&|(!` + "`" + `]|\b(?:sudo|exec|time|npx|then|do|else|if|elif|while|until|env|command|nohup|xargs|timeout\s+\S+)\s|-[a-z]*c\s+["'])\s*` +
	`(?:-\S+\s+)*(?:[A-Za-z_][A-Za-z0-9_]*=(?:"[^"\n]*"|'[^'\n]*'|[^\s;&|"']*)\s+)*(?:[\w.~$/{}-]*/)?` +
	`(aws|sam|cdk|eksctl|az|azd|gcloud|vault|terraform|tofu|terragrunt|pulumi|packer|ansible-playbook|serverless|sls)(?:\s|$)`)

// unseen leaves open what a job may be handed by the settings of its project, where a tool that it uses needs something and nothing
// else is in sight.
func (g *gitlabReader) unseen(script string) {
	for _, hit := range toolName.FindAllStringSubmatch(script, -1) {
		provider := tools[hit[1]]
		if !g.out.federated[provider] && !(provider == "" && len(g.out.federated) > 0) {
			g.out.set.Open("what lets " + hit[1] + " in may be a variable of the project")
			return
		}
	}
}
