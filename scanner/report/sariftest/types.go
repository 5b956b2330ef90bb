package sariftest

// As much of SARIF as is checked. The types are written out here, so that a slip of the writer's library is no blind spot of
// the check.

type sarifLog struct {
	Schema string `json:"$schema"`
	Runs   []run  `json:"runs"`
}

type run struct {
	Tool struct {
		Driver struct {
			Name          string       `json:"name"`
			Rules         []rule       `json:"rules"`
			Notifications []descriptor `json:"notifications"`
		} `json:"driver"`
	} `json:"tool"`
	Invocations []struct {
		Execution     []notification `json:"toolExecutionNotifications"`
		Configuration []notification `json:"toolConfigurationNotifications"`
	} `json:"invocations"`
	AutomationDetails descriptor `json:"automationDetails"`
	Results           []result   `json:"results"`
}

type descriptor struct {
	ID string `json:"id"`
}

type message struct {
	Text string `json:"text"`
}

type notification struct {
	Descriptor descriptor `json:"descriptor"`
	Message    message    `json:"message"`
}

type rule struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	ShortDescription message `json:"shortDescription"`
	FullDescription  message `json:"fullDescription"`
	Help             message `json:"help"`
	Properties       struct {
		Tags             []string `json:"tags"`
		SecuritySeverity string   `json:"security-severity"`
	} `json:"properties"`
}

type result struct {
	RuleID    string   `json:"ruleId"`
	RuleIndex *float64 `json:"ruleIndex"` // a number as JSON has them: an index of 2^64-1 must not fail to decode
	Kind      string   `json:"kind"`
	Level     string   `json:"level"`
	Message   message  `json:"message"`
	Locations []struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
				EndLine   int `json:"endLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	} `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	Suppressions        []any             `json:"suppressions"`
	BaselineState       string            `json:"baselineState"`
}
