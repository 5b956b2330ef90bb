package vault

// cache keeps what was last used, within a number of bytes of keys. When the newer half is full it becomes the older, which is forgotten.
type cache[V any] struct {
	limit, size  int
	newer, older map[string]V
}

// get does not keep the key it is given.
func (c *cache[V]) get(key []byte) (V, bool) {
	if v, ok := c.newer[string(key)]; ok {
		return v, true
	}
	v, ok := c.older[string(key)]
	if ok {
		c.put(string(key), v)
	}
	return v, ok
}

func (c *cache[V]) put(key string, v V) {
	if c.newer == nil || c.size+len(key) > c.limit/2 {
		c.newer, c.older, c.size = map[string]V{}, c.newer, 0
	}
	c.newer[key] = v
	c.size += len(key) + 64
}
