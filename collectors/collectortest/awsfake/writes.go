package awsfake

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The calls that rotations make. Each acts as AWS does, or refuses and does not act.

// Settle ends what is under way, as some minutes do: rotations on demand, and those of secrets.
func (s *Server) Settle() {
	s.locked(func() {
		for _, a := range s.accounts {
			for _, r := range a.regions {
				for _, k := range r.keys {
					k.settle()
				}
				for _, x := range r.secrets {
					x.settle(s.now())
				}
			}
		}
	})
}

func (k *Key) settle() {
	if !k.rotating.IsZero() {
		k.Rotations = append([]Rotation{{At: k.rotating, Type: kmstypes.RotationTypeOnDemand}}, k.Rotations...)
		k.rotating = time.Time{}
	}
}

// settle ends a rotation: what was pending is the current version.
func (x *Secret) settle(now time.Time) {
	for i := range x.Versions {
		if x.Versions[i].rotating {
			x.Versions[i].rotating = false
			x.move("AWSCURRENT", i)
			x.Rotated = now
		}
	}
}

// secretWrites are calls of Secrets Manager, and those that tell more than a list does.
var secretWrites = map[string]operation{
	"secretsmanager:DescribeSecret":           op(describeSecret),
	"secretsmanager:GetSecretValue":           op(getSecretValue),
	"secretsmanager:RotateSecret":             op(rotateSecret),
	"secretsmanager:PutSecretValue":           op(putSecretValue),
	"secretsmanager:UpdateSecretVersionStage": op(updateSecretVersionStage),
}

func describeSecret(c *call, in *secretsmanager.DescribeSecretInput) (*secretsmanager.DescribeSecretOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	e := x.entry()
	return &secretsmanager.DescribeSecretOutput{ARN: e.ARN, Name: e.Name, RotationEnabled: e.RotationEnabled, DeletedDate: e.DeletedDate, VersionIdsToStages: e.SecretVersionsToStages}, nil
}

func getSecretValue(c *call, in *secretsmanager.GetSecretValueInput) (*secretsmanager.GetSecretValueOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	label := aws.ToString(in.VersionStage)
	if label == "" {
		label = "AWSCURRENT"
	}
	if i := x.labelled(label); i >= 0 {
		return &secretsmanager.GetSecretValueOutput{ARN: aws.String(x.arn), Name: aws.String(x.Name), VersionId: aws.String(x.versionID(i)), SecretString: aws.String(x.Versions[i].Value), VersionStages: x.Versions[i].Stages}, nil
	}
	return nil, &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret value for staging label: " + label)}
}

func rotateSecret(c *call, in *secretsmanager.RotateSecretInput) (*secretsmanager.RotateSecretOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	out := &secretsmanager.RotateSecretOutput{ARN: aws.String(x.arn), Name: aws.String(x.Name), VersionId: aws.String(token)}
	switch i := x.labelled("AWSPENDING"); {
	case x.RotationDays == 0 && x.Schedule == "":
		return nil, &types.InvalidRequestException{Message: aws.String("No Lambda rotation function ARN is associated with this secret.")}
	case x.index(token) >= 0:
		return out, nil
	case i >= 0 && !slices.Contains(x.Versions[i].Stages, "AWSCURRENT"):
		return nil, &types.InvalidRequestException{Message: aws.String("A previous rotation isn't complete. That rotation will be reattempted.")}
	}
	x.Versions = append(x.Versions, SecretVersion{ID: token, Created: c.server.now(), Stages: []string{"AWSPENDING"}, rotating: true})
	return out, nil
}

func putSecretValue(c *call, in *secretsmanager.PutSecretValueInput) (*secretsmanager.PutSecretValueOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	out := &secretsmanager.PutSecretValueOutput{ARN: aws.String(x.arn), Name: aws.String(x.Name), VersionId: aws.String(token)}
	if i := x.index(token); i >= 0 {
		if x.Versions[i].Value == aws.ToString(in.SecretString) {
			return out, nil
		}
		return nil, &types.ResourceExistsException{Message: aws.String("You can't use ClientRequestToken " + token + " because that value is already in use for a version of secret " + x.arn + ".")}
	}
	labels := in.VersionStages
	if labels == nil {
		labels = []string{"AWSCURRENT"}
	}
	x.Versions = append(x.Versions, SecretVersion{ID: token, Created: c.server.now(), Value: aws.ToString(in.SecretString)})
	for _, label := range labels {
		x.move(label, len(x.Versions)-1)
	}
	return out, nil
}

