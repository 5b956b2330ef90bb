"""Settings of the report job."""

REPORT_HOUR = 3
PARTNER_API_KEY = "{{planted "generic"}}"
