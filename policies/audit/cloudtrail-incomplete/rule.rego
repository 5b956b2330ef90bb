# METADATA
# title: Trail does not record every use of keys and secrets
# description: >-
#   CloudTrail is the only record of who used, read, rotated or deleted a key or secret. A trail that is switched off, watches one Region,
#   leaves out management events (reads and writes) or those of KMS has holes where misuse does not show, and without log file validation
#   nobody can prove that a log was not edited. Set `enable_logging`, `is_multi_region_trail`, `include_management_events` with
#   `read_write_type = "All"`, exclude no event source, and set `enable_log_file_validation`; the first copy of management events, those of
#   KMS among them, is free of charge. Each trail is judged by itself: one that is meant for data events only, beside a full one, can be
#   waived by name, and an account without any trail is not seen here.
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
#     description: "AWS CloudTrail: security best practices"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
#     description: "AWS KMS: logging API calls with CloudTrail"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.cloudtrail.trail]
#   controls:
#     cis-aws-7.0.0: ["4.1", "4.2"]
#     cis-aws-6.0.0: ["4.1", "4.2"]
#     cis-aws-5.0.0: ["3.1", "3.2"]
#     cis-aws-3.0.0: ["3.1", "3.2"]
#     nist-800-53-r5: [AU-2, AU-9, AU-12]
#     pci-dss-4.0.1: ["10.2.1"]
#     iso-27001-2022: [A.8.15]
#     soc2-2017: [CC7.2]
#   remedy: configure
#   tags: [cwe-778]
package keyreeve.audit["cloudtrail-incomplete"]

deny contains {"message": "the trail is switched off", "at": "logging"} if {
	input.resource.audit.logging == false
}

deny contains {"message": "the trail watches one Region only", "at": "multi_region"} if {
	input.resource.audit.multi_region == false
}

deny contains {"message": "the trail leaves out management events", "at": "management_events"} if {
	input.resource.audit.management_events == false
}

# A trail without management events has none of KMS either; that is one defect.
deny contains {"message": "the trail leaves out events of KMS", "at": "kms_events"} if {
	input.resource.audit.kms_events == false
	input.resource.audit.management_events == true
}

deny contains {"message": "log files are not validated", "at": "log_validation"} if {
	input.resource.audit.log_validation == false
}
