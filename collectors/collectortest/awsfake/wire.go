package awsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// A Request is a call as it was understood.
type Request struct {
	Call    string // "kms:DescribeKey"
	Account string // of the caller
	Region  string
	Key     string // ARN of the key or secret it is about, if it is about one

	accessKey string
	arn       string // of the caller
	body      []byte
	form      url.Values
}

// targets are how services that speak JSON call themselves in X-Amz-Target.
var targets = map[string]string{"TrentService": "kms", "secretsmanager": "secretsmanager", "AWSOrganizationsV20161128": "organizations"}

func parse(r *http.Request, body []byte) Request {
	req := Request{body: body}
	if target, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		req.Call = targets[target] + ":" + name
		return req
	}
	req.form, _ = url.ParseQuery(string(body))
	service := "sts"
	if req.form.Get("Version") == iamVersion {
		service = "iam"
	}
	req.Call = service + ":" + req.form.Get("Action")
	return req
}

// service is the part of a call's name before the colon.
func (req *Request) service() string {
	name, _, _ := strings.Cut(req.Call, ":")
	return name
}

// operations are the calls in JSON that it knows. Any other is answered as AWS answers one that it does not know.
var operations = func() map[string]operation {
	all := map[string]operation{}
	maps.Copy(all, kmsOperations)
	maps.Copy(all, secretOperations)
	maps.Copy(all, kmsWrites)
	maps.Copy(all, secretWrites)
	maps.Copy(all, organizationOperations)
	return all
}()

// answer makes the answer of a server without faults.
func (s *Server) answer(req *Request) Answer {
	account := s.accounts[req.Account]
	if account.disabled[req.Region] {
		return req.refuse(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	service, name, _ := strings.Cut(req.Call, ":")
	if service == "sts" {
		return s.sts(req, name)
	}
	if service == "iam" {
		return s.identities(req, account, name)
	}
	do := operations[req.Call]
	if do == nil {
		return req.refuse(http.StatusBadRequest, "UnknownOperationException", "")
	}
	out, err := do(&call{server: s, req: req, operation: name, region: account.region(req.Region)}, req.body)
	if err == nil && name == "GetKeyRotationStatus" && !bytes.Contains(out, []byte(`"KeyRotationEnabled"`)) {
		out = append([]byte(`{"KeyRotationEnabled":false,`), out[1:]...) // AWS always states it; the encoder for requests leaves false out
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return req.refuse(http.StatusBadRequest, api.ErrorCode(), api.ErrorMessage())
	}
	if err != nil {
		return req.refuse(http.StatusBadRequest, "SerializationException", err.Error())
	}
	return Answer{Status: http.StatusOK, Type: jsonType, Body: out}
}

const jsonType = "application/x-amz-json-1.1"

// refuse makes an error as the service of the call writes it.
func (req *Request) refuse(status int, code, message string) Answer {
	if req.form != nil {
		return xmlError(status, code, message)
	}
	body, err := json.Marshal(map[string]string{"__type": code, "message": message})
	if err != nil {
		panic(err) // two strings
	}
	return Answer{Status: status, Type: jsonType, Body: body}
}

// notAuthorized is how AWS says that a caller lacks a permission.
func (req *Request) notAuthorized(because string) string {
	resource := req.Key
	if resource == "" {
		resource = "*"
	}
	return "User: " + req.arn + " is not authorized to perform: " + req.Call + " on resource: " + resource + " because " + because
}

// A call is one operation on one Region.
type call struct {
	server    *Server
	req       *Request
	operation string
	region    *Region
}

// An operation decodes a request, answers it and encodes the answer.
type operation func(c *call, body []byte) ([]byte, error)

// The SDK's own encoder, run backwards: what it would send as a request is sent as an answer. Input structs decode with
// encoding/json because their field names are the names on the wire.
var (
	protocol  = awsjson.New11(&smithy.ServiceSchema{Schema: schema("Service", smithy.ShapeTypeService)})
	anything  = schema("Anything", smithy.ShapeTypeStructure)
	operating = smithy.NewOperationSchema(schema("Operation", smithy.ShapeTypeOperation), anything, anything)
)

func schema(name string, t smithy.ShapeType) *smithy.Schema {
	return smithy.NewSchema(smithy.ShapeID{Namespace: "awsfake", Name: name}, t, 0)
}

// op makes an operation of a function on the SDK's own types.
func op[In any, Out smithy.Serializable](f func(*call, *In) (Out, error)) operation {
	return func(c *call, body []byte) ([]byte, error) {
		in := new(In)
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(in); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		out, err := f(c, in)
		if err != nil {
			return nil, err
		}
		return encode(out)
	}
}

func encode(out smithy.Serializable) ([]byte, error) {
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := protocol.SerializeRequest(context.Background(), operating, out, request); err != nil {
		return nil, err
	}
	return io.ReadAll(request.GetStream())
}
