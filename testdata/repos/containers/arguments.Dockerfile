FROM registry.example.com/base:1
ARG TOKEN
# The next line bakes what the build is given into the image.
ENV VAULT_TOKEN=${TOKEN}
