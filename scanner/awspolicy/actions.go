package awspolicy

// reach is what an action acts on.
type reach int

const (
	account reach = iota // no resource: AWS takes only "*" for it, which then says nothing
	keys
	secrets
)

// action is an action of AWS KMS or Secrets Manager. Its class is the most that it lets somebody do.
type action struct {
	name  string // in lower case: AWS does not tell letter case apart in actions
	class string
	on    reach
}

// actions are all actions of the two services. Names and what they act on are from the Service Authorization Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html and
// .../list_awssecretsmanager.html), read in September 2026; the classes are ours:
//
//   - decrypt yields plaintext that somebody else has encrypted, or a secret agreed on. A new data key is encrypt: it opens nothing that is there.
//   - administer decides who may do what, or in which state a key or secret is; grant hands on what its holder lacks.
//   - read yields metadata, or what anybody can work out with a public key. BatchGetSecretValue yields nothing without GetSecretValue.
//   - write_secret puts a value in place of another, or makes another version the current one.
var actions = []action{
	{"kms:cancelkeydeletion", "administer", keys},
	{"kms:connectcustomkeystore", "administer", account},
	{"kms:createalias", "administer", keys},
	{"kms:createcustomkeystore", "administer", account},
	{"kms:creategrant", "grant", keys},
	{"kms:createkey", "administer", account},
	{"kms:decrypt", "decrypt", keys},
	{"kms:deletealias", "administer", keys},
	{"kms:deletecustomkeystore", "delete", account},
	{"kms:deleteimportedkeymaterial", "delete", keys},
	{"kms:derivesharedsecret", "decrypt", keys},
	{"kms:describecustomkeystores", "read", account},
	{"kms:describekey", "read", keys},
	{"kms:disablekey", "administer", keys},
	{"kms:disablekeyrotation", "administer", keys},
	{"kms:disconnectcustomkeystore", "administer", account},
	{"kms:enablekey", "administer", keys},
	{"kms:enablekeyrotation", "administer", keys},
	{"kms:encrypt", "encrypt", keys},
	{"kms:generatedatakey", "encrypt", keys},
	{"kms:generatedatakeypair", "encrypt", keys},
	{"kms:generatedatakeypairwithoutplaintext", "encrypt", keys},
	{"kms:generatedatakeywithoutplaintext", "encrypt", keys},
	{"kms:generatemac", "mac", keys},
	{"kms:generaterandom", "read", account},
	{"kms:getkeylastusage", "read", keys},
	{"kms:getkeypolicy", "read", keys},
	{"kms:getkeyrotationstatus", "read", keys},
	{"kms:getparametersforimport", "read", keys},
	{"kms:getpublickey", "read", keys},
	{"kms:importkeymaterial", "administer", keys},
	{"kms:listaliases", "read", account},
	{"kms:listgrants", "read", keys},
	{"kms:listkeypolicies", "read", keys},
	{"kms:listkeyrotations", "read", keys},
	{"kms:listkeys", "read", account},
	{"kms:listresourcetags", "read", keys},
	{"kms:listretirablegrants", "read", account},
	{"kms:putkeypolicy", "administer", keys},
	{"kms:reencryptfrom", "decrypt", keys},
	{"kms:reencryptto", "encrypt", keys},
	{"kms:replicatekey", "administer", keys},
	{"kms:retiregrant", "administer", keys},
	{"kms:revokegrant", "administer", keys},
	{"kms:rotatekeyondemand", "administer", keys},
	{"kms:schedulekeydeletion", "delete", keys},
	{"kms:sign", "sign", keys},
	{"kms:synchronizemultiregionkey", "administer", keys},
	{"kms:tagresource", "administer", keys},
	{"kms:untagresource", "administer", keys},
	{"kms:updatealias", "administer", keys},
	{"kms:updatecustomkeystore", "administer", account},
	{"kms:updatekeydescription", "administer", keys},
	{"kms:updateprimaryregion", "administer", keys},
	{"kms:verify", "read", keys},
	{"kms:verifymac", "read", keys},
	{"secretsmanager:batchgetsecretvalue", "read", account},
	{"secretsmanager:cancelrotatesecret", "administer", secrets},
	{"secretsmanager:createsecret", "write_secret", secrets},
	{"secretsmanager:deleteresourcepolicy", "administer", secrets},
	{"secretsmanager:deletesecret", "delete", secrets},
	{"secretsmanager:describesecret", "read", secrets},
	{"secretsmanager:getrandompassword", "read", account},
	{"secretsmanager:getresourcepolicy", "read", secrets},
	{"secretsmanager:getsecretvalue", "read_secret", secrets},
	{"secretsmanager:listsecrets", "read", account},
	{"secretsmanager:listsecretversionids", "read", secrets},
	{"secretsmanager:putresourcepolicy", "administer", secrets},
	{"secretsmanager:putsecretvalue", "write_secret", secrets},
	{"secretsmanager:removeregionsfromreplication", "administer", secrets},
	{"secretsmanager:replicatesecrettoregions", "administer", secrets},
	{"secretsmanager:restoresecret", "administer", secrets},
	{"secretsmanager:rotatesecret", "administer", secrets},
	{"secretsmanager:stopreplicationtoreplica", "administer", secrets},
	{"secretsmanager:tagresource", "administer", secrets},
	{"secretsmanager:untagresource", "administer", secrets},
	{"secretsmanager:updatesecret", "write_secret", secrets},
	{"secretsmanager:updatesecretversionstage", "write_secret", secrets},
	{"secretsmanager:validateresourcepolicy", "read", secrets},
}
