// Package schemas holds JSON Schemas that tests hold output against, and checks documents with them. README.md says where
// each one comes from. It is for tests only.
package schemas

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// SARIF is the OASIS schema of SARIF 2.1.0, errata 01.
//
//go:embed sarif-schema-2.1.0.json
var SARIF []byte

// Compile returns a check of documents against a schema. Formats such as uri and date-time are asserted, and a reference to
// another document is an error: nothing is fetched.
func Compile(schema []byte) (check func(document []byte) error, err error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(refuse{})
	const url = "mem:///schema.json"
	if err := c.AddResource(url, doc); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return func(document []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
		if err != nil {
			return fmt.Errorf("read document: %w", err)
		}
		return compiled.Validate(doc)
	}, nil
}

type refuse struct{}

func (refuse) Load(url string) (any, error) { return nil, fmt.Errorf("the schema refers to %q", url) }
