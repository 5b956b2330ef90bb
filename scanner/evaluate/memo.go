package evaluate

import "sync"

// memo remembers what one rule answered, by the key of the view. A rule sees a few facts of a resource, most of them one of few
// values, so most resources of an estate have been answered before. It holds a bounded number and starts anew when it is full.
type memo struct {
	mu      sync.RWMutex
	replies map[string]*reply
}

// maxReplies bounds what is remembered for one rule; a reply takes some hundred bytes.
const maxReplies = 32_768

func (m *memo) get(key []byte) *reply {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.replies[string(key)]
}

func (m *memo) put(key []byte, a *reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.replies == nil || len(m.replies) >= maxReplies {
		m.replies = make(map[string]*reply)
	}
	m.replies[string(key)] = a
}
