package access

// A Holder may do something to a key or secret, or may perhaps.
type Holder struct {
	Principal string     `json:"principal"` // as its system names it: an ARN, "auth/kubernetes/role/app"; "*": whoever is not listed
	Kind      string     `json:"kind"`      // "role", "user", "account root", "service", "auth role", "entity", "token", ...
	Decision  Decision   `json:"decision"`  // Allowed, or Conditional
	Residual  []Residual `json:"residual"`  // on what it hangs
	Unread    []Unread   `json:"unread"`    // documents that were not read and might decide otherwise
	Path      []Step     `json:"path"`      // of one who may not by itself: how it becomes somebody who may
}

// Unread is a document, or a listing, that was not read.
type Unread struct {
	Document string `json:"document"` // what people call it
	Of       string `json:"of"`       // whose it is: a principal, a key, an account
	Why      string `json:"why"`
}

// Holders are all who may do an action on one key or secret.
type Holders struct {
	Action   string   `json:"action"`   // as its system spells it
	Resource string   `json:"resource"` // the ID of the key or secret
	Name     string   `json:"name"`     // what a person calls it
	Holders  []Holder `json:"holders"`  // those who certainly may first, each part sorted by principal
	Indirect []Holder `json:"indirect"` // who may not by themselves, or only under conditions and the way is certain, and may become one of them; each with its shortest way, sorted by principal
	Unread   []Unread `json:"unread"`   // where more holders may be
	Note     string   `json:"note"`     // why nobody may, whatever documents say; empty where they have a say
}

// Refused is the error about an action that a system does with no such key or secret, whoever asks and whatever documents say. It is an
// answer: nobody may.
type Refused struct {
	Why string // a sentence without its full stop: "Vault does not sign with it, as ..."
}

func (e *Refused) Error() string { return "nobody may: " + e.Why }

// Step is one way in which a principal becomes another, or gets what another has.
type Step struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	By       string     `json:"by"` // the action or login: "sts:AssumeRole", "iam:PassRole and lambda:CreateFunction", "login by auth/approle"
	Decision Decision   `json:"decision"`
	Residual []Residual `json:"residual"`
	Because  []Because  `json:"because"`
}

// Explanation is the answer about one principal, one action and one key or secret, with all that it rests on.
type Explanation struct {
	Principal string   `json:"principal"`
	Action    string   `json:"action"`
	Resource  string   `json:"resource"`
	Name      string   `json:"name"`
	Direct    Answer   `json:"direct"` // what the principal itself may do
	Unread    []Unread `json:"unread"`
	Path      []Step   `json:"path"`     // if it may not by itself: the shortest way to one who may; if it may under conditions, one that is certain
	Holder    string   `json:"holder"`   // whom the path ends in
	Fix       []Change `json:"fix"`      // the smallest change after which the answer is Denied; empty where none was found
	FixNote   string   `json:"fix_note"` // why there is none, or what it does not reach
	Note      string   `json:"note"`     // why nobody may, whatever documents say; empty where they have a say
}
