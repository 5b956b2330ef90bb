package awsfake

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// What tests of rotations look at, and what they let somebody else do, without a call.

// Rotations tells how a key rotates: the period in days or 0, how often it has, and whether a rotation on demand is under way.
func (r *Region) Rotations(key string) (days int32, done int, running bool) {
	r.account.server.locked(func() {
		k := r.find(key)
		days, done, running = k.RotationPeriod, len(k.Rotations), !k.rotating.IsZero()
	})
	return days, done, running
}

// RotateNow has AWS rotate a key by itself.
func (r *Region) RotateNow(key string) {
	s := r.account.server
	s.locked(func() {
		k := r.find(key)
		k.Rotations = append([]Rotation{{At: s.now().Add(time.Millisecond), Type: types.RotationTypeAutomatic}}, k.Rotations...)
	})
}

// Keys are those of the Region, oldest first, as they are now, with the aliases that lead to each.
func (r *Region) Keys() (all []Key) {
	r.account.server.locked(func() {
		for _, k := range r.keys {
			now := *k
			now.Tags, now.Grants, now.Aliases = maps.Clone(k.Tags), slices.Clone(k.Grants), nil
			for _, a := range r.aliases {
				if aws.ToString(a.TargetKeyId) == k.ID {
					now.Aliases = append(now.Aliases, *a.AliasName)
				}
			}
			all = append(all, now)
		}
	})
	return all
}

// PointAlias has somebody lead an alias to another key.
func (r *Region) PointAlias(name, key string) {
	r.account.server.locked(func() {
		for i := range r.aliases {
			if *r.aliases[i].AliasName == name {
				r.aliases[i].TargetKeyId = aws.String(r.find(key).ID)
			}
		}
	})
}

// AddAlias has somebody give a key another alias.
func (r *Region) AddAlias(name, key string) {
	r.account.server.locked(func() {
		r.aliases = append(r.aliases, types.AliasListEntry{AliasName: aws.String(name), AliasArn: aws.String(r.arn(name)), TargetKeyId: aws.String(r.find(key).ID)})
	})
}

// Change has somebody change a key.
func (r *Region) Change(key string, how func(*Key)) {
	r.account.server.locked(func() { how(r.find(key)) })
}

// Use has somebody use a key now.
func (r *Region) Use(key string) {
	r.account.server.locked(func() { r.find(key).LastUsed = r.account.server.now() })
}

// Value is the current value of a secret; "" when it has none.
func (r *Region) Value(arn string) (value string) {
	r.secret(arn, func(x *Secret) {
		if i := x.labelled("AWSCURRENT"); i >= 0 {
			value = x.Versions[i].Value
		}
	})
	return value
}

// Versions are those of a secret, oldest first.
func (r *Region) Versions(arn string) (all []SecretVersion) {
	r.secret(arn, func(x *Secret) { all = slices.Clone(x.Versions) })
	return all
}

// Write has somebody write a new current value.
func (r *Region) Write(arn, value string) {
	r.secret(arn, func(x *Secret) {
		x.Versions = append(x.Versions, SecretVersion{Created: r.account.server.now(), Value: value})
		x.move("AWSCURRENT", len(x.Versions)-1)
	})
}

func (r *Region) secret(arn string, do func(*Secret)) {
	r.account.server.locked(func() {
		for _, x := range r.secrets {
			if x.arn == arn {
				do(x)
			}
		}
	})
}

// Keys are the access keys of a user.
func (a *Account) Keys(user string) (all []AccessKey) {
	a.user(user, func(u *User) { all = slices.Clone(u.Keys) })
	return all
}

// AddKey gives a user another access key.
func (a *Account) AddKey(user string, k AccessKey) {
	a.user(user, func(u *User) { u.Keys = append(u.Keys, k) })
}

// SetKey makes an access key inactive, or active again.
func (a *Account) SetKey(user, id string, inactive bool) {
	a.user(user, func(u *User) {
		for i := range u.Keys {
			if u.Keys[i].ID == id {
				u.Keys[i].Inactive = inactive
			}
		}
	})
}

// InlinePolicy is an inline policy of a user; "" when there is none of that name.
func (a *Account) InlinePolicy(user, name string) (text string) {
	a.user(user, func(u *User) { text = maps.Clone(u.Inline)[name] })
	return text
}

func (a *Account) user(name string, do func(*User)) {
	a.server.locked(func() {
		for i := range a.iam.users {
			if a.iam.users[i].Name == name {
				do(&a.iam.users[i])
			}
		}
	})
}

// Secrets are the ARNs of the Region's secrets.
func (r *Region) Secrets() (arns []string) {
	r.account.server.locked(func() {
		for _, x := range r.secrets {
			arns = append(arns, x.arn)
		}
	})
	return arns
}
