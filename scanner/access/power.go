package access

// Power is what an action lets somebody do with a key, a secret or a principal: the most that it may come to, whatever system it belongs
// to. Duties are separated where nobody has both Reveal or Sign and Control, Destroy or Material over one key.
type Power string

const (
	Reveal   Power = "reveal"   // learns plaintext: of others, of a new data key, of a secret, a private key
	Sign     Power = "sign"     // speaks in the key's name: signs, makes authentication codes
	Blind    Power = "blind"    // uses the key and learns nothing secret by it: encrypts, wraps, verifies
	Control  Power = "control"  // decides who may do what, how, from where or for how long
	Destroy  Power = "destroy"  // ends use of the key or secret, for a time or for good
	Material Power = "material" // decides of what the key is made: makes, replaces, copies or puts back its material
	View     Power = "view"     // the rest: metadata, and changes that give nobody a use and take none
	Write    Power = "write"    // puts another secret value in place
	Become   Power = "become"   // makes one principal another, or is a step to that
)
