#!/usr/bin/env bash
# Installs what Ebb runs on into a cluster of one's own (kind, Minikube): Knative Serving with Kourier, Knative Eventing with
# the in-memory channel and broker, Dapr, and Envoy Gateway for the public routes. It may be run again at any time: it
# applies what is missing or has changed. It needs kubectl, helm and curl, and nothing of Ebb. `install.sh --help` lists
# the options.
set -euo pipefail

SERVING=1.22.1
KOURIER=1.22.1
EVENTING=1.22.2
KAFKA=1.22.2 # Knative's sources, sinks and broker for Kafka, not Kafka itself
DAPR=1.18.5  # before it, overwriting a job as it fires could restart the scheduler
ENVOY_GATEWAY=1.9.1
CERT_MANAGER=1.21.2
STRIMZI=1.2.0
CLOUDNATIVEPG=1.30.1

usage() {
  cat << 'END'
usage: clouds/local/install.sh [option ...]
  --context NAME    the kubectl context; without it the current one, which must be one of kind or Minikube
  --kafka           Knative's sources, sinks and broker for Kafka, for overlays without the part `bridge`
  --cert-manager    cert-manager, for overlays with the part `tls`
  --strimzi         the Strimzi operator, for overlays with the part `strimzi`
  --cnpg            the CloudNativePG operator, for overlays with the part `cnpg`
  --timeout TIME    how long to wait for each part (10m): the first time its images are pulled
END
}

die() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

context='' timeout=10m kafka='' cert_manager='' strimzi='' cnpg=''
while (($#)); do
  case $1 in
    --context | --timeout)
      (($# > 1)) || die "$1 needs a value"
      if [[ $1 == --context ]]; then context=$2; else timeout=$2; fi
      shift
      ;;
    --kafka) kafka=1 ;;
    --cert-manager) cert_manager=1 ;;
    --strimzi) strimzi=1 ;;
    --cnpg) cnpg=1 ;;
    --help | -h)
      usage
      exit
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

for command in kubectl helm curl; do
  command -v "$command" > /dev/null || die "$command is not installed"
done
if [[ -z $context ]]; then
  context=$(kubectl config current-context) || die "there is no cluster; try: kind create cluster"
  # Nobody should find this in a cluster that others use because a wrong context was current.
  [[ $context == kind-* || $context == minikube* ]] ||
    die "the current context is $context, neither of kind nor of Minikube; say --context $context if you mean it"
fi
kube() { kubectl --context "$context" "$@"; }
kube version > /dev/null || die "the cluster of the context $context does not answer"

work=$(mktemp -d)
part=''
finish() {
  local status=$?
  rm -rf "$work"
  if ((status != 0)) && [[ -n $part ]]; then
    printf 'install: %s failed; run this again, or look at: kubectl --context %s get pods -A\n' "$part" "$context" >&2
  fi
}
trap finish EXIT

begin() {
  part=$1
  began=$SECONDS
  printf 'install: %s ...\n' "$part"
}
ready() { printf 'install: %s is ready (%d s)\n' "$part" $((SECONDS - began)); }

# A webhook may refuse for some seconds after its pod is ready, until it has its certificate.
retry() {
  local try
  for try in 1 2 3 4 5 6; do
    if "$@"; then return; fi
    printf 'install: %s: attempt %d failed\n' "$part" "$try" >&2
    sleep 10
  done
  return 1
}

download() { curl --fail --silent --show-error --location --retry 5 --output "$work/download.yaml" "$1"; }

# Server-side: the larger CRDs do not fit into the annotation that a client-side apply keeps.
apply() { retry kube apply --server-side --force-conflicts --field-manager ebb-install --filename "$1" > /dev/null; }

release() { # release REPOSITORY VERSION FILE ...
  local repository=$1 version=$2 file
  shift 2
  for file in "$@"; do
    download "https://github.com/$repository/releases/download/knative-v$version/$file.yaml"
    apply "$work/download.yaml"
  done
}

