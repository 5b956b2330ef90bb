// Package scanner is the pipeline: sources go in, a snapshot comes out of Collect, and a finding.Result out of Judge.
//
//	sources ─► Collect ═► inventory.Snapshot ═► Judge (relate, evaluate, waivers, coverage, diagnostics) ═► finding.Result
//
// It owns concurrency and what concerns the run as a whole. What a back end answers is left to collectors, what a resource
// deserves to the rules, and how it is shown to package report.
package scanner
