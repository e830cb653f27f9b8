#!/usr/bin/env bash
# The release that passed its smoke test last, kept in the cluster: the ConfigMap ebb-release in the namespace of the
# environment. `read` prints image=... and revision=... (nothing where there was none yet); `write` keeps IMAGE and
# GITHUB_SHA. A rollback takes the image from it, and the manifests of the revision.
set -euo pipefail

: "${CLOUD:?} ${ENVIRONMENT:?}"
namespace=$(sed -n 's/^namespace: *\([a-z0-9-]*\).*/\1/p' "clouds/$CLOUD/$ENVIRONMENT.yaml" "clouds/$CLOUD/cloud.yaml" | head -n 1)
namespace=${namespace:-ebb}

case ${1:-} in
  read)
    data=$(kubectl get configmap ebb-release --namespace "$namespace" --ignore-not-found --output json)
    if [[ -n $data ]]; then
      image=$(jq --raw-output .data.image <<< "$data")
      revision=$(jq --raw-output .data.revision <<< "$data")
      # What is printed becomes outputs of a workflow: nothing but what such values look like.
      if [[ ! $image =~ ^[a-z0-9./:_-]+@sha256:[0-9a-f]{64}$ || ! $revision =~ ^[0-9a-f]{40}$ ]]; then
        echo "release: the ConfigMap ebb-release in $namespace holds no image and revision" >&2
        exit 1
      fi
      printf 'image=%s\nrevision=%s\n' "$image" "$revision"
    fi
    ;;
  write)
    kubectl create configmap ebb-release --namespace "$namespace" --dry-run=client --output yaml \
      --from-literal "image=${IMAGE:?}" --from-literal "revision=${GITHUB_SHA:?}" |
      kubectl apply --server-side --force-conflicts --field-manager ebb-release --filename -
    ;;
  *)
    echo "usage: release.sh read|write" >&2
    exit 2
    ;;
esac
