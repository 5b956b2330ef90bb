package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// need is an action that a job takes, and on what: ARNs without partition and Region, as "SERVICE:TYPE/NAME". None is an action on "*".
type need struct {
	action string
	on     []string
}

// job is a way to let a service run what one likes in the name of a role: either in something new that is passed the role, or in
// something that has it already.
type job struct {
	service  string // that the role's trust policy has to let in
	pass     bool   // it takes iam:PassRole on the role
	anyName  bool   // how iam:PassedToService names the service is not documented
	needs    []need
	existing string // what it hangs on that is not read; empty when nothing
}

func on(action string, arns ...string) need { return need{action, arns} }

var run = on("ec2:RunInstances", "ec2:instance/*", "ec2:image/ami-x", "ec2:subnet/subnet-x", "ec2:network-interface/*", "ec2:security-group/sg-x", "ec2:volume/*")

// jobs are from the pages "Actions, resources, and condition keys" of the services in the Service Authorization Reference. What a row
// takes is what makes code run; that something else may start it, too, makes no row of its own.
var jobs = []job{
	{service: "lambda.amazonaws.com", pass: true, needs: []need{on("lambda:CreateFunction", "lambda:function:NAME"), on("lambda:InvokeFunction", "lambda:function:NAME")}},
	{service: "lambda.amazonaws.com", needs: []need{on("lambda:UpdateFunctionCode", "lambda:function:NAME")}, existing: "functions that have the role"},
	{service: "lambda.amazonaws.com", needs: []need{on("lambda:UpdateFunctionConfiguration", "lambda:function:NAME")}, existing: "functions that have the role, and a layer to add to them"},
	{service: "ec2.amazonaws.com", pass: true, needs: []need{run}, existing: "an instance profile with the role"},
	{service: "ec2.amazonaws.com", pass: true, needs: []need{run, on("iam:CreateInstanceProfile", "iam:instance-profile/NAME"), on("iam:AddRoleToInstanceProfile", "iam:instance-profile/NAME")}},
	{service: "ec2.amazonaws.com", pass: true, needs: []need{on("ec2:AssociateIamInstanceProfile", "ec2:instance/i-x")}, existing: "an instance to log in to, and an instance profile with the role"},
	{service: "ec2.amazonaws.com", pass: true, needs: []need{on("ec2:ReplaceIamInstanceProfileAssociation", "ec2:instance/i-x")}, existing: "an instance to log in to, and an instance profile with the role"},
	{service: "ec2.amazonaws.com", needs: []need{on("ssm:SendCommand", "ec2:instance/i-x", "ssm:document/NAME")}, existing: "instances that have the role"},
	{service: "ec2.amazonaws.com", needs: []need{on("ssm:StartSession", "ec2:instance/i-x")}, existing: "instances that have the role"},
	{service: "ecs-tasks.amazonaws.com", pass: true, needs: []need{on("ecs:RegisterTaskDefinition", "ecs:task-definition/NAME:1"), on("ecs:RunTask", "ecs:task-definition/NAME:1")}, existing: "a cluster for the task"},
	{service: "ecs-tasks.amazonaws.com", pass: true, needs: []need{on("ecs:RegisterTaskDefinition", "ecs:task-definition/NAME:1"), on("ecs:UpdateService", "ecs:service/NAME/NAME")}, existing: "a service in a cluster"},
	{service: "ecs-tasks.amazonaws.com", pass: true, needs: []need{on("ecs:RunTask", "ecs:task-definition/NAME:1")}, existing: "a task definition whose command may be overridden, and a cluster for the task"},
	{service: "ecs-tasks.amazonaws.com", needs: []need{on("ecs:ExecuteCommand", "ecs:cluster/NAME", "ecs:task/NAME/NAME")}, existing: "tasks that have the role"},
	{service: "glue.amazonaws.com", pass: true, needs: []need{on("glue:CreateJob", "glue:job/NAME"), on("glue:StartJobRun", "glue:job/NAME")}},
	{service: "glue.amazonaws.com", pass: true, needs: []need{on("glue:CreateDevEndpoint", "glue:devEndpoint/NAME")}},
	{service: "glue.amazonaws.com", needs: []need{on("glue:UpdateDevEndpoint", "glue:devEndpoint/NAME")}, existing: "development endpoints that have the role"},
	{service: "glue.amazonaws.com", pass: true, needs: []need{on("glue:UpdateJob", "glue:job/NAME"), on("glue:StartJobRun", "glue:job/NAME")}, existing: "a job to change"},
	{service: "cloudformation.amazonaws.com", pass: true, needs: []need{on("cloudformation:CreateStack", "cloudformation:stack/NAME/x")}},
	{service: "cloudformation.amazonaws.com", pass: true, needs: []need{on("cloudformation:CreateChangeSet", "cloudformation:stack/NAME/x"), on("cloudformation:ExecuteChangeSet", "cloudformation:stack/NAME/x")}},
	{service: "cloudformation.amazonaws.com", needs: []need{on("cloudformation:UpdateStack", "cloudformation:stack/NAME/x")}, existing: "stacks that have the role"},
	{service: "codebuild.amazonaws.com", pass: true, needs: []need{on("codebuild:CreateProject", "codebuild:project/NAME"), on("codebuild:StartBuild", "codebuild:project/NAME")}},
	{service: "codebuild.amazonaws.com", needs: []need{on("codebuild:StartBuild", "codebuild:project/NAME")}, existing: "projects that have the role"},
	{service: "sagemaker.amazonaws.com", pass: true, needs: []need{on("sagemaker:CreateNotebookInstance", "sagemaker:notebook-instance/NAME"), on("sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:notebook-instance/NAME")}},
	{service: "sagemaker.amazonaws.com", pass: true, needs: []need{on("sagemaker:CreateTrainingJob", "sagemaker:training-job/NAME")}},
	{service: "sagemaker.amazonaws.com", pass: true, needs: []need{on("sagemaker:CreateProcessingJob", "sagemaker:processing-job/NAME")}},
	{service: "sagemaker.amazonaws.com", needs: []need{on("sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:notebook-instance/NAME")}, existing: "notebooks that have the role"},
	{service: "states.amazonaws.com", pass: true, needs: []need{on("states:CreateStateMachine", "states:stateMachine:NAME"), on("states:StartExecution", "states:stateMachine:NAME"), on("states:DescribeExecution", "states:execution:NAME:x")}},
	{service: "states.amazonaws.com", pass: true, needs: []need{on("states:TestState")}},
	{service: "states.amazonaws.com", needs: []need{on("states:UpdateStateMachine", "states:stateMachine:NAME")}, existing: "state machines that have the role"},
	{service: "ssm.amazonaws.com", pass: true, needs: []need{on("ssm:StartAutomationExecution", "ssm:automation-definition/NAME:1")}, existing: "an automation that does what one likes"},
	{service: "pods.eks.amazonaws.com", pass: true, anyName: true, needs: []need{on("eks:CreatePodIdentityAssociation", "eks:cluster/NAME")}, existing: "a cluster where one runs a pod"},
	{service: "pods.eks.amazonaws.com", pass: true, anyName: true, needs: []need{on("eks:UpdatePodIdentityAssociation", "eks:podidentityassociation/NAME/x")}, existing: "an association of a service account under which one runs a pod"},
	{service: "pods.eks.amazonaws.com", needs: []need{on("eks:CreateAccessEntry", "eks:cluster/NAME"), on("eks:AssociateAccessPolicy", "eks:access-entry/NAME/role/x/NAME/x")}, existing: "pods that have the role"},
	{service: "pods.eks.amazonaws.com", needs: []need{on("eks:UpdateAccessEntry", "eks:access-entry/NAME/role/x/NAME/x")}, existing: "an access entry of one's own, a group with more rights, and pods that have the role"},
	{service: "rolesanywhere.amazonaws.com", pass: true, anyName: true, needs: []need{on("rolesanywhere:CreateTrustAnchor", "rolesanywhere:trust-anchor/x"), on("rolesanywhere:CreateProfile")}},
	{service: "rolesanywhere.amazonaws.com", needs: []need{on("rolesanywhere:CreateTrustAnchor", "rolesanywhere:trust-anchor/x")}, existing: "a profile with the role"},
	{service: "rolesanywhere.amazonaws.com", needs: []need{on("rolesanywhere:UpdateTrustAnchor", "rolesanywhere:trust-anchor/x")}, existing: "a profile with the role"},
}

