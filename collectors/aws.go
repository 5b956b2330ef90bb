package collectors

import (
	"context"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func openAWS(ctx context.Context, c Config, o Options) ([]inventory.Source, error) {
	var all []inventory.Source
	for _, a := range c.AWS {
		sources, err := aws.Open(ctx, a, awsOptions(o))
		if err != nil {
			return nil, err
		}
		all = append(all, sources...)
	}
	return all, nil
}

func envAWS(o Options, c *Config) string {
	a, ok := aws.FromEnvironment(awsOptions(o))
	if !ok {
		return ""
	}
	c.AWS = append(c.AWS, a)
	return "AWS in " + strings.Join(a.Regions, ", ") + " (AWS_REGION and credentials)"
}

// permitAWS prints one policy document for all configurations.
func permitAWS(c Config) string {
	return aws.Permissions(c.AWS...)
}

func awsOptions(o Options) aws.Options {
	return aws.Options{Logger: o.Logger, Env: o.Env, Version: o.Version}
}
