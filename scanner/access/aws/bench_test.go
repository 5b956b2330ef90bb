package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// lines are requests in JSON of which all documents repeat: a hundred principals, ten keys.
func lines(b *testing.B) [][]byte {
	b.Helper()
	var out [][]byte
	for i := range 1000 {
		r := ask(b,
			who(fmt.Sprintf("arn:aws:iam::111122223333:role/app%d", i%100)),
			onto(fmt.Sprintf("arn:aws:kms:eu-west-1:111122223333:key/%d", i%10)),
			policyOf(delegated, deny("kms:*", "*", to("*"), when("Bool", "aws:SecureTransport", `'false'`))),
			identityOf(
				allow("s3:*", "*"), allow("ec2:Describe*", "*"), allow("sqs:*", "arn:aws:sqs:*:*:app-*"),
				allow("kms:Decrypt", fmt.Sprintf("arn:aws:kms:*:*:key/%d", i%10), when("StringEquals", "aws:PrincipalTag/team", `'pay'`)),
			),
			boundaryOf(everything),
			scps(full, full+","+doc(deny("organizations:*", "*")), full),
			rcps(fullRCP),
			`{'principal':{'tags':{'team':'pay'},'org':'o-1','path':['r-1','ou-1']},'context':{'aws:SourceIp':'10.0.0.1'},'unknown':['kms:ViaService']}`,
		)
		line, err := json.Marshal(r)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, line)
	}
	return out
}

func BenchmarkDecide(b *testing.B) {
	requests := make([]Request, 0, 1000)
	for _, l := range lines(b) {
		var r Request
		if err := json.Unmarshal(l, &r); err != nil {
			b.Fatal(err)
		}
		requests = append(requests, r)
	}
	e := New()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if a := e.Decide(requests[i%len(requests)]); a.Error != "" || a.Decision != "allowed" {
			b.Fatal(a)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkDecideLine has the request read and the answer written, too.
func BenchmarkDecideLine(b *testing.B) {
	list := lines(b)
	e := New()
	var out bytes.Buffer
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		var r Request
		line := list[i%len(list)]
		if !json.Valid(line) {
			b.Fatal("no JSON")
		}
		if err := r.UnmarshalJSON(line); err != nil {
			b.Fatal(err)
		}
		out.Reset()
		if err := json.NewEncoder(&out).Encode(e.Decide(r)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
