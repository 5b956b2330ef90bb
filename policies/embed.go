// Package policies holds the built-in rules: a folder a rule, policies/AREA/RULE, whose path is the rule's ID. A folder holds the
// rule, its Rego tests and the examples that show what it decides; lib holds what several rules share, and controls.yaml names the
// requirements of frameworks that rules answer.
//
// It only carries the files; package evaluate reads, checks and runs them.
package policies

import "embed"

//go:generate go run ./internal/pages

// FS holds the rules with their tests and examples, the shared Rego and controls.yaml.
//
//go:embed controls.yaml lib/*.rego */*/*.rego */*/examples.yaml
var FS embed.FS
