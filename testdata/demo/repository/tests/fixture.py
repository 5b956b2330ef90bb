"""A key that looks real and is known not to be: whoever reviewed it said so on its line, so it is shown as waived."""

DEAD_KEY = "{{planted "retired aws"}}"  # gitleaks:allow
