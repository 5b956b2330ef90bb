package awspolicy

import "encoding/json"

// JSON writes a document as Parse reads it. Markers stay in it as they are.
func (d Document) JSON() []byte {
	out := map[string]any{"Statement": statementsOut(d.Statements)}
	if d.Version != "" {
		out["Version"] = d.Version
	}
	text, _ := json.Marshal(out) // of texts, lists and maps only, which always can be
	return text
}

func statementsOut(list []Statement) []map[string]any {
	out := make([]map[string]any, len(list))
	for i := range list {
		s := &list[i]
		m := map[string]any{"Effect": s.Effect}
		if s.Sid != "" {
			m["Sid"] = s.Sid
		}
		for name, texts := range map[string][]string{"Action": s.Actions, "NotAction": s.NotActions, "Resource": s.Resources, "NotResource": s.NotResources} {
			if texts != nil {
				m[name] = texts
			}
		}
		for name, who := range map[string][]Principal{"Principal": s.Principals, "NotPrincipal": s.NotPrincipals} {
			if who != nil {
				m[name] = principalsOut(who)
			}
		}
		if len(s.Conditions) > 0 {
			m["Condition"] = conditionsOut(s.Conditions)
		}
		out[i] = m
	}
	return out
}

// principalsOut sorts principals by type. Everybody is a text of its own.
func principalsOut(list []Principal) any {
	byType := map[string][]string{}
	for _, p := range list {
		switch {
		case p.Type == "*":
			return "*"
		case p.Type == Unknown && p.Value == Unknown && len(list) == 1:
			return Unknown
		}
		byType[p.Type] = append(byType[p.Type], p.Value)
	}
	return byType
}

// conditionsOut puts conditions under their operators. AWS does not tell letter case apart in operators and keys, so those that stand
// twice keep apart by it.
func conditionsOut(list []Condition) map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for _, c := range list {
		if out[c.Operator] == nil {
			out[c.Operator] = map[string][]string{}
		}
		out[c.Operator][c.Key] = append(out[c.Operator][c.Key], c.Values...)
	}
	return out
}
