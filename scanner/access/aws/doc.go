// Package aws decides requests to AWS: may this principal do this to that key or secret, given all documents that have a say: policies
// of the identity, its permissions boundary and session, the policy and the grants of the resource, and the control policies of the
// organization.
//
// The order of evaluation is from "Policy evaluation logic" in the IAM User Guide and "Determining access to KMS keys" in the AWS KMS
// Developer Guide. A fact that only a request has and that the asker calls unknown is neither true nor false, and makes the answer
// conditional where it decides.
//
// It knows of other principals only what documents say, and leaves to others how somebody comes to be the principal.
package aws
