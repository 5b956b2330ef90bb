package awsfake

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"
)

// STS speaks XML, for which the SDK has no serialiser to run backwards, so its shapes are written down here, from the API
// reference of 2011-06-15.

type callerIdentity struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn     string   `xml:"GetCallerIdentityResult>Arn"`
	UserID  string   `xml:"GetCallerIdentityResult>UserId"`
	Account string   `xml:"GetCallerIdentityResult>Account"`
}

type assumedRole struct {
	XMLName      xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Arn          string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	RoleID       string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	AccessKeyID  string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	SecretKey    string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	SessionToken string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration   string   `xml:"AssumeRoleResult>Credentials>Expiration"`
}

// errorResponse is the same for STS and IAM but for the namespace, which nobody reads.
type errorResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
}

// sessionLife is how long an assumed role's credentials are valid, by the machine's clock: a client compares with its own.
const sessionLife = time.Hour

func (s *Server) sts(req *Request, name string) Answer {
	switch name {
	case "GetCallerIdentity":
		return xmlAnswer(http.StatusOK, callerIdentity{Arn: req.arn, UserID: "AIDAEXAMPLE", Account: req.Account})
	case "AssumeRole":
		return s.assumeRole(req)
	}
	return xmlError(http.StatusBadRequest, "InvalidAction", "Could not find operation "+name+" for version 2011-06-15")
}

func (s *Server) assumeRole(req *Request) Answer {
	role := req.form.Get("RoleArn")
	for _, id := range s.sorted() {
		a := s.accounts[id]
		name, ok := strings.CutPrefix(role, "arn:aws:iam::"+a.ID+":role/")
		r, exists := a.roles[name]
		if !ok || !exists || r.ExternalID != req.form.Get("ExternalId") || len(r.Trusts) > 0 && !slices.Contains(r.Trusts, req.Account) {
			continue
		}
		key, arn := s.assume(a, r, req.form.Get("RoleSessionName"))
		return xmlAnswer(http.StatusOK, assumedRole{
			Arn: arn, RoleID: "AROAEXAMPLE:" + req.form.Get("RoleSessionName"), AccessKeyID: key,
			SecretKey: s.canary + "-secret-of-" + key, SessionToken: s.canary + "-session-of-" + key,
			Expiration: time.Now().Add(sessionLife).UTC().Format(time.RFC3339),
		})
	}
	return xmlError(http.StatusForbidden, "AccessDenied", "User: "+req.arn+" is not authorized to perform: sts:AssumeRole on resource: "+role)
}

func xmlError(status int, code, message string) Answer {
	return xmlAnswer(status, errorResponse{Type: "Sender", Code: code, Message: message})
}

func xmlAnswer(status int, v any) Answer {
	body, err := xml.Marshal(v)
	if err != nil {
		panic(err) // structs of strings
	}
	return Answer{Status: status, Type: "text/xml", Body: body}
}
