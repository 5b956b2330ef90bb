package awsfake

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// A signer is what the fake knows of a spec: how its keys are made, and what they sign with.
type signer struct {
	make       func(seed [64]byte) (crypto.Signer, error)
	algorithms []types.SigningAlgorithmSpec
}

var (
	rsaAlgorithms = []types.SigningAlgorithmSpec{types.SigningAlgorithmSpecRsassaPkcs1V15Sha256, types.SigningAlgorithmSpecRsassaPssSha256}
	signers       = map[types.KeySpec]signer{
		types.KeySpecEccNistP256:         {curve(elliptic.P256()), []types.SigningAlgorithmSpec{types.SigningAlgorithmSpecEcdsaSha256}},
		types.KeySpecEccNistP384:         {curve(elliptic.P384()), []types.SigningAlgorithmSpec{types.SigningAlgorithmSpecEcdsaSha384}},
		types.KeySpecEccNistP521:         {curve(elliptic.P521()), []types.SigningAlgorithmSpec{types.SigningAlgorithmSpecEcdsaSha512}},
		types.KeySpecEccNistEdwards25519: {edwards, []types.SigningAlgorithmSpec{types.SigningAlgorithmSpecEd25519Sha512}},
		types.KeySpecRsa2048:             {rsaOf(2048), rsaAlgorithms},
	}
)

func curve(c elliptic.Curve) func([64]byte) (crypto.Signer, error) {
	return func(seed [64]byte) (crypto.Signer, error) {
		scalar := make([]byte, (c.Params().BitSize+7)/8)
		copy(scalar[len(scalar)-32:], seed[:32])
		scalar[len(scalar)-32] &= 0x7f // below the order of P-256
		return ecdsa.ParseRawPrivateKey(c, scalar)
	}
}

func edwards(seed [64]byte) (crypto.Signer, error) { return ed25519.NewKeyFromSeed(seed[:32]), nil }

func rsaOf(bits int) func([64]byte) (crypto.Signer, error) {
	return func([64]byte) (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, bits) }
}

// signer returns the private key of a key that may sign now. It is made when it is first asked for.
func (c *call) signer(id *string) (*Key, signer, error) {
	k, err := c.key(id)
	if err != nil {
		return nil, signer{}, err
	}
	arn := c.region.arn("key/" + k.ID)
	s, known := signers[k.Spec]
	switch {
	case k.State == types.KeyStateDisabled:
		return nil, s, &types.DisabledException{Message: aws.String(arn + " is disabled.")}
	case k.State != types.KeyStateEnabled:
		return nil, s, &types.KMSInvalidStateException{Message: aws.String(fmt.Sprintf("%s is %s.", arn, k.State))}
	case k.Spec == types.KeySpecSymmetricDefault || k.Usage == types.KeyUsageTypeGenerateVerifyMac:
		return nil, s, unsupported(c, k)
	case !known:
		return nil, s, &types.KMSInternalException{Message: aws.String("the fake cannot make keys of " + string(k.Spec))}
	}
	if k.material == nil {
		if k.material, err = s.make(sha512.Sum512([]byte("fake " + k.ID))); err != nil {
			return nil, s, err
		}
	}
	return k, s, nil
}

func getPublicKey(c *call, in *kms.GetPublicKeyInput) (*kms.GetPublicKeyOutput, error) {
	k, s, err := c.signer(in.KeyId)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(k.material.Public())
	return &kms.GetPublicKeyOutput{KeyId: aws.String(c.region.arn("key/" + k.ID)), KeySpec: k.Spec, KeyUsage: k.Usage, PublicKey: der, SigningAlgorithms: s.algorithms}, err
}

// sign signs messages, not digests.
func sign(c *call, in *kms.SignInput) (*kms.SignOutput, error) {
	k, _, err := c.signer(in.KeyId)
	if err != nil {
		return nil, err
	}
	hash := map[types.SigningAlgorithmSpec]crypto.Hash{
		types.SigningAlgorithmSpecEcdsaSha256: crypto.SHA256, types.SigningAlgorithmSpecEcdsaSha384: crypto.SHA384, types.SigningAlgorithmSpecEcdsaSha512: crypto.SHA512,
		types.SigningAlgorithmSpecRsassaPkcs1V15Sha256: crypto.SHA256, types.SigningAlgorithmSpecRsassaPssSha256: crypto.SHA256,
	}[in.SigningAlgorithm]
	digest, opts := in.Message, crypto.SignerOpts(hash)
	if hash != 0 {
		sum := hash.New()
		sum.Write(in.Message)
		digest = sum.Sum(nil)
	}
	if in.SigningAlgorithm == types.SigningAlgorithmSpecRsassaPssSha256 {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	signature, err := k.material.Sign(rand.Reader, digest, opts)
	return &kms.SignOutput{KeyId: aws.String(c.region.arn("key/" + k.ID)), Signature: signature, SigningAlgorithm: in.SigningAlgorithm}, err
}
