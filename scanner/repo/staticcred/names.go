// Package staticcred knows by which names a workload is handed a long-lived credential: environment variables, inputs of actions,
// keys of Secrets, flags and commands. The readers of manifests, images and pipelines share it, so that a name means the same in all.
//
// It goes by exact names that a program documents, never by parts of a name, and leaves it to the readers to say what is handed over
// and how. Of a value it looks at nothing but whether it is empty, where it comes from, and whether it is too short to be a key of AWS.
package staticcred

import "strings"

// Providers, as the inventory names them.
const (
	AWS   = "aws"
	Azure = "azure"
	GCP   = "gcp"
	Vault = "vault"
)

// Ways to hand a credential over, as the inventory names them.
const (
	Literal  = "literal"  // the file holds it
	Secret   = "secret"   // a store of the platform: a Secret, a secret of the pipeline
	Variable = "variable" // a variable that somebody sets elsewhere
	Argument = "argument" // an argument of a command or of a build
	File     = "file"     // a file that the workload reads
)

// sort says what stands under a name.
type sort int

const (
	value   sort = iota // the credential
	path                // the path of a file that holds it
	unsure              // the path of a file that holds it, or that says how to prove oneself without one
	session             // what makes a credential beside it temporary
)

type meaning struct {
	provider string
	sort     sort
}

// names are environment variables. The ID of an access key, a role-id and a client ID are no secrets and are not here.
var names = map[string]meaning{
	// AWS SDKs and Tools Reference Guide, "AWS access keys"; AWS_SECRET_KEY is read by the SDK for Java 1.x and Ansible's amazon.aws.
	"AWS_SECRET_ACCESS_KEY":       {AWS, value},
	"AWS_SECRET_KEY":              {AWS, value},
	"AWS_SESSION_TOKEN":           {AWS, session},
	"AWS_SECURITY_TOKEN":          {AWS, session}, // its older name
	"AWS_SHARED_CREDENTIALS_FILE": {AWS, unsure},  // may hold profiles that assume roles

	// azure-identity, EnvironmentCredential; az login --sdk-auth (AZURE_CREDENTIALS, AZURE_AUTH_LOCATION).
	"AZURE_CLIENT_SECRET":           {Azure, value},
	"AZURE_CLIENT_CERTIFICATE_PATH": {Azure, path},
	"AZURE_PASSWORD":                {Azure, value},
	"AZURE_CREDENTIALS":             {Azure, value},
	"AZURE_AUTH_LOCATION":           {Azure, path},
	// az storage.
	"AZURE_STORAGE_KEY": {Azure, value},
	// Terraform: provider and backend azurerm.
	"ARM_CLIENT_SECRET":           {Azure, value},
	"ARM_CLIENT_SECRET_FILE_PATH": {Azure, path},
	"ARM_CLIENT_CERTIFICATE":      {Azure, value},
	"ARM_CLIENT_CERTIFICATE_PATH": {Azure, path},
	"ARM_ACCESS_KEY":              {Azure, value},
	// Azure/kubelogin, login mode "spn".
	"AAD_SERVICE_PRINCIPAL_CLIENT_SECRET":      {Azure, value},
	"AAD_SERVICE_PRINCIPAL_CLIENT_CERTIFICATE": {Azure, path},

	// Google Cloud: Application Default Credentials may be a key or the configuration of a federation; gcloud's property
	// auth/credential_file_override likewise. Terraform: provider google, which names these three for a service account key.
	"GOOGLE_APPLICATION_CREDENTIALS":         {GCP, unsure},
	"CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": {GCP, unsure},
	"GOOGLE_CREDENTIALS":                     {GCP, value},
	"GOOGLE_CLOUD_KEYFILE_JSON":              {GCP, value},
	"GCLOUD_KEYFILE_JSON":                    {GCP, value},

	// Vault's CLI and API client; the AppRole names are those of Ansible's modules hashivault and community.hashi_vault, of the
	// Argo CD Vault plugin, and two in common use.
	"VAULT_TOKEN":                   {Vault, value},
	"VAULT_SECRET_ID":               {Vault, value},
	"VAULT_ROLE_SECRET_ID":          {Vault, value},
	"VAULT_APPROLE_SECRET_ID":       {Vault, value},
	"ANSIBLE_HASHI_VAULT_TOKEN":     {Vault, value},
	"ANSIBLE_HASHI_VAULT_SECRET_ID": {Vault, value},
	"AVP_SECRET_ID":                 {Vault, value},

	// Properties of frameworks, as environment variables: Spring Cloud AWS, Azure and Vault (with and without the underscores that
	// stand for dashes), Quarkus.
	"SPRING_CLOUD_AWS_CREDENTIALS_SECRET_KEY":         {AWS, value},
	"SPRING_CLOUD_AWS_CREDENTIALS_SECRETKEY":          {AWS, value},
	"SPRING_CLOUD_AZURE_CREDENTIAL_CLIENT_SECRET":     {Azure, value},
	"SPRING_CLOUD_AZURE_CREDENTIAL_CLIENTSECRET":      {Azure, value},
	"SPRING_CLOUD_VAULT_TOKEN":                        {Vault, value},
	"SPRING_CLOUD_VAULT_APP_ROLE_SECRET_ID":           {Vault, value},
	"SPRING_CLOUD_VAULT_APPROLE_SECRETID":             {Vault, value},
	"QUARKUS_VAULT_AUTHENTICATION_CLIENT_TOKEN":       {Vault, value},
	"QUARKUS_VAULT_AUTHENTICATION_APP_ROLE_SECRET_ID": {Vault, value},
}

