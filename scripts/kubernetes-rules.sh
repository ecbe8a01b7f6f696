#!/usr/bin/env bash
# Writes the rules as objects of the Prometheus operator: kubernetes-rules.sh [FOLDER].
#
# Without a folder it writes to deploy/kubernetes/prometheus. kustomize cannot put one file into another, so the objects
# are files of their own.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-deploy/kubernetes/prometheus}

for rules in alerts/*.rules.yml; do
    name=$(basename "$rules" .rules.yml)
    {
        cat <<END
# Made of $rules by \`make kubernetes-rules\`. Change that file instead.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: $name
spec:
END
        # Two spaces before each line put the whole file below spec.
        sed 's/^\(.\)/  \1/' "$rules"
    } >"$folder/$name.yaml"
done
