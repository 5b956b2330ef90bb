package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pure are Terraform's functions whose result depends on their arguments alone.
// The list is that of https://developer.hashicorp.com/terraform/language/functions.
var pure = map[string]function.Function{
	// numbers
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc, "max": stdlib.MaxFunc,
	"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc, "sum": sumFunc,
	// text
	"chomp": stdlib.ChompFunc, "endswith": pairFunc(endsWith), "format": widthFunc(stdlib.FormatFunc), "formatlist": widthFunc(stdlib.FormatListFunc),
	"join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc,
	"replace": replaceFunc, "split": stdlib.SplitFunc, "startswith": pairFunc(startsWith), "strcontains": pairFunc(contains),
	"strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
	"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
	// collections
	"alltrue": boolsFunc(false), "anytrue": boolsFunc(true), "chunklist": stdlib.ChunklistFunc, "coalesce": coalesceFunc,
	"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
	"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "index": indexFunc, "keys": stdlib.KeysFunc,
	"length": lengthFunc, "lookup": lookupFunc, "matchkeys": matchKeysFunc, "merge": stdlib.MergeFunc, "one": oneFunc, "range": stdlib.RangeFunc,
	"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc,
	"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
	"transpose": transposeFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
	// encodings and digests
	"base64decode": textFunc(fromBase64), "base64encode": textFunc(toBase64), "base64sha256": textFunc(digest64(sha256Sum)),
	"base64sha512": textFunc(digest64(sha512Sum)), "csvdecode": stdlib.CSVDecodeFunc, "jsondecode": jsonDecodeFunc, "jsonencode": jsonEncodeFunc,
	"md5": textFunc(digestHex(md5Sum)), "sha1": textFunc(digestHex(sha1Sum)), "sha256": textFunc(digestHex(sha256Sum)),
	"sha512": textFunc(digestHex(sha512Sum)), "urlencode": textFunc(toQuery),
	// times
	"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
	// types
	"can": tryfunc.CanFunc, "issensitive": unknownFunc(cty.Bool), "nonsensitive": sameFunc, "sensitive": sameFunc, "ephemeralasnull": sameFunc,
	"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
	"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String), "try": tryfunc.TryFunc,
}

// impure are functions whose result an apply, or a machine, decides, and those that are not computed here. Their results are unknown.
var impure = []string{
	"abspath", "base64gzip", "bcrypt", "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets", "filebase64sha256", "filebase64sha512",
	"filemd5", "filesha1", "filesha256", "filesha512", "indent", "pathexpand", "plantimestamp", "pow", "rsadecrypt", "templatestring",
	"textdecodebase64", "textencodebase64", "timecmp", "timestamp", "uuid", "uuidv5", "yamlencode",
}

// readers are the functions that read files of the repository; see file.go.
var readers = []string{"basename", "dirname", "file", "filebase64", "fileexists", "fileset", "templatefile", "yamldecode"}

var allFunctions = func() map[string]bool {
	out := map[string]bool{}
	for name := range pure {
		out[name] = true
	}
	for _, name := range append(impure, readers...) {
		out[name] = true
	}
	return out
}()

// known reports whether a function is one of Terraform's, "core::" before its name or not.
func known(name string) bool { return allFunctions[strings.TrimPrefix(name, "core::")] }

// unknownFunc is a function of which only the type of its result is known.
func unknownFunc(t cty.Type) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type:     function.StaticReturnType(t),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			return cty.UnknownVal(t), nil
		},
	})
}

// functionsOf are the functions for a root module. What its modules call and Terraform has not is unknown: functions of providers.
func (t *tree) functionsOf(root string, foreign map[string]bool) map[string]function.Function {
	out := make(map[string]function.Function, len(allFunctions)+len(foreign))
	for name, f := range pure {
		out[name] = f
	}
	for _, name := range impure {
		out[name] = unknownFunc(cty.DynamicPseudoType)
	}
	for name := range foreign {
		out[name] = unknownFunc(cty.DynamicPseudoType)
	}
	t.addReaders(out, root)
	for name := range allFunctions {
		out["core::"+name] = out[name]
	}
	return out
}