// employers are those of a role's account who let a service run what they like in its name.
func (b *becoming) employers(t *trust, matters func(string) bool) (out []access.Step) {
	to := b.role(t)
	account := accountIn(to.arn)
	admitted := map[string]verdict{}
	for i := range jobs {
		if _, asked := admitted[jobs[i].service]; !asked {
			admitted[jobs[i].service] = b.admits(jobs[i].service, to, map[string]eval.Values{"aws:SourceAccount": {account}})
		}
	}
	for _, f := range b.formsOf(account) {
		if !matters(f.from) {
			continue
		}
		for i := range jobs {
			j := &jobs[i]
			if admitted[j.service].decision == access.Denied || !f.holds.one(j.needs[0].action) {
				continue
			}
			v := f.verdict.also(admitted[j.service])
			var by []string
			if j.pass && v.decision != access.Denied {
				var context map[string]eval.Values
				if !j.anyName {
					context = map[string]eval.Values{"iam:PassedToService": {j.service}}
				}
				v, by = v.also(b.may(&f.caller, "iam:PassRole", object{arn: to.arn, tags: to.tags}, context)), []string{"iam:PassRole"}
			}
			if v.decision != access.Denied {
				v = v.also(b.does(&f, j, to.arn))
			}
			for _, n := range j.needs {
				by = append(by, n.action)
			}
			if v.decision == access.Denied {
				continue
			}
			if j.existing != "" {
				v = v.hangs(access.What, j.existing, "not read")
			}
			out = append(out, v.step(f.from, to.arn, f.by+strings.Join(by, " and ")))
		}
	}
	return best(out)
}

