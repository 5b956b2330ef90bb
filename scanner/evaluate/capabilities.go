package evaluate

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// withheld are the built-in functions that rules do not get: those that reach outside or answer differently from run to run. A verdict
// rests on the input alone. A name that ends in a dot stands for all below it.
var withheld = []string{
	"http.send", "net.lookup_ip_addr", "opa.runtime", "rego.", "io.jwt.", "rand.intn", "time.now_ns", "uuid.", "trace",
	"json.match_schema", "json.verify_schema", "providers.aws.sign_req",
}

// strictCapabilities are for the check of rules: built-ins with the types they have.
var strictCapabilities = sync.OnceValue(func() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		return slices.ContainsFunc(withheld, func(w string) bool {
			return b.Name == w || strings.HasSuffix(w, ".") && strings.HasPrefix(b.Name, w)
		})
	})
	c.AllowNet = []string{}
	return c
})

// laxCapabilities are for running rules: the same built-ins, all taking and giving anything. Partial evaluation drops what fails
// the type check, also below a negation, where it would have held. Rules are type-checked before, against the strict ones.
var laxCapabilities = sync.OnceValue(func() *ast.Capabilities {
	c := *strictCapabilities()
	c.Builtins = make([]*ast.Builtin, len(strictCapabilities().Builtins))
	for i, b := range strictCapabilities().Builtins {
		lax := *b
		lax.Decl = anyTypes(b.Decl)
		c.Builtins[i] = &lax
	}
	return &c
})

func anyTypes(f *types.Function) *types.Function {
	args := f.FuncArgs()
	out := make([]types.Type, len(args.Args))
	for i := range out {
		out[i] = types.A
	}
	var result types.Type
	if f.Result() != nil {
		result = types.A
	}
	if args.Variadic != nil {
		return types.NewVariadicFunction(out, types.A, result)
	}
	return types.NewFunction(out, result)
}