func updateSecretVersionStage(c *call, in *secretsmanager.UpdateSecretVersionStageInput) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	label, from, to := aws.ToString(in.VersionStage), aws.ToString(in.RemoveFromVersionId), aws.ToString(in.MoveToVersionId)
	holder := x.labelled(label)
	switch {
	case holder >= 0 && x.versionID(holder) != from:
		return nil, &types.InvalidParameterException{Message: aws.String("The parameter RemoveFromVersionId can't be empty or another version. Staging label " + label + " is currently attached to version " + x.versionID(holder) + ".")}
	case to != "" && x.index(to) < 0:
		return nil, &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret version.")}
	case to == "" && label == "AWSCURRENT":
		return nil, &types.InvalidParameterException{Message: aws.String("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")}
	case to == "":
		x.Versions[holder].Stages = without(x.Versions[holder].Stages, label)
	default:
		x.move(label, x.index(to))
	}
	return &secretsmanager.UpdateSecretVersionStageOutput{ARN: aws.String(x.arn), Name: aws.String(x.Name)}, nil
}

// move puts a label to a version. The version that loses AWSCURRENT gets AWSPREVIOUS.
func (x *Secret) move(label string, to int) {
	if from := x.labelled(label); from >= 0 && from != to {
		x.Versions[from].Stages = without(x.Versions[from].Stages, label)
		if label == "AWSCURRENT" {
			x.move("AWSPREVIOUS", from)
		}
	}
	if !slices.Contains(x.Versions[to].Stages, label) {
		x.Versions[to].Stages = append(without(x.Versions[to].Stages, map[string]string{"AWSCURRENT": "AWSPREVIOUS"}[label]), label)
	}
}

func without(labels []string, label string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l == label })
}

func (x *Secret) labelled(label string) int {
	return slices.IndexFunc(x.Versions, func(v SecretVersion) bool { return slices.Contains(v.Stages, label) })
}

func (x *Secret) index(id string) int {
	for i := range x.Versions {
		if id != "" && x.versionID(i) == id {
			return i
		}
	}
	return -1
}

// accessKeys answers the calls that make and change access keys, and those about one inline policy of a user.
func (s *Server) accessKeys(req *Request, a *Account, name string) (Answer, bool) {
	i := slices.IndexFunc(a.iam.users, func(u User) bool { return base(u.Name) == req.form.Get("UserName") })
	missing := xmlError(http.StatusNotFound, "NoSuchEntity", "it cannot be found")
	done := xmlAnswer(http.StatusOK, struct{ XMLName xml.Name }{xml.Name{Space: "https://iam.amazonaws.com/doc/2010-05-08/", Local: name + "Response"}})
	switch name {
	case "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "GetUserPolicy", "PutUserPolicy", "DeleteUserPolicy":
	default:
		return Answer{}, false
	}
	if i < 0 {
		return missing, true
	}
	u := &a.iam.users[i]
	at := slices.IndexFunc(u.Keys, func(k AccessKey) bool { return k.ID == req.form.Get("AccessKeyId") })
	policy := req.form.Get("PolicyName")
	switch name {
	case "CreateAccessKey":
		if len(u.Keys) >= maxAccessKeys {
			return xmlError(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"), true
		}
		s.made++
		k := AccessKey{ID: fmt.Sprintf("made-key-%d", s.made), Created: s.now(), Secret: fmt.Sprintf("value-of-made-key-%d", s.made)}
		u.Keys = append(u.Keys, k)
		return xmlAnswer(http.StatusOK, iamMadeKey{UserName: base(u.Name), ID: k.ID, Status: "Active", Secret: k.Secret, Created: stamp(k.Created)}), true
	case "UpdateAccessKey":
		if at < 0 {
			return missing, true
		}
		u.Keys[at].Inactive = req.form.Get("Status") == "Inactive"
	case "DeleteAccessKey":
		if at < 0 {
			return missing, true
		}
		u.Keys = slices.Delete(u.Keys, at, at+1)
	case "GetUserPolicy":
		document, ok := u.Inline[policy]
		if !ok {
			return missing, true
		}
		return xmlAnswer(http.StatusOK, iamUserPolicy{UserName: base(u.Name), Name: policy, Document: quoted(document)}), true
	case "PutUserPolicy":
		if u.Inline == nil {
			u.Inline = map[string]string{}
		}
		u.Inline[policy] = req.form.Get("PolicyDocument")
	case "DeleteUserPolicy":
		if _, ok := u.Inline[policy]; !ok {
			return missing, true
		}
		delete(u.Inline, policy)
	}
	return done, true
}

// maxAccessKeys is AWS's quota for one user.
const maxAccessKeys = 2

type iamMadeKey struct {
	XMLName  xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ CreateAccessKeyResponse"`
	UserName string   `xml:"CreateAccessKeyResult>AccessKey>UserName"`
	ID       string   `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
	Status   string   `xml:"CreateAccessKeyResult>AccessKey>Status"`
	Secret   string   `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	Created  string   `xml:"CreateAccessKeyResult>AccessKey>CreateDate"`
}

type iamUserPolicy struct {
	XMLName  xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetUserPolicyResponse"`
	UserName string   `xml:"GetUserPolicyResult>UserName"`
	Name     string   `xml:"GetUserPolicyResult>PolicyName"`
	Document string   `xml:"GetUserPolicyResult>PolicyDocument"`
}
