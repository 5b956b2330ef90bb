package terraform

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Policies that AWS manages, or that are looked up, are told as not read wherever they are attached; those of this repository are not.
func TestManagedPoliciesAreToldAsNotRead(t *testing.T) {
	const admin, told = `"arn:aws:iam::aws:policy/AdministratorAccess"`, "AWS's managed policy AdministratorAccess is not read"
	for code, want := range map[string]string{
		`resource "aws_iam_role_policy_attachment" "x" { policy_arn = ` + admin + ` }`:                                                                  told,
		`resource "aws_iam_user_policy_attachment" "x" { policy_arn = ` + admin + ` }`:                                                                  told,
		`resource "aws_iam_group_policy_attachment" "x" { policy_arn = ` + admin + ` }`:                                                                 told,
		`resource "aws_iam_policy_attachment" "x" { policy_arn = ` + admin + ` }`:                                                                       told,
		`resource "aws_iam_role" "x" { managed_policy_arns = [` + admin + `, "arn:aws:iam::aws:policy/ReadOnlyAccess"] }`:                               told + " (and 1 more like it)",
		`resource "aws_iam_role_policy_attachment" "x" { policy_arn = "arn:${data.aws_partition.p.partition}:iam::aws:policy/IAMFull" }`:                "IAMFull is not read",
		"data \"aws_iam_policy\" \"a\" { name = \"a\" }\n" + `resource "aws_iam_role_policy_attachment" "x" { policy_arn = data.aws_iam_policy.a.arn }`: "the policy that data.aws_iam_policy.a looks up is not read",

		`resource "aws_iam_role_policy_attachment" "x" { policy_arn = "arn:aws:iam::123456789012:policy/mine" }`:                                          "",
		"resource \"aws_iam_policy\" \"a\" { policy = \"{}\" }\n" + `resource "aws_iam_role_policy_attachment" "x" { policy_arn = aws_iam_policy.a.arn }`: "",
		`resource "aws_iam_role" "x" { managed_policy_arns = [] }`:                                                                                        "",
	} {
		gaps := Dialect.Read(t.Context(), files("main.tf", code)).Gaps
		i := slices.IndexFunc(gaps, func(g *inventory.Gap) bool { return slices.Equal(g.Types, []string{"aws.iam.policy"}) })
		switch {
		case want == "" && i >= 0:
			t.Errorf("%s: %s", code, gaps[i].Err)
		case want != "" && (i < 0 || !strings.HasSuffix(gaps[i].Err, want) || gaps[i].Why != inventory.NotStated):
			t.Errorf("%s: gaps %v, want %q", code, gaps, want)
		}
	}
}