available() { kube wait --namespace "$1" --for condition=Available deployment --all --timeout "$timeout" > /dev/null; }

chart() { # chart RELEASE NAMESPACE CHART VERSION [helm argument ...]
  local name=$1 namespace=$2 chart=$3 version=$4
  shift 4
  helm upgrade --install "$name" "$chart" --kube-context "$context" --namespace "$namespace" --create-namespace \
    --version "$version" --wait --timeout "$timeout" "$@" > /dev/null
}

begin "Knative Serving $SERVING"
release knative/serving "$SERVING" serving-crds
kube wait --for condition=Established crd --selector app.kubernetes.io/name=knative-serving --timeout "$timeout" > /dev/null
release knative/serving "$SERVING" serving-core
available knative-serving
ready

begin "Kourier $KOURIER"
release knative-extensions/net-kourier "$KOURIER" kourier
retry kube patch configmap config-network --namespace knative-serving --type merge \
  --patch '{"data": {"ingress-class": "kourier.ingress.networking.knative.dev"}}' > /dev/null
available kourier-system
available knative-serving
ready

begin "Knative Eventing $EVENTING"
release knative/eventing "$EVENTING" eventing-crds
kube wait --for condition=Established crd --selector app.kubernetes.io/name=knative-eventing --timeout "$timeout" > /dev/null
release knative/eventing "$EVENTING" eventing-core in-memory-channel mt-channel-broker
available knative-eventing
ready

if [[ -n $kafka ]]; then
  begin "Knative's Kafka parts $KAFKA"
  release knative-extensions/eventing-kafka-broker "$KAFKA" \
    eventing-kafka-controller eventing-kafka-broker eventing-kafka-source eventing-kafka-sink
  available knative-eventing
  ready
fi

begin "Dapr $DAPR"
chart dapr dapr-system dapr "$DAPR" --repo https://dapr.github.io/helm-charts/
ready

begin "Envoy Gateway $ENVOY_GATEWAY"
chart eg envoy-gateway-system oci://docker.io/envoyproxy/gateway-helm "v$ENVOY_GATEWAY"
# NodePort, because a local cluster gives no load balancer addresses: the Gateway would wait for one for ever.
cat > "$work/gateway-class.yaml" << 'END'
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata:
  name: eg
  namespace: envoy-gateway-system
spec:
  provider:
    type: Kubernetes
    kubernetes:
      envoyService:
        type: NodePort
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: eg
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
  parametersRef:
    group: gateway.envoyproxy.io
    kind: EnvoyProxy
    namespace: envoy-gateway-system
    name: eg
END
apply "$work/gateway-class.yaml"
kube wait --for condition=Accepted gatewayclass/eg --timeout "$timeout" > /dev/null
ready

if [[ -n $cert_manager ]]; then
  begin "cert-manager $CERT_MANAGER"
  # Its Gateway API part gives the listeners of Ebb's Gateway their certificate.
  chart cert-manager cert-manager oci://quay.io/jetstack/charts/cert-manager "v$CERT_MANAGER" \
    --set crds.enabled=true --set config.enableGatewayAPI=true \
    --set config.apiVersion=controller.config.cert-manager.io/v1alpha1 --set config.kind=ControllerConfiguration
  ready
fi

if [[ -n $strimzi ]]; then
  begin "Strimzi $STRIMZI"
  chart strimzi strimzi oci://quay.io/strimzi-helm/strimzi-kafka-operator "$STRIMZI" --set watchAnyNamespace=true
  ready
fi

if [[ -n $cnpg ]]; then
  begin "CloudNativePG $CLOUDNATIVEPG"
  download "https://github.com/cloudnative-pg/cloudnative-pg/releases/download/v$CLOUDNATIVEPG/cnpg-$CLOUDNATIVEPG.yaml"
  apply "$work/download.yaml"
  available cnpg-system
  ready
fi

printf 'install: done in %d s, in the context %s\n' "$SECONDS" "$context"
