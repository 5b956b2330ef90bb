package vault

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// readAudit yields the cluster and its audit devices. Both belong to the root namespace.
func (r *run) readAudit(ctx context.Context) {
	cluster := r.resource("vault.cluster", r.server.config.Name, "sys")
	cluster.Account = &inventory.Account{Version: r.server.version, HostedBy: r.server.hostedBy()}
	if refused := r.server.healthRefused; refused != nil {
		r.unread(&cluster, readHealth, place{}, refused)
	}
	devices, err := r.client.read(ctx, readAudit, place{})
	var refused *refusal
	switch {
	case err == nil:
		cluster.Account.AuditDevices = ref(len(devices))
		for path, raw := range devices {
			r.readDevice(ctx, strings.Trim(path, "/"), raw)
		}
	case errors.As(err, &refused):
		r.unread(&cluster, readAuditCount, place{}, refused)
		r.gap(ctx, "list of audit devices", readAudit, place{}, err)
	default:
		return // the context ended
	}
	r.yield(ctx, cluster)
}

func (r *run) readDevice(ctx context.Context, path string, raw json.RawMessage) {
	res := r.resource("vault.audit.device", path, "sys/audit/"+path)
	a := &answer{Resource: &res, call: readAudit}
	_ = json.Unmarshal(raw, &a.fields) // when malformed, every fact is unknown
	res.Audit = &inventory.Audit{Device: a.text("audit.device", "type"), Local: a.flag("audit.local", "local")}
	if options, ok := get[map[string]string](a, "audit.raw", "options"); ok {
		res.Audit.Raw = ref(options["log_raw"] == "true" || options["log_raw"] == "1")
	}
	r.yield(ctx, res)
}

// hostedBy tells HashiCorp's own hosting by its domain.
func (s *server) hostedBy() string {
	if u, err := url.Parse(s.config.Address); err == nil && strings.HasSuffix(strings.ToLower(u.Hostname()), ".hashicorp.cloud") {
		return "hcp"
	}
	return "self"
}
