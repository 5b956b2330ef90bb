package workflows

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/declare/declaretest"
)

func readFiles(t *testing.T, files map[string]string) declare.Declared {
	t.Helper()
	return declaretest.Read(t, Dialect, files)
}

// brief writes what was declared, a line each: name and line, whom it proves itself to, its credentials, what is open.
func brief(d declare.Declared) string {
	var out []string
	for _, r := range d.Resources {
		line := fmt.Sprintf("%s:%d", r.Name, r.Location.StartLine)
		for _, p := range r.Workload.Federated {
			line += " ~" + p
		}
		for _, c := range r.Workload.Credentials {
			line += fmt.Sprintf(" [%s %s %s]", c.At, c.Provider, c.Via)
		}
		for _, u := range r.Unknown {
			line += fmt.Sprintf(" (%s: %s)", strings.TrimPrefix(u.Fact, "workload."), u.Hint)
		}
		out = append(out, line)
	}
	for _, g := range d.Gaps {
		out = append(out, fmt.Sprintf("%s %s: %s", g.Why, g.What, g.Err))
	}
	return strings.Join(out, "\n")
}

type table map[string]struct{ text, want string }

func (c table) run(t *testing.T, file string, more map[string]string) {
	t.Helper()
	for name, c := range c {
		files := map[string]string{file: c.text}
		for path, text := range more {
			files[path] = text
		}
		got := strings.Trim(strings.ReplaceAll("\n"+brief(readFiles(t, files)), "\nother:3 [env/VAULT_TOKEN vault secret]", ""), "\n")
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

const ci = ".github/workflows/ci.yml"

// steps is a workflow of one job with the given steps, from line 7 on.
func steps(lines ...string) string {
	s := "on: push\npermissions: {id-token: write}\njobs:\n  a:\n    runs-on: x\n    steps:\n"
	for _, l := range lines {
		s += "    - " + strings.ReplaceAll(l, "\n", "\n      ") + "\n"
	}
	return s
}

func TestGitHubSteps(t *testing.T) {
	configure := "uses: aws-actions/configure-aws-credentials@v4\nwith:\n  "
	table{
		"nothing":             {steps("uses: actions/checkout@v4", "run: go test ./..."), "a:4"},
		"AWS by token":        {steps(configure + "role-to-assume: r"), "a:4 ~aws"},
		"AWS by key":          {steps(configure + "aws-access-key-id: ${{ secrets.A }}\n  aws-secret-access-key: ${{ secrets.B }}"), "a:10 [aws-actions/configure-aws-credentials/aws-secret-access-key aws secret]"},
		"both":                {steps(configure+"role-to-assume: r", configure+"aws-access-key-id: ${{ secrets.A }}\n  aws-secret-access-key: ${{ secrets.B }}"), "a:13 ~aws [aws-actions/configure-aws-credentials/aws-secret-access-key aws secret]"},
		"a key for a role":    {steps(configure + "role-to-assume: r\n  aws-access-key-id: ${{ vars.A }}\n  aws-secret-access-key: ${{ vars.B }}"), "a:11 [aws-actions/configure-aws-credentials/aws-secret-access-key aws variable]"},
		"a session":           {steps(configure + "aws-access-key-id: ${{ secrets.A }}\n  aws-secret-access-key: ${{ secrets.B }}\n  aws-session-token: ${{ secrets.C }}"), "a:4"},
		"an emulator's":       {steps(configure + "aws-access-key-id: test\n  aws-secret-access-key: test"), "a:4"},
		"chained":             {steps(configure + "role-to-assume: r\n  role-chaining: true"), "a:4"},
		"of a step":           {steps(configure + "aws-access-key-id: x\n  aws-secret-access-key: ${{ steps.s.outputs.k }}"), "a:4 (credentials: what aws-secret-access-key holds is not stated)"},
		"Azure by token":      {steps("uses: Azure/login@v2\nwith: {client-id: c, tenant-id: t, subscription-id: s}"), "a:4 ~azure"},
		"Azure by secret":     {steps("uses: azure/login@v2\nwith: {creds: '${{ secrets.AZURE_CREDENTIALS }}'}"), "a:8 [azure/login/creds azure secret]"},
		"Azure by identity":   {steps("uses: azure/login@v2\nwith: {client-id: c, auth-type: IDENTITY}"), "a:4"},
		"a profile":           {steps("uses: azure/functions-action@v1\nwith: {publish-profile: '${{ secrets.P }}'}"), "a:8 [azure/functions-action/publish-profile azure secret]"},
		"Google by token":     {steps("uses: google-github-actions/auth@v2\nwith: {workload_identity_provider: p}"), "a:4 ~gcp"},
		"Google by key":       {steps("uses: google-github-actions/auth@v2\nwith: {credentials_json: '${{ secrets.P }}'}"), "a:8 [google-github-actions/auth/credentials_json gcp secret]"},
		"Vault by token":      {steps("uses: hashicorp/vault-action@v3\nwith: {method: jwt, role: r}"), "a:4 ~vault"},
		"Vault by secret":     {steps("uses: hashicorp/vault-action@v3\nwith: {token: '${{ secrets.P }}'}"), "a:8 [hashicorp/vault-action/token vault secret]"},
		"Vault by AppRole":    {steps("uses: hashicorp/vault-action@v3\nwith: {method: approle, roleId: r, secretId: '${{ secrets.P }}'}"), "a:8 [hashicorp/vault-action/secretId vault secret]"},
		"fetched":             {steps("uses: hashicorp/vault-action@v3\nwith:\n  method: jwt\n  secrets: |\n    kv/data/aws key | AWS_SECRET_ACCESS_KEY ;\n    kv/data/x y | Z"), "a:9 ~vault [hashicorp/vault-action/AWS_SECRET_ACCESS_KEY aws secret]"},
		"without inputs":      {steps("uses: hashicorp/vault-action@v3"), "a:4"},
		"issued":              {steps("uses: hashicorp/vault-action@v3\nwith: {method: jwt, secrets: 'aws/creds/r secret_key | AWS_SECRET_ACCESS_KEY'}"), "a:4 ~vault (credentials: what AWS_SECRET_ACCESS_KEY holds is not stated)"},
		"an expression":       {steps("env: ${{ fromJSON(needs.x.outputs.y) }}\nrun: x"), "a:4 (credentials: a map of variables is made by an expression)"},
		"any action's":        {steps("uses: some/body@v3\nwith: {vault-token: '${{ secrets.P }}'}"), "a:8 [some/body/vault-token vault secret]"},
		"a secret's name":     {steps("uses: some/body@v3\nwith: {password: \"${{ secrets['aws_secret_access_key'] }}\"}"), "a:8 [some/body/AWS_SECRET_ACCESS_KEY aws secret]"},
		"a caller's name":     {steps("uses: some/body@v3\nwith: {password: '${{ secrets.vault-token }}'}"), "a:8 [some/body/VAULT_TOKEN vault secret]"},
		"all secrets":         {steps("name: x\nenv: {VAULT_TOKEN: '${{ toJSON(secrets) }}'}\nrun: y"), "a:4 (credentials: what VAULT_TOKEN holds is not stated)"},
		"the environment":     {steps("id: x\nenv: {VAULT_TOKEN: '${{ secrets.T }}'}\nrun: y"), "a:8 [x/VAULT_TOKEN vault secret]"},
		"a literal":           {steps("name: n\nenv: {VAULT_TOKEN: t}\nrun: y"), "a:8 [n/VAULT_TOKEN vault literal]"},
		"without a name":      {steps("run: y", "run: VAULT_TOKEN=t y"), "a:8 [step 2/VAULT_TOKEN vault literal]"},
		"a script":            {steps("name: n\nrun: |\n  export VAULT_TOKEN=${{ secrets.T }}"), "a:8 [n/VAULT_TOKEN vault secret]"},
		"a script's variable": {steps("name: n\nenv: {T: '${{ vars.T }}'}\nrun: VAULT_TOKEN=$T y"), "a:9 [n/VAULT_TOKEN vault variable]"},
		"who knows whose":     {steps("name: n\nrun: VAULT_TOKEN=$T y"), "a:4 (credentials: what VAULT_TOKEN holds is not stated)"},
		"a secret in it":      {steps("name: n\nrun: 'echo ${{ secrets.VAULT_TOKEN }}'"), "a:8 [n/VAULT_TOKEN vault secret]"},
		"a login":             {steps("run: az login --service-principal -u a -t b --federated-token $T"), "a:4 ~azure"},
		"a switch":            {steps("env: {ARM_USE_OIDC: true}\nrun: terraform plan"), "a:4 ~azure"},
		"Google's file":       {steps("env: {GOOGLE_APPLICATION_CREDENTIALS: '${{ steps.a.outputs.credentials_file_path }}'}\nrun: y"), "a:4"},
		"in a condition":      {steps("if: ${{ secrets.VAULT_TOKEN != '' }}\nrun: y"), "a:4"},
		"all, in a run":       {steps("run: echo '${{ toJSON(secrets) }}'"), "a:4 (credentials: an expression takes secrets without naming them)"},
		"a variable of all":   {steps("env: {ALL: '${{ toJson( Secrets ) }}'}\nrun: y"), "a:4 (credentials: an expression takes secrets without naming them)"},
		"a name put together": {steps("env: {X: \"${{ secrets[format('{0}_TOKEN', matrix.x)] }}\"}\nrun: y"), "a:4 (credentials: an expression takes secrets without naming them)"},
		"an input of all":     {steps("uses: o/r@v1\nwith: {x: '${{ toJSON(secrets) }}'}"), "a:4 (credentials: an expression takes secrets without naming them)"},
		"all and certain":     {steps("run: echo '${{ toJSON(secrets) }} ${{ secrets.VAULT_TOKEN }}'\nname: n"), "a:7 [n/VAULT_TOKEN vault secret]"},
		"of that name":        {steps("run: echo '${{ needs.secrets.outputs.x }} ${{ contains('secrets', 'x') }}'"), "a:4"},
		"in capitals":         {steps("name: n\nenv: {VAULT_TOKEN: '${{ SECRETS.T }}'}\nrun: y"), "a:8 [n/VAULT_TOKEN vault secret]"},
		"named in capitals":   {steps("name: n\nenv: {T: '${{ Secrets.VAULT_TOKEN }}'}\nrun: y"), "a:8 [n/VAULT_TOKEN vault secret]"},
		"over lines":          {steps("name: n\nrun: |\n  export VAULT_TOKEN=${{\n    secrets.T\n  }}"), "a:8 [n/VAULT_TOKEN vault secret]"},
		"a build's argument":  {steps("id: b\nuses: docker/build-push-action@v6\nwith:\n  build-args: |\n    A=b\n    VAULT_TOKEN=${{ secrets.T }}"), "a:10 [b/VAULT_TOKEN vault secret]"},
		"a script's input":    {steps("id: b\nuses: o/ssh@v1\nwith:\n  script: |\n    vault login ${{ secrets.T }}"), "a:10 [b/vault login vault secret]"},
		"exported":            {steps("id: b\nuses: actions/github-script@v7\nwith: {script: \"core.exportVariable('VAULT_TOKEN', '${{ secrets.Z }}')\"}"), "a:9 [b/VAULT_TOKEN vault secret]"},
		"of a back end":       {steps("id: b\nrun: terraform init -backend-config=\"secret_key=${{ secrets.K }}\""), "a:8 [b/terraform -backend-config secret_key aws secret]"},
		"an AppRole's login":  {steps("id: b\nrun: vault login -method=approle role_id=r secret_id=${{ secrets.K }}"), "a:8 [b/secret_id of an AppRole login vault secret]"},
		"a file of AWS":       {steps("id: b\nrun: |\n  cat > ~/.aws/credentials <<EOF\n  [default]\n  aws_secret_access_key = ${{ secrets.X }}\n  EOF"), "a:8 [b/aws_secret_access_key aws secret]"},
		"printed for AWS":     {steps("id: b\nrun: printf '[default]\\naws_secret_access_key=%s' \"$K\" > ~/.aws/credentials"), "a:4 (credentials: what aws_secret_access_key holds is not stated)"},
		"no action here":      {steps("uses: ./x"), "a:4 (credentials: the action ./x is not in these files) (federated: the action ./x is not in these files)"},
	}.run(t, ci, nil)
}

func TestGitHubJobs(t *testing.T) {
	const aws = "    steps: [{uses: aws-actions/configure-aws-credentials@v4, with: {role-to-assume: r}}]\n"
	table{
		"the workflow's":      {"env: {VAULT_TOKEN: '${{ secrets.T }}'}\njobs:\n  a: {steps: [{run: x}]}\n  b: {env: {VAULT_TOKEN: ''}, steps: []}\n", "a:1 [env/VAULT_TOKEN vault secret]\nb:4"},
		"the job's":           {"jobs:\n  a:\n    env:\n      VAULT_TOKEN: ${{ secrets.T }}\n", "a:4 [env/VAULT_TOKEN vault secret]"},
		"in sight":            {"env: {T: '${{ secrets.T }}'}\njobs:\n  a:\n    steps:\n    - id: s\n      env: {VAULT_TOKEN: '${{ env.T }}'}\n", "a:6 [s/VAULT_TOKEN vault secret]"},
		"not in sight":        {"jobs:\n  a:\n    steps:\n    - id: s\n      env: {VAULT_TOKEN: '${{ env.T }}'}\n", "a:2 (credentials: what VAULT_TOKEN holds is not stated)"},
		"an expression":       {"jobs:\n  a:\n    env: ${{ fromJSON(needs.x.outputs.y) }}\n", "a:2 (credentials: a map of variables is made by an expression)"},
		"options of one":      {"jobs:\n  a:\n    container:\n      image: i\n      options: --env VAULT_TOKEN=${{ secrets.T }}\n", "a:5 [container/VAULT_TOKEN vault secret]"},
		"a container's":       {"jobs:\n  a:\n    container: {image: i, env: {VAULT_TOKEN: x}}\n    services: {v: {env: {VAULT_TOKEN: y}}}\n", "a:3 [container/VAULT_TOKEN vault literal] [v/VAULT_TOKEN vault literal]"},
		"a server to try":     {"jobs:\n  a:\n    env: {VAULT_TOKEN: root}\n    services: {v: {env: {VAULT_DEV_ROOT_TOKEN_ID: root}}}\n", "a:2"},
		"no permission":       {"jobs:\n  a:\n" + aws, "a:2"},
		"not the job's":       {"permissions: write-all\njobs:\n  a:\n    permissions: {contents: read}\n" + aws, "a:3"},
		"all permissions":     {"permissions: write-all\njobs:\n  a:\n" + aws, "a:3 ~aws"},
		"the caller's":        {"on: {workflow_call: {}}\njobs:\n  a:\n" + aws, "a:3 (federated: whoever calls this workflow says whether it may ask for a token)"},
		"the caller's list":   {"on: [push, workflow_call]\njobs:\n  a:\n" + aws, "a:3 (federated: whoever calls this workflow says whether it may ask for a token)"},
		"the caller's input":  {"on: {workflow_call: {}}\njobs:\n  a:\n    steps: [{id: s, env: {VAULT_TOKEN: '${{ inputs.t }}'}}]\n", "a:4 [s/VAULT_TOKEN vault variable]"},
		"calls ours":          {"jobs:\n  a:\n    uses: ./.github/workflows/other.yml\n    secrets: inherit\n", "a:2"},
		"calls another's":     {"jobs:\n  a:\n    uses: o/r/.github/workflows/w.yml@v1\n", "a:2"},
		"with its secrets":    {"jobs:\n  a:\n    uses: o/r/.github/workflows/w.yml@v1\n    secrets: inherit\n", "a:2 (credentials: the workflow that it calls, o/r/.github/workflows/w.yml@v1, gets all secrets)"},
		"with a secret":       {"jobs:\n  a:\n    permissions: {id-token: write}\n    uses: o/r/w.yml@v1\n    secrets: {vault-token: '${{ secrets.T }}'}\n", "a:5 [vault-token vault secret] (federated: the workflow that it calls, o/r/w.yml@v1, is not in this repository)"},
		"no map":              {"jobs: {a: b}\n", "not_stated file \".github/workflows/ci.yml\": line 1: a job is no map"},
		"no jobs":             {"on: push\n", "not_stated file \".github/workflows/ci.yml\": line 1: it has no jobs"},
		"empty":               {"", ""},
		"broken":              {"jobs:\n  a: [\n", "unreadable file \".github/workflows/ci.yml\": line 2: did not find expected node content"},
		"CRLF and a mark":     {"\xef\xbb\xbfjobs:\r\n  a:\r\n    env:\r\n      VAULT_TOKEN: x\r\n", "a:4 [env/VAULT_TOKEN vault literal]"},
		"our action":          {"permissions: {id-token: write}\njobs:\n  a:\n    steps:\n    - id: s\n      uses: ./act\n      with: {key: '${{ secrets.K }}'}\n", "a:3 ~vault [s/in/VAULT_TOKEN vault secret]"},
		"our action, default": {"jobs:\n  a:\n    steps:\n    - id: s\n      uses: ./act\n", "a:2 [s/in/VAULT_TOKEN vault literal]"},
		"in a circle":         {"jobs:\n  a:\n    steps: [{id: s, uses: ./circle}]\n", "a:2 (credentials: the action ./circle is not in these files)"},
	}.run(t, ci, map[string]string{
		".github/workflows/other.yml": "on: workflow_call\njobs:\n  other: {env: {VAULT_TOKEN: '${{ secrets.T }}'}}\n",
		"act/action.yml":              "inputs: {key: {default: x}}\nruns:\n  using: composite\n  steps:\n  - id: in\n    env: {VAULT_TOKEN: '${{ inputs.key }}'}\n    run: x\n  - {uses: hashicorp/vault-action@v3, with: {method: jwt}}\n",
		"circle/action.yaml":          "runs: {using: composite, steps: [{id: s, uses: ./circle}]}\n",
	})
}

func TestGitLab(t *testing.T) {
	table{
		"nothing":              {"stages: [x]\na: {script: [go test]}\n", "a:2"},
		"a literal":            {"a:\n  variables:\n    VAULT_TOKEN: x\n  script: y\n", "a:3 [variables/VAULT_TOKEN vault literal]"},
		"with a description":   {"variables:\n  VAULT_TOKEN: {value: x, description: d}\na: {script: y}\n", "a:2 [variables/VAULT_TOKEN vault literal]"},
		"the project's":        {"a:\n  variables: {VAULT_TOKEN: $T}\n  script: y\n", "a:2 [variables/VAULT_TOKEN vault variable]"},
		"another's":            {"variables: {T: x}\na:\n  variables: {VAULT_TOKEN: \"${T}\"}\n  script: y\n", "a:3 [variables/VAULT_TOKEN vault literal]"},
		"taken back":           {"variables: {VAULT_TOKEN: x}\na: {variables: {VAULT_TOKEN: ''}, script: y}\nb: {inherit: {variables: false}, script: y}\nc: {inherit: {variables: [X]}, script: y}\n", "a:2\nb:3\nc:4"},
		"of a rule":            {"a:\n  rules: [{if: x, variables: {VAULT_TOKEN: x}}]\n  script: y\n", "a:2 [variables/VAULT_TOKEN vault literal]"},
		"a session":            {"a: {variables: {AWS_SECRET_ACCESS_KEY: $A, AWS_SESSION_TOKEN: $B}, script: y}\n", "a:1"},
		"in a script":          {"a:\n  script:\n  - vault login $VAULT_TOKEN\n", "a:3 [script/vault login vault variable] [script/VAULT_TOKEN vault variable]"},
		"made in a script":     {"a:\n  id_tokens: {VAULT_ID_TOKEN: {aud: v}}\n  script:\n  - export VAULT_TOKEN=\"$(vault write -field=token auth/jwt/login role=r jwt=$VAULT_ID_TOKEN)\"\n  - vault kv get x\n", "a:1 ~vault"},
		"Azure by secret":      {"a: {script: ['az login --service-principal -u $A -p $P -t $T']}\n", "a:1 [script/az login --service-principal azure variable]"},
		"Azure by token":       {"a: {id_tokens: {T: {aud: x}}, script: ['az login --service-principal -u $A -t $B --federated-token $T', az group list]}\n", "a:1 ~azure"},
		"AWS by token":         {"a:\n  id_tokens: {T: {aud: https://gitlab.com}}\n  script:\n  - export $(printf \"AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s\" $(aws sts assume-role-with-web-identity --web-identity-token $T))\n  - aws s3 ls\n", "a:1 ~aws"},
		"AWS by a file":        {"a: {variables: {AWS_WEB_IDENTITY_TOKEN_FILE: /t}, script: [aws s3 ls]}\n", "a:1 ~aws"},
		"by audience":          {"a: {id_tokens: {T: {aud: [api://AzureADTokenExchange]}, U: {aud: sts.amazonaws.com}}, script: [x]}\n", "a:1 ~aws ~azure"},
		"to nobody known":      {"a: {id_tokens: {T: {aud: x}}, script: [x]}\n", "a:1 (federated: to whom its ID tokens prove it is not stated)"},
		"the runner's":         {"a:\n  secrets: {DB: {vault: a/b/c@d}, K: {azure_key_vault: {name: k}}}\n  script: x\n", "a:1 ~azure ~vault"},
		"fetched":              {"a:\n  secrets: {AWS_SECRET_ACCESS_KEY: {vault: a/b/c@d}}\n  script: x\n", "a:2 ~vault [secrets/AWS_SECRET_ACCESS_KEY aws secret]"},
		"a tool's variable":    {"a:\n  script:\n  - AWS_REGION=x aws s3 ls\n", "a:1 (credentials: what lets aws in may be a variable of the project)"},
		"a tool in a test":     {"a:\n  script:\n  - if aws s3 ls; then x; fi\n", "a:1 (credentials: what lets aws in may be a variable of the project)"},
		"a tool in a shell":    {"a:\n  script:\n  - bash -c \"aws s3 ls\"\n", "a:1 (credentials: what lets aws in may be a variable of the project)"},
		"a tool by its path":   {"a:\n  script:\n  - /usr/local/bin/aws s3 ls\n", "a:1 (credentials: what lets aws in may be a variable of the project)"},
		"Packer":               {"a:\n  script:\n  - packer build .\n", "a:1 (credentials: what lets packer in may be a variable of the project)"},
		"Ansible":              {"a:\n  script:\n  - ansible-playbook x.yml\n", "a:1 (credentials: what lets ansible-playbook in may be a variable of the project)"},
		"Serverless":           {"a:\n  script:\n  - npx serverless deploy\n", "a:1 (credentials: what lets serverless in may be a variable of the project)"},
		"into a container":     {"a: {script: ['docker run -e VAULT_TOKEN x']}\n", "a:1 [script/VAULT_TOKEN vault variable]"},
		"of a matrix":          {"a:\n  parallel:\n    matrix:\n    - VAULT_TOKEN: [x, y]\n      A: b\n  script: z\n", "a:4 [variables/VAULT_TOKEN vault literal]"},
		"of a service":         {"a:\n  services: [{name: i, variables: {VAULT_TOKEN: x}}]\n  script: z\n", "a:2 [variables/VAULT_TOKEN vault literal]"},
		"a hook":               {"a:\n  hooks: {pre_get_sources_script: [vault login $T]}\n  script: z\n", "a:2 [script/vault login vault variable]"},
		"another engine":       {"a:\n  secrets: {AWS_SECRET_ACCESS_KEY: {vault: {engine: {name: aws, path: aws}, path: creds/r, field: secret_key}}}\n  script: x\n", "a:1 ~vault (credentials: what AWS_SECRET_ACCESS_KEY holds is not stated)"},
		"an engine that keeps": {"a:\n  secrets: {AWS_SECRET_ACCESS_KEY: {vault: {engine: {name: kv-v2, path: kv}, path: a, field: b}}}\n  script: x\n", "a:2 ~vault [secrets/AWS_SECRET_ACCESS_KEY aws secret]"},
		"a tool":               {"a: {script: [terraform plan]}\nb: {script: ['cd x && aws s3 ls']}\nc: {script: [echo aws]}\n", "a:1 (credentials: what lets terraform in may be a variable of the project)\nb:2 (credentials: what lets aws in may be a variable of the project)\nc:3"},
		"another's token":      {"a: {id_tokens: {VAULT_ID_TOKEN: {aud: x}}, script: [aws s3 ls]}\n", "a:1 ~vault (credentials: what lets aws in may be a variable of the project)"},
		"not by default":       {"before_script: [echo x]\na:\n  script:\n  - vault login $T\n", "a:4 [script/vault login vault variable]"},
		"by default":           {"default: {before_script: ['vault login $T'], id_tokens: {VAULT_ID_TOKEN: {aud: x}}}\na: {script: [x]}\nb: {inherit: {default: false}, script: [x]}\nc: {before_script: [], script: [x]}\n", "a:1 ~vault [script/vault login vault variable]\nb:3\nc:4 ~vault"},
		"at the top":           {"before_script: ['vault login $T']\na: {script: [x]}\n", "a:1 [script/vault login vault variable]"},
		"extends":              {".x: {variables: {VAULT_TOKEN: x}, script: [y]}\n.y: {extends: .x, variables: {A: b}}\na: {extends: [.y]}\nb: {extends: .y, variables: {VAULT_TOKEN: ''}}\n", "a:1 [variables/VAULT_TOKEN vault literal]\nb:4"},
		"extends two":          {".x: {variables: {VAULT_TOKEN: x}, script: [y]}\n.y: {variables: {VAULT_TOKEN: ''}}\na: {extends: [.x, .y]}\nb: {extends: [.y, .x]}\n", "a:3\nb:1 [variables/VAULT_TOKEN vault literal]"},
		"extends nothing":      {"a: {extends: .x, script: y}\n", "a:1 (credentials: a job that it extends is not in these files) (federated: a job that it extends is not in these files)"},
		"extends in a circle":  {"a: {extends: b}\nb: {extends: a}\n", "a:1 (credentials: a job that it extends is not in these files) (federated: a job that it extends is not in these files)\nb:2 (credentials: a job that it extends is not in these files) (federated: a job that it extends is not in these files)"},
		"anchors":              {".x: &x {variables: {VAULT_TOKEN: x}}\na:\n  <<: *x\n  script: y\n", "a:1 [variables/VAULT_TOKEN vault literal]"},
		"a reference":          {".x: {script: [VAULT_TOKEN=x y], variables: {AZURE_PASSWORD: x}}\na:\n  variables: !reference [.x, variables]\n  script:\n  - !reference [.x, script]\n  - z\n", "a:1 [variables/AZURE_PASSWORD azure literal] [script/VAULT_TOKEN vault literal]"},
		"a reference nowhere":  {"a:\n  script:\n  - !reference [.x, script]\n", "a:1 (credentials: a script that it refers to is not in these files) (federated: a script that it refers to is not in these files)"},
		"a reference's circle": {".x: {script: [!reference [.x, script]]}\na:\n  script:\n  - !reference [.x, script]\n", "a:2 (credentials: a script that it refers to is not in these files) (federated: a script that it refers to is not in these files)"},
		"an input":             {"spec: {inputs: {t: {}}}\n---\na: {variables: {VAULT_TOKEN: '$[[ inputs.t ]]'}, script: x}\n", "a:3 [variables/VAULT_TOKEN vault variable]"},
		"included":             {"include: [/ci/base.yml, {local: 'ci/more/*.yml'}]\na: {extends: .base}\n", "a:2 [variables/VAULT_TOKEN vault literal]\nc:1 [variables/VAULT_SECRET_ID vault literal]"},
		"included and changed": {"include: ci/base.yml\n.base: {variables: {VAULT_TOKEN: ''}}\na: {extends: .base, script: x}\n", "a:3"},
		"included from afar":   {"include:\n- remote: https://example.com/x.yml\n- {template: T.yml}\na: {script: x}\n", "a:4\nnot_stated file \".gitlab-ci.yml\": line 2: what this includes is not in these files"},
		"included in a circle": {"include: ci/circle.yml\na: {script: x}\n", "a:2"},
		"a child":              {"a: {trigger: {include: [{local: ci/child.yml}]}}\n", "a:1\nd:2 [variables/AZURE_PASSWORD azure literal]"},
		"no map":               {"a: b\n", "not_stated file \".gitlab-ci.yml\": line 1: a job is no map"},
		"empty":                {"", ""},
		"broken":               {"a: [\n", "unreadable file \".gitlab-ci.yml\": line 1: did not find expected node content"},
		"CRLF and a mark":      {"\xef\xbb\xbfa:\r\n  variables:\r\n    VAULT_TOKEN: x\r\n  script: y\r\n", "a:3 [variables/VAULT_TOKEN vault literal]"},
	}.run(t, gitlabRoot, map[string]string{
		"ci/base.yml":        ".base: {variables: {VAULT_TOKEN: x}, script: [y]}\n",
		"ci/more/c.yml":      "c: {variables: {VAULT_SECRET_ID: x}, script: [y]}\n",
		"ci/circle.yml":      "include: [ci/circle.yml, .gitlab-ci.yml]\n",
		"ci/child.yml":       "stages: [x]\nd: {variables: {AZURE_PASSWORD: x}, script: [y], trigger: {include: ci/child.yml}}\n",
		"sub/.gitlab-ci.yml": "e: {variables: {AZURE_PASSWORD: x}, script: [y]}\n",
	})
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{ci: true, gitlabRoot: true, "a/b.yaml": true, "a.json": false, "pnpm-lock.yaml": false} {
		if wants(path) != want {
			t.Errorf("wants(%q) is %t", path, !want)
		}
	}
	if got := brief(readFiles(t, map[string]string{".github/workflows/deep/x.yml": "jobs: {a: {steps: []}}\n", "x.yml": "jobs: {a: {steps: []}}\n"})); got != "" {
		t.Error(got)
	}
}

// What grows with each step is cut off.
func TestHostileFiles(t *testing.T) {
	include := map[string]string{gitlabRoot: "include: [a0.yml, a0.yml]\na: {script: x}\n"}
	extends, reference := "", ""
	for i := range 40 {
		include[fmt.Sprintf("a%d.yml", i)] = fmt.Sprintf("include: [a%d.yml, a%d.yml]\n", i+1, i+1)
		extends += fmt.Sprintf("j%d: {extends: [%s], script: x}\n", i, strings.Repeat(fmt.Sprintf("j%d, ", i+1), 20))
		reference += fmt.Sprintf(".j%d:\n  script: [%s]\n", i, strings.Repeat(fmt.Sprintf("!reference [.j%d, script], ", i+1), 20))
	}
	actions := map[string]string{ci: steps("uses: ./a0")}
	for i := range 40 {
		actions[fmt.Sprintf("a%d/action.yml", i)] = "runs: {steps: [" + strings.Repeat(fmt.Sprintf("{uses: ./a%d}, ", i+1), 20) + "]}\n"
	}
	for name, files := range map[string]map[string]string{
		"actions":    actions,
		"includes":   include,
		"extends":    {gitlabRoot: extends},
		"references": {gitlabRoot: reference + "a: {script: [!reference [.j0, script]]}\n"},
		"deep":       {gitlabRoot: strings.Repeat("{a: ", 10_000), ci: strings.Repeat("[", 10_000)},
		"long":       {gitlabRoot: "a:\n  script:\n" + strings.Repeat("  - echo $VAULT_TOKEN_FILE\n", 300_000)},
		"a bomb":     {ci: "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\njobs: [*f,*f,*f,*f,*f,*f,*f,*f]\n"},
	} {
		d := readFiles(t, files)
		if len(d.Resources)+len(d.Gaps) == 0 {
			t.Errorf("%s: nothing is told of it", name)
		}
		if (name == "deep" || name == "a bomb") && (len(d.Gaps) == 0 || d.Gaps[0].Why != inventory.Unreadable) {
			t.Errorf("%s: what cannot be read is no gap: %s", name, brief(d))
		}
	}
}

func FuzzPipelinesNeverFail(f *testing.F) {
	f.Add(steps("uses: ./a\nwith: {x: '${{ secrets.Y }}'}"), "include: x.yml\na: {extends: [.b], script: [!reference [.b, script]]}\n.b: {variables: {A: $B}}\n", "runs: {using: composite, steps: [{env: {A: '${{ inputs.x }}'}}]}")
	f.Fuzz(func(t *testing.T, github, gitlab, other string) {
		readFiles(t, map[string]string{ci: github, gitlabRoot: gitlab, "x.yml": other, "a/action.yml": other})
	})
}
