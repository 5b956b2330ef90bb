package vaulthcl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/vaulthcl"
)

func read(t testing.TB, file, text string) declare.Declared {
	tree := &declare.Tree{Name: "repo", Files: []declare.File{{Path: file, Data: []byte(text)}}}
	return vaulthcl.Dialect.Read(t.Context(), tree)
}

// line writes a resource: its ID, name, lines, facts, and what is open.
func line(r *inventory.Resource) string {
	out := fmt.Sprintf("%s %s %q %d-%d", r.Type, strings.TrimPrefix(string(r.ID), "vaulthcl:repo/"), r.Name, r.Location.StartLine, r.Location.EndLine)
	switch {
	case r.Policy != nil:
		for _, s := range r.Policy.Statements {
			out += fmt.Sprintf(" %s=%s", s.Path, strings.Join(s.Capabilities, ","))
		}
	case r.Account != nil:
		if tls := r.Account.TLSDisabled; tls != nil {
			out += fmt.Sprintf(" tls_disabled=%v", *tls)
		}
		out += " seal=" + r.Account.Seal
	case r.Audit != nil:
		out += fmt.Sprintf(" %s raw=%v local=%v", r.Audit.Device, *r.Audit.Raw, *r.Audit.Local)
	}
	for _, u := range r.Unknown {
		out += fmt.Sprintf("; open %s: %s", u.Fact, u.Hint)
	}
	return out
}