// does says whether a form of a principal may do what a job needs but for passing the role, whichever role of its account that is.
func (b *becoming) does(f *form, j *job, near string) verdict {
	if v, asked := f.does[j]; asked {
		return v
	}
	v := verdict{decision: access.Allowed}
	for _, n := range j.needs {
		if v.decision != access.Denied {
			v = v.also(b.somewhere(&f.caller, n, near))
		}
	}
	f.does[j] = v
	return v
}

// mostPlaces bounds the names that are tried for one thing.
const mostPlaces = 16

// somewhere says whether a caller may do something on things of its own choice. It is asked for a name that no policy mentions and for
// names that fit the resources of its own policies.
func (b *becoming) somewhere(c *caller, n need, near string) verdict {
	if len(n.on) == 0 {
		return b.may(c, n.action, object{}, nil)
	}
	all := verdict{decision: access.Allowed}
	for _, thing := range n.on {
		most := verdict{decision: access.Denied}
		for _, arn := range b.places(c, thing, near) {
			v := b.may(c, n.action, object{arn: arn, made: true}, nil)
			if v.better(most) {
				most = v
			}
			if most.decision == access.Allowed {
				break
			}
		}
		all = all.also(most)
	}
	return all
}

// places are ARNs for a thing: a plain one, and instances of the patterns in a caller's policies.
func (b *becoming) places(c *caller, thing, near string) []string {
	service, rest, _ := strings.Cut(thing, ":")
	region, account := "us-east-1", accountIn(near)
	if service == "iam" {
		region = ""
	}
	typ := rest[:strings.IndexAny(rest, ":/")+1]
	if typ == "image/" { // one of nobody in particular
		account = ""
	}
	plain := strings.NewReplacer("NAME", "keyreeve", "*", "keyreeve").Replace(rest)
	out := []string{"arn:" + partitionOf(near) + ":" + service + ":" + region + ":" + account + ":" + plain}
	for _, d := range c.Identity.Identity {
		for _, s := range b.read(d).doc.Statements {
			if s.Effect == "Deny" {
				continue
			}
			for _, pattern := range s.Resources {
				p := strings.SplitN(pattern, ":", 6)
				if len(p) < 6 || len(out) == mostPlaces || !strings.HasPrefix(p[5], typ) || strings.ContainsAny(pattern, awspolicy.Unknown+awspolicy.Computed) || p[2] != service {
					continue
				}
				at := region
				if region != "" && !strings.ContainsAny(p[3], "*?") && p[3] != "" {
					at = p[3]
				}
				arn := "arn:" + partitionOf(near) + ":" + service + ":" + at + ":" + account + ":" + instance(p[5])
				if !slices.Contains(out, arn) {
					out = append(out, arn)
				}
			}
		}
	}
	return out
}
