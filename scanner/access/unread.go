package access

// Unread is a document, or a listing, that was not read.
type Unread struct {
	Document string `json:"document"` // what people call it
	Of       string `json:"of"`       // whose it is: a principal, a key, an account
	Why      string `json:"why"`
}
