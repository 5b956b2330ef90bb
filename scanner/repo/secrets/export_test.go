package secrets

// ResetExtendDepth lets a test translate a configuration as a fresh process would.
func ResetExtendDepth() { extendDepth = 0 }