func TestRead(t *testing.T) {
	const storage = "storage \"raft\" {\n  path = \"/vault\"\n}\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"policy":             {"policies/app.hcl", "# for app\npath \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n}\npath \"*\" { policy = \"deny\" }\n", `vault.policy policies/app.hcl#policy "app" 2-5 secret/data/app/*=read *=deny`},
		"policy in JSON":     {"app.hcl", `{"path": {"a": {"capabilities": ["list"]}}}`, `vault.policy app.hcl#policy "app" 1-1 a=list`},
		"CRLF and BOM":       {"app.hcl", "\uFEFFpath \"a\" {\r\n  capabilities = [\"read\"]\r\n}\r\n", `vault.policy app.hcl#policy "app" 1-3 a=read`},
		"own templates":      {"app.hcl", `path "kv/{{identity.entity.id}}" { capabilities = ["read"] }`, `vault.policy app.hcl#policy "app" 1-1 kv/{{identity.entity.id}}=read`},
		"to be filled in":    {"app.hcl", "path \"a\" { policy = \"read\" }\npath \"${mount}/b\" { policy = \"read\" }", `vault.policy app.hcl#policy "app" 1-2 a=list,read ${mount}/b=list,read; open policy.statements: something is yet to be filled in on line 2`},
		"a capability too":   {"app.hcl", "path \"a\" {\n capabilities = [\"${c}\"]\n}", `vault.policy app.hcl#policy "app" 1-3; open policy.statements: read Vault policy: line 1: a capability is none of create, read, update, patch, delete, list, sudo, deny, subscribe, recover`},
		"what Vault refuses": {"app.hcl", "path \"a\" { capabilities = [\"write\"] }", `vault.policy app.hcl#policy "app" 1-1; open policy.statements: read Vault policy: line 1: a capability is none of create, read, update, patch, delete, list, sudo, deny, subscribe, recover`},

		"server":      {"vault.hcl", storage + "listener \"tcp\" {\n  tls_cert_file = \"c\"\n}\nseal \"awskms\" {\n  kms_key_id = \"alias/x\"\n}\n", `vault.server vault.hcl#server "vault" 1-9 tls_disabled=false seal=awskms`},
		"without TLS": {"vault.hcl", storage + "listener \"tcp\" {\n  address = \"0.0.0.0:8200\"\n  tls_disable = true\n}\n", `vault.server vault.hcl#server "vault" 6-6 tls_disabled=true seal=shamir`},
		"a number":    {"vault.hcl", storage + `listener "tcp" { tls_disable = 1 }`, `vault.server vault.hcl#server "vault" 4-4 tls_disabled=true seal=shamir`},
		"a text":      {"vault.hcl", storage + `listener "tcp" { tls_disable = "TRUE" }`, `vault.server vault.hcl#server "vault" 4-4 tls_disabled=true seal=shamir`},
		"one of two":  {"vault.hcl", "ui = true\n" + storage + "listener \"tcp\" {\n tls_disable = \"0\"\n}\nlistener \"tcp\" {\n tls_disable = \"1\"\n}", `vault.server vault.hcl#server "vault" 9-9 tls_disabled=true seal=shamir`},
		"a socket":    {"vault.hcl", storage + `listener "unix" { tls_disable = true }`, `vault.server vault.hcl#server "vault" 1-4 tls_disabled=false seal=shamir`},
		"everything beside what is to be filled in": {"app.hcl", "path \"*\" { policy = \"sudo\" }\npath \"${mount}/b\" { policy = \"read\" }", `vault.policy app.hcl#policy "app" 1-2 *=create,delete,list,read,sudo,update ${mount}/b=list,read`},
		"TLS to be filled in":                       {"vault.hcl", storage + `listener "tcp" { tls_disable = "${tls}" }`, `vault.server vault.hcl#server "vault" 1-4 tls_disabled=false seal=shamir; open account.tls_disabled: tls_disable of the listener on line 4 is yet to be filled in`},
		"off for certain":                           {"vault.hcl", storage + "listener \"tcp\" { tls_disable = \"${tls}\" }\nlistener \"tcp\" { tls_disable = true }", `vault.server vault.hcl#server "vault" 5-5 tls_disabled=true seal=shamir`},
		"a part":                                    {"vault.d/storage.hcl", storage, `vault.server vault.d/storage.hcl#server "storage" 1-3 seal=shamir; open account.tls_disabled: this file has no listener; another of the same server has`},
		"another part":                              {"vault.d/listener.hcl", "listener \"tcp\" { tls_disable = 1 }", `vault.server vault.d/listener.hcl#server "listener" 1-1 tls_disabled=true seal=shamir; open account.seal: this file is a part of a configuration; another may have the seal`},
		"a seal that is left":                       {"vault.hcl", storage + "listener \"tcp\" {}\nseal \"transit\" { disabled = \"true\" }\n", `vault.server vault.hcl#server "vault" 1-5 tls_disabled=false seal=shamir`},
		"from seal to seal":                         {"vault.hcl", storage + "listener \"tcp\" {}\nseal \"transit\" { disabled = true }\nseal \"AzureKeyVault\" {}\n", `vault.server vault.hcl#server "vault" 1-6 tls_disabled=false seal=azurekeyvault`},
		"configuration, JSON":                       {"vault.hcl", `{"storage": {"file": {"path": "x"}}, "listener": [{"tcp": {"tls_disable": true}}]}`, `vault.server vault.hcl#server "vault" 1-1 tls_disabled=true seal=shamir`},
		"audit devices": {
			"bao.hcl", storage + "listener \"tcp\" {}\naudit \"file\" \"to-stdout\" {\n  options {\n    log_raw = \"true\"\n  }\n}\naudit \"syslog\" \"log\" {\n  local = true\n}\n",
			`vault.server bao.hcl#server "bao" 1-12 tls_disabled=false seal=shamir` + "\n" +
				`vault.audit.device bao.hcl#audit/to-stdout "to-stdout" 5-9 file raw=true local=false` + "\n" + `vault.audit.device bao.hcl#audit/log "log" 10-12 syslog raw=false local=true`,
		},
		"audit devices alone": {"audit.hcl", "audit \"file\" {\n log_raw = \"${raw}\"\n}", `vault.audit.device audit.hcl#audit/file "file" 1-3 file raw=false local=false; open audit.raw: log_raw is yet to be filled in`},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, c.file, c.text)
			var lines []string
			for i := range got.Resources {
				lines = append(lines, line(&got.Resources[i]))
			}
			if said := strings.Join(lines, "\n"); said != c.want || len(got.Gaps) > 0 {
				t.Errorf("got  %s %v\nwant %s", said, got.Gaps, c.want)
			}
		})
	}
}