// inTerraform begins the variables that set an input variable of Terraform: one that is named as a variable here means the same.
const inTerraform = "TF_VAR_"

// meant is what a variable of this name means.
func meant(name string) (meaning, bool) {
	if input, ok := strings.CutPrefix(name, inTerraform); ok {
		name = strings.ToUpper(input)
	}
	m, ok := names[name]
	return m, ok
}

// Named reports whether a variable of this name means a long-lived credential, or may mean one.
func Named(name string) bool {
	m, ok := meant(name)
	return ok && m.sort != session
}

// Temporary reports whether a variable of this name makes a credential beside it a temporary one.
func Temporary(name string) bool {
	m, _ := meant(name)
	return m.sort == session
}

// ProviderOf is the provider whose credential a variable of this name means, "" for none.
func ProviderOf(name string) string {
	if !Named(name) {
		return ""
	}
	m, _ := meant(name)
	return m.provider
}

// FileNamed reports whether a variable of this name holds the path of a file with a credential, or with one that may be.
func FileNamed(name string) bool {
	m, ok := meant(name)
	return ok && (m.sort == path || m.sort == unsure)
}

// As is the environment variable that an input, a setting or a key spells in another way: "aws-secret-access-key" and
// "aws_secret_access_key" are AWS_SECRET_ACCESS_KEY.
func As(input string) string {
	return strings.ToUpper(strings.ReplaceAll(input, "-", "_"))
}

// awsSecretLength is the length of a secret access key. AWS makes them itself, so a shorter text is for an emulator such as LocalStack
// or MinIO, which take any.
const awsSecretLength = 40

// azurite is the key of the only account that Azurite, the emulator of Azure Storage, has unless it is told others (Microsoft Learn,
// "Use the Azurite emulator for local Azure Storage development"). It stands here in parts, since detectors of keys know no exception.
const azurite = "Eby8vdM02xNOcqFlqUwJPLlm" + "EtlCDXJ1OUzFT50uSRZ6IFsu" + "Fq2UVErCz4I6tq/K1SZFPTOt" + "r/KBHBeksoGMGw=="

// holds reports whether a text that a file holds may be the credential.
func (m meaning) holds(text string) bool {
	return text != "" && text != azurite && !(m.provider == AWS && m.sort == value && len(text) < awsSecretLength)
}

// Could reports whether a text that stands in a file may be the credential that a variable of this name means.
func Could(name, text string) bool {
	m, _ := meant(name)
	return m.holds(text)
}

// Template reports whether a text of a file is filled in from elsewhere before it is used: by the shell's, Go's, Jinja's or ERB's
// marks, or those of GitHub's expressions.
func Template(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "{{") || strings.Contains(text, "<%")
}
