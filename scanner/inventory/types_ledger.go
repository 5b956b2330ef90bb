package inventory

var ledgerTypes = []TypeInfo{
	{
		Type: "ledger.log", Kind: KindLedger, About: "the ledger of keyreeve-rotate as a whole",
		Required: append(required("ledger.verified"), Required{Fact: "ledger.opened_at", If: "ledger.verified", Is: "complete,consistent"}, Required{Fact: "ledger.drilled_at", If: "ledger.verified", Is: "broken"}),
	},
	{
		Type: "ledger.rotation", Kind: KindRotation, About: "a rotation that the ledger of keyreeve-rotate records",
		Required: required("rotation.of", "rotation.tier", "rotation.pattern", "rotation.state", "rotation.stage", "rotation.planned_at", "rotation.expires_at", "rotation.counterparts"),
	},
}
