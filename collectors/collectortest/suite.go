// Package collectortest is the conformance suite that the collector of every back end passes. A bug found in one collector
// becomes a case here, for all of them.
//
// A back end brings a wire-level fake of its server and describes it with a Backend; the suite asks for runs against that
// fake in many Worlds and looks at what the collector yields and at what the server saw. It leaves what is particular to a
// back end (which field means what) to that back end's own tests.
//
//	func TestConformance(t *testing.T) {
//		collectortest.Run(t, collectortest.Backend{Name: "aws", Calls: aws.Calls, Item: "aws.kms.key", List: "kms:ListKeys", Page: 5, Open: open})
//	}
package collectortest

import (
	"io"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A Backend describes one back end to the suite.
type Backend struct {
	Name  string           // the first part of its scopes: "aws"
	Calls []inventory.Call // the collector's table
	Item  string           // the type of resource that World.Items counts
	List  string           // the row of the table that lists those items
	Page  int              // how many items one page of the fake's list holds; 0 when the list comes whole
	// Cannot names faults that this back end cannot have, each with the reason; their cases are skipped with it.
	Cannot map[FaultKind]string
	// Open starts a fake that holds what w says, and opens the collector on it with everything that is opt-in opted in.
	// It stops the fake through t.Cleanup. An error of the collector's Open is fatal: a back end that does not answer is a
	// Gap when it is read, so no fault may make Open fail.
	Open func(t *testing.T, w World) *Opened
}

// A World is what a fake holds, how it misbehaves, and the circumstances of the collector.
//
// In a healthy world every call of the table is made at least once and every fact that the table names is answered for at
// least one resource. The same World gives the same answers: what a fake invents, it derives from counters and from Now.
type World struct {
	Items  int           // the number of resources of type Backend.Item, in all scopes together
	Fault  Fault         //
	Canary string        // the credential that the collector uses, and every secret value that the fake holds, contain it
	Log    io.Writer     // the collector logs here, at level debug
	Now    time.Time     // the clock of fake and collector
	Delay  time.Duration // the fake answers each call so much later
	Rate   float64       // calls a second that the collector may make, for each bucket; 0: so many that tests are fast
}

// Opened is a collector opened on a fake.
type Opened struct {
	Sources []inventory.Source
	// Arrivals returns what the fake saw so far, in order, refused and throttled calls included.
	Arrivals func() []Arrival
	// Hanging is closed when, under a Hang fault, the first call hangs. It may be nil otherwise.
	Hanging <-chan struct{}
	// Burst is how many calls the collector may make at once in one bucket, before World.Rate limits it.
	Burst int
	// Started is a time before the collector's budget began to count.
	Started time.Time
}

// An Arrival is one request that reached the fake.
type Arrival struct {
	Call   string    // the name of its row in the table; a request that no row describes keeps whatever name the wire gives it
	Bucket string    // what the budget is counted by: an account, a cluster
	At     time.Time // when it arrived, by the fake's machine
}

// A Fault is a way in which a fake misbehaves.
type Fault struct {
	Kind  FaultKind
	Call  string // the row of the table that is hit, by name; empty: every call
	Times int    // for Throttle: how many calls are hit before the fake answers again; 0: all
}

// FaultKind is a kind of misbehaviour.
type FaultKind string

// The faults.
const (
	Healthy FaultKind = ""
	// Deny refuses the call for want of a permission, as the back end does.
	Deny FaultKind = "deny"
	// Throttle asks to slow down, as the back end does.
	Throttle FaultKind = "throttle"
	// Unknown answers as a server that does not know the call: an older version, an emulator.
	Unknown FaultKind = "unknown call"
	// CutBody sends the first half of the healthy body under a status of success, with a length that claims it is all.
	CutBody FaultKind = "cut body"
	// CutConnection promises the whole body, sends half of it and closes the connection.
	CutConnection FaultKind = "cut connection"
	// Blank answers with a status of success and no body.
	Blank FaultKind = "blank body"
	// Markup answers with a page of HTML and status 500, as proxies and emulators do.
	Markup FaultKind = "markup"
	// BadCredential refuses every call because nobody knows the credential.
	BadCredential FaultKind = "bad credential"
	// Down: nobody listens at the address.
	Down FaultKind = "down"
	// Hang answers only when the client has gone away.
	Hang FaultKind = "hang"
)

// Run runs the suite. The test that calls it must not itself run beside others (no t.Parallel).
func Run(t *testing.T, b Backend) {
	t.Helper()
	for _, c := range cases(b) {
		t.Run(c.name, func(t *testing.T) {
			if !c.alone {
				t.Parallel()
			}
			if why, cannot := b.Cannot[c.fault]; cannot {
				t.Skipf("%s: %s", c.fault, why)
			}
			for _, complaint := range c.run(t, b) {
				t.Error(complaint)
			}
		})
	}
}

// A testCase returns complaints rather than failing, so that the suite can itself be tested with collectors that are wrong.
type testCase struct {
	name  string
	fault FaultKind
	alone bool // not beside others: it looks at the goroutines of the process
	run   func(*testing.T, Backend) []string
}

func cases(b Backend) []testCase {
	list := []testCase{
		{"cancelled before", Healthy, true, cancelledBefore},
		{"cancelled while hanging", Hang, true, cancelledWhileHanging},
		{"left early", Healthy, true, leftEarly},
		{"table", Healthy, false, table},
		{"healthy", Healthy, false, healthy},
		{"equal runs", Healthy, false, equalRuns},
		{"page edges", Healthy, false, pageEdges},
		{"budget", Throttle, false, budget},
		{"bad credential", BadCredential, false, nothingAnswers(BadCredential)},
		{"down", Down, false, nothingAnswers(Down)},
	}
	for _, row := range b.Calls {
		if row.Instead != "" {
			continue // what it stands in for is a gap already, whether it answers or not
		}
		list = append(list, testCase{"throttled twice " + row.Name, Throttle, false, throttledTwice(row)})
		for _, kind := range []FaultKind{Deny, Throttle, Unknown, CutBody, CutConnection, Blank, Markup} {
			list = append(list, testCase{string(kind) + " " + row.Name, kind, false, oneCallFails(row, kind)})
		}
	}
	return list
}
