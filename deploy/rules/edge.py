"""Rules for the way in from outside: which paths lead to which function, and over what."""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.rules.eventing import event_functions
from deploy.rules.manifests import GATEWAY, HTTP_ROUTE, KNATIVE_SERVICE, REFERENCE_GRANT, Fault, Manifests, Object, at

# Paths that only daprd and Knative may call.
_INSIDE = ("/job", "/dead-letters")
_KOURIER = {"name": "kourier-internal", "namespace": "kourier-system", "port": 80}


def _rules(manifests: Manifests) -> Iterator[tuple[Object, Mapping[str, Any], str]]:
    """Yield each route with each of its rules that lead to a backend, and the host that is asked there."""
    for route in manifests.of(HTTP_ROUTE):
        for rule in at(route, "spec", "rules"):
            if rule.get("backendRefs"):
                hosts = [at(one, "urlRewrite").get("hostname", "") for one in at(rule, "filters")]
                yield route, rule, next((host for host in hosts if host), "")


def routes_choose_one_function(manifests: Manifests) -> Iterator[Fault]:
    """Of two rules for one method and path the older object wins, which nobody sees in a manifest.

    A rule that leaves out the method or the path catches what no function expects.
    """
    owners: dict[tuple[str, str, str], str] = {}
    for route, rule, host in _rules(manifests):
        for match in rule.get("matches") or [{}]:
            method, path = match.get("method", ""), at(match, "path")
            key = (method, path.get("type", ""), path.get("value", ""))
            if not all(key):
                yield route, f"a rule for {host} has no method or no path"
            elif owners.setdefault(key, host) != host:
                yield route, f"{' '.join(key)} leads to {owners[key]} and to {host}"


def routes_lead_to_functions(manifests: Manifests) -> Iterator[Fault]:
    """Only Kourier wakes a function at zero pods, and only the rewritten host tells it which one."""
    space = manifests.namespace
    known = {f"{one}.{space}.svc.cluster.local" for one in manifests.names(KNATIVE_SERVICE)}
    for route, rule, host in _rules(manifests):
        if host not in known:
            yield route, f"a rule leads to the host {host!r}, which is no function"
        if rule["backendRefs"] != [_KOURIER]:
            yield route, f"the backend of {host} is not Kourier's internal gateway"
    granted = [source for one in manifests.of(REFERENCE_GRANT) for source in at(one, "spec", "from")]
    if manifests.of(HTTP_ROUTE) and not any(source.get("namespace") == space for source in granted):
        yield {"kind": "ReferenceGrant"}, f"none lets a route of {space} name Kourier's Service"


def routes_hide_the_inside(manifests: Manifests) -> Iterator[Fault]:
    """Whoever could post an event or a job from outside could act as any user: those functions know no tokens."""
    inner = event_functions(manifests)
    for route, rule, host in _rules(manifests):
        if host.partition(".")[0] in inner:
            yield route, f"leads to {host}, a function for events"
        for match in rule.get("matches") or []:
            path = at(match, "path").get("value", "")
            if any(path == inside or path.startswith(f"{inside}/") for inside in _INSIDE):
                yield route, f"the path {path} is for daprd and Knative alone"


def production_speaks_tls(manifests: Manifests) -> Iterator[Fault]:
    """Tokens cross this way: in production every gateway has a TLS listener, and the plain one only redirects."""
    if not manifests.production:
        return
    for gateway in manifests.of(GATEWAY):
        secure = [one for one in at(gateway, "spec", "listeners") if one.get("protocol") == "HTTPS"]
        if not any(at(one, "tls").get("certificateRefs") or at(one, "tls").get("options") for one in secure):
            yield gateway, "has no TLS listener with a certificate"
    listeners = [one for gateway in manifests.of(GATEWAY) for one in at(gateway, "spec", "listeners")]
    plain = {one.get("name") for one in listeners if one.get("protocol") != "HTTPS"}
    for route, _, host in _rules(manifests):
        for parent in at(route, "spec", "parentRefs"):
            if plain and parent.get("sectionName") in {None, *plain}:
                yield route, f"{host} can be asked over plain HTTP"
