FROM registry.example.com/base:1
ENV VAULT_TOKEN=$FROM_THE_BASE
