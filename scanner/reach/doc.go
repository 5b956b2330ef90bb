// Package reach finds out what the documents of a snapshot come to: who may do what to a key or secret, and how others become one of
// those who may.
//
// It decides nothing itself: the evaluators beneath package access do, one for each system.
package reach
