package awsfake

import (
	"net/http"
	"strconv"
)

// A Fault makes some calls fail. An empty field matches every call.
type Fault struct {
	Call    string // "kms:DescribeKey"
	Account string // of the caller
	Region  string
	Key     string // ARN
	Times   int    // how many calls fail before the fault is over; 0: all
	Do      Misbehave

	struck int
}

// Misbehave answers in place of a healthy server, whose answer it is given.
type Misbehave func(w http.ResponseWriter, r *http.Request, req Request, healthy Answer)

// Break adds a fault. Of several that match a call, the first strikes.
func (s *Server) Break(f Fault) { s.locked(func() { s.faults = append(s.faults, &f) }) }

// strike returns what is to be done with a call instead of answering it.
func (s *Server) strike(req Request) Misbehave {
	for _, f := range s.faults {
		match := matches(f.Call, req.Call) && matches(f.Account, req.Account) && matches(f.Region, req.Region) && matches(f.Key, req.Key)
		if match && (f.Times == 0 || f.struck < f.Times) {
			f.struck++
			return f.Do
		}
	}
	return nil
}

func matches(pattern, s string) bool { return pattern == "" || pattern == s }

// Refuse answers with an error of the service.
func Refuse(status int, code, message string) Misbehave {
	return func(w http.ResponseWriter, _ *http.Request, req Request, _ Answer) {
		req.refuse(status, code, message).send(w)
	}
}

// Deny refuses as IAM does when no policy of the caller grants the call.
func Deny(w http.ResponseWriter, _ *http.Request, req Request, _ Answer) {
	code, status := "AccessDeniedException", http.StatusBadRequest
	if req.form != nil {
		code, status = "AccessDenied", http.StatusForbidden
	}
	req.refuse(status, code, req.notAuthorized("no identity-based policy allows the "+req.Call+" action")).send(w)
}

// Throttle asks to slow down.
func Throttle(w http.ResponseWriter, _ *http.Request, req Request, _ Answer) {
	code := "ThrottlingException"
	if req.form != nil {
		code = "Throttling"
	}
	req.refuse(http.StatusBadRequest, code, "Rate exceeded").send(w)
}

// Markup answers with a page of HTML, as proxies do, and emulators for a call they do not know.
func Markup(status int) Misbehave {
	return func(w http.ResponseWriter, _ *http.Request, _ Request, _ Answer) {
		Answer{Status: status, Type: "text/html", Body: []byte("<!doctype html>\n<title>" + strconv.Itoa(status) + "</title>\n<p>" + http.StatusText(status) + "</p>\n")}.send(w)
	}
}

// Body answers with success and a body of the test's choice, whatever the healthy answer would be.
func Body(body string) Misbehave {
	return func(w http.ResponseWriter, _ *http.Request, _ Request, healthy Answer) {
		healthy.Status, healthy.Body = http.StatusOK, []byte(body)
		healthy.send(w)
	}
}

// CutBody sends half of the body with a length that claims it is all.
func CutBody(w http.ResponseWriter, _ *http.Request, _ Request, healthy Answer) {
	healthy.Body = healthy.Body[:len(healthy.Body)/2]
	healthy.send(w)
}

// CutConnection promises the whole body, sends half of it and closes the connection.
func CutConnection(w http.ResponseWriter, _ *http.Request, _ Request, healthy Answer) {
	w.Header().Set("Content-Type", healthy.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(healthy.Body)))
	w.WriteHeader(healthy.Status)
	_, _ = w.Write(healthy.Body[:len(healthy.Body)/2])
	panic(http.ErrAbortHandler)
}

// Hang tells that a call arrived, once for each, and answers nothing until the client goes away.
func Hang(arrived func()) Misbehave {
	return func(_ http.ResponseWriter, r *http.Request, _ Request, _ Answer) {
		arrived()
		<-r.Context().Done()
	}
}
