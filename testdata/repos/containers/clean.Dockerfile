FROM registry.example.com/base:1 AS build
RUN --mount=type=secret,id=token,env=VAULT_TOKEN fetch # want: workload/static-credential-in-workload pass
FROM registry.example.com/base:1
ENV AWS_ENDPOINT_URL=http://localstack:4566 AWS_SECRET_ACCESS_KEY=test
COPY --from=build /app /app
