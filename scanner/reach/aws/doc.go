// Package aws answers who can do what to the keys and secrets of AWS that a snapshot holds. It gathers what the snapshot keeps of accounts,
// identities and resources, with all policy documents, into an estate of package access/aws, and puts that package's answers into the
// terms that all systems share.
//
// It leaves to package access/aws what documents mean, and to collectors what is read.
package aws
