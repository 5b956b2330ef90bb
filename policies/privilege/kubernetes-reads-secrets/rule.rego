# METADATA
# title: Role of Kubernetes reads every Secret
# description: >-
#   Who may read all Secrets of a namespace has every credential in it, those of other workloads included; a ClusterRole has those of
#   every namespace. `list` and `watch` hand out contents, just as `get` does. Name the Secrets a workload needs in `resourceNames` with
#   the verb `get`, or mount them, which needs no permission at all. Operators that need all Secrets, such as one that synchronises them
#   from a vault, are worth a waiver with an owner. A role gives nothing until it is bound: bindings, and what a ClusterRole collects
#   from others by label, are not looked at. Each statement is judged by itself.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#     description: "Kubernetes: good practices of role-based access control"
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
#     description: "Kubernetes: role-based access control"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [kubernetes.role]
#   controls:
#     cis-kubernetes-1.12.0: ["5.1.2"]
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["kubernetes-reads-secrets"]

deny contains {"message": "it reads every Secret", "at": s.at, "facts": {"resources": s.resources, "verbs": s.verbs}} if {
	some s in input.resource.policy.statements
	s.effect == "allow"
	some group in s.groups
	group in {"", "*"}
	some resource in s.resources
	resource in {"secrets", "*"}
	some verb in s.verbs
	verb in {"get", "list", "watch", "*"}
	not by_name(s)
}

# by_name holds for a statement on some objects only. An empty list of names is none.
by_name(s) if count(s.names) > 0
