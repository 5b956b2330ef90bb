package azure

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// document decodes the object that a resource keeps. The error says why it is not known; about is what people call the document.
func document(r *inventory.Resource, into any) (about string, err error) {
	about = strings.NewReplacer(".", " ", "_", " ").Replace(strings.TrimPrefix(strings.TrimPrefix(r.Type, "azure."), "entra.")) + " " + lastPart(string(r.ID))
	fact := string(r.Kind) + ".document"
	if u := r.Unread(fact); u != nil {
		return about, errors.New(why(u.Why, u.Call, u.Hint))
	}
	if r.Document == "" {
		return about, errors.New(why(inventory.NotRead, "", ""))
	}
	if err := json.Unmarshal([]byte(r.Document), into); err != nil {
		var at *json.SyntaxError
		if errors.As(err, &at) {
			return about, fmt.Errorf("not understood at byte %d: %w", at.Offset, err)
		}
		return about, fmt.Errorf("not understood: %w", err)
	}
	return about, nil
}

func why(reason inventory.Reason, call, hint string) string {
	out := strings.ReplaceAll(string(reason), "_", " ")
	if call != "" {
		out += " (" + call + ")"
	}
	if hint != "" {
		out += "; " + hint
	}
	return out
}

// lastPart is the last segment of an ID.
func lastPart(id string) string {
	id = strings.TrimRight(id, "/")
	return id[strings.LastIndexByte(id, '/')+1:]
}

// managementGroup is the ID of a management group that a subscription names by its ID or by its name.
func managementGroup(name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return "/providers/Microsoft.Management/managementGroups/" + name
}

// assignedAt is the scope of an assignment, in lower case: where it says, else what its ID stands under.
func assignedAt(scope, id string) string {
	if scope == "" {
		scope, _, _ = strings.Cut(strings.ToLower(id), "/providers/microsoft.authorization/")
	}
	return "/" + strings.ToLower(strings.Trim(scope, "/"))
}

// subscriptionOf is the subscription that an ID lies in: "/subscriptions/S" in lower case, "" for none.
func subscriptionOf(id string) string {
	parts := strings.SplitN(strings.ToLower(id), "/", 4)
	if len(parts) < 3 || parts[1] != "subscriptions" {
		return ""
	}
	return "/subscriptions/" + parts[2]
}