// Other programs' files yield nothing, readable as version 1 of HCL or not.
func TestReadOthers(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             "",
		"a comment":         "# nothing\n",
		"Terragrunt":        "include \"root\" {\n  path = find_in_parent_folders()\n}\ninputs = {\n  policy = <<EOF\npath \"*\" {\n  capabilities = [\"sudo\"]\n}\nEOF\n}\n",
		"Terraform lock":    "provider \"registry.terraform.io/hashicorp/vault\" {\n  version = \"5.0.0\"\n}\n",
		"Terraform backend": "bucket = \"state\"\nkey = \"app\"\n",
		"Packer":            "source \"amazon-ebs\" \"x\" {\n  region = var.region\n}\nbuild {}\n",
		"Nomad job":         "job \"x\" {\n  datacenters = [\"dc1\"]\n}\n",
		"Nomad server":      "datacenter = \"dc1\"\naudit {\n  enabled = true\n}\nvault {\n  enabled = true\n}\n",
		"Consul policy":     "key_prefix \"app/\" {\n  policy = \"read\"\n}\n",
		"Vault Agent":       "vault {\n  address = \"https://vault\"\n}\nauto_auth {}\nlistener \"tcp\" {\n  tls_disable = true\n}\n",
		"Boundary":          "listener \"tcp\" {\n  purpose = \"api\"\n  tls_disable = true\n}\nkms \"awskms\" {}\n",
		"Boundary's part":   "listener \"tcp\" {\n  purpose = \"proxy\"\n  tls_disable = true\n}\n",
		"Bake":              "target \"app\" {\n  args = { A = \"${B}\" }\n}\n",
		"paths of another":  "path \"a\" {}\nservice \"b\" {}\n",
		"not text":          "\x00\xff",
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, "x.hcl", text); len(got.Resources) > 0 || len(got.Gaps) > 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What is Vault's and cannot be read is told, once a file, and hides no more than it may hold.
func TestReadBroken(t *testing.T) {
	for text, want := range map[string]string{
		"# app\n\npath \"a\" {\n  capabilities = [\"read\"\n}\n": "unreadable [vault.policy] line 5 is not valid HCL",
		"path \"a\" {": "unreadable [vault.policy] line 1 is not valid HCL",
		"name = \"x\"\npath \"a\" {\n capabilities = [\"read\"]\n capabilities = [\"sudo\"]\n}": "unreadable [vault.policy] line 4",
		"/* server\n */ storage \"raft\" {\n":                                                   "unreadable [vault.server vault.audit.device] line",
		"ui = true\nlistener \"tcp\" {\n":                                                       "unreadable [vault.server vault.audit.device] line",
		"path \"a\" {\n  capabilities = [\"read\"]\n}\n%{ for x in y }\npath \"b\" {}\n":        "not_stated [vault.policy] it is a template",
		"\xff\xfep\x00a\x00t\x00h\x00":                                                          "unreadable [vault.policy vault.server vault.audit.device] it is in UTF-16",
		"path \"a\" " + strings.Repeat("{", 1e6):                                                "unreadable [vault.policy] brackets are nested",
	} {
		got := read(t, "x.hcl", text)
		if len(got.Resources) > 0 || len(got.Gaps) != 1 {
			t.Errorf("%.40q: got %+v", text, got)
			continue
		}
		g := got.Gaps[0]
		if said := fmt.Sprint(g.Why, " ", g.Types, " ", g.Err); !strings.HasPrefix(said, want) || !strings.Contains(g.What, `"x.hcl"`) {
			t.Errorf("%.40q: got %s: %s, want %s", text, g.What, said, want)
		}
	}
}

// Whatever the text, Read answers, what it yields is complete but for what it lists, and lines are those of the text.
func FuzzReadYieldsWhatIsInTheText(f *testing.F) {
	for _, s := range []string{
		`path "a" { capabilities = ["read"] }`, "storage \"raft\" {}\nlistener \"tcp\" {\n tls_disable = 1\n}", `audit "file" "x" { options { log_raw = true } }`, `{"seal": {"awskms": {"disabled": "x"}}}`,
		"path \"a\" {\n%{ if x }", `path { path = "x" }`, `{"seal": {"": {}}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := read(t, "x.hcl", text)
		lines := strings.Count(text, "\n") + 1
		for i := range got.Resources {
			r := &got.Resources[i]
			r.Complete()
			for _, u := range r.Unknown {
				if u.Why != inventory.NotStated {
					t.Errorf("%s lacks %s: %s", r.ID, u.Fact, u.Why)
				}
			}
			if r.Location.StartLine < 1 || r.Location.EndLine < r.Location.StartLine || r.Location.EndLine > lines {
				t.Errorf("%s is on lines %d to %d of %d", r.ID, r.Location.StartLine, r.Location.EndLine, lines)
			}
		}
	})
}
