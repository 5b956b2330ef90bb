package evaluate

import "sync"

// memo remembers what one rule answered, by the key of the view. A rule sees a few facts of a resource, most of them one of few
// values, so most resources of an estate have been answered before. It holds a bounded amount and starts anew when it is full.
type memo struct {
	mu      sync.RWMutex
	replies map[string]*reply
	bytes   int // of the keys
}

// These bound what is remembered for one rule. A reply takes some hundred bytes; so does the key of most views, but one of a rule that
// looks at long lists may take thousands.
const (
	maxReplies  = 32_768
	maxKeyBytes = 16 << 20
)

func (m *memo) get(key []byte) *reply {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.replies[string(key)]
}

func (m *memo) put(key []byte, a *reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.replies == nil || len(m.replies) >= maxReplies || m.bytes+len(key) > maxKeyBytes {
		m.replies, m.bytes = make(map[string]*reply), 0
	}
	if m.replies[string(key)] == nil {
		m.bytes += len(key)
	}
	m.replies[string(key)] = a
}
