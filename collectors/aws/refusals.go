package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// refusals gathers what was refused of one resource after the other, so that ten thousand of them make one gap for each reason.
type refusals struct {
	mu    sync.Mutex
	by    map[inventory.Reason]*refusal // the one of the first resource in order of IDs, so that equal readings say the same
	first map[inventory.Reason]string
	count map[inventory.Reason]int
}

func (f *refusals) add(r *refusal, of inventory.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil {
		f.by, f.first, f.count = map[inventory.Reason]*refusal{}, map[inventory.Reason]string{}, map[inventory.Reason]int{}
	}
	f.count[r.why]++
	if first, has := f.first[r.why]; !has || string(of) < first {
		f.by[r.why], f.first[r.why] = r, string(of)
	}
}

// send hands over the gaps. What reads "the grants of"; the names of the resources follow.
func (f *refusals) send(ctx context.Context, s *source, found chan<- observation, what, typ string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, why := range slices.SortedFunc(maps.Keys(f.by), func(a, b inventory.Reason) int { return strings.Compare(string(a), string(b)) }) {
		of := what + " " + f.first[why]
		if more := f.count[why] - 1; more > 0 {
			of += fmt.Sprintf(" and %d more", more)
		}
		s.lost(ctx, found, of, f.by[why], typ)
	}
}
