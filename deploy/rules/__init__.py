"""The rules. Each is a pure function from the manifests of an installation to faults; its docstring is its reason."""

from collections.abc import Callable, Iterator

from deploy.rules import dapr, edge, eventing, functions, pods, secrets, walls
from deploy.rules.manifests import Fault, Manifests

Rule = Callable[[Manifests], Iterator[Fault]]

RULES: tuple[Rule, ...] = (
    eventing.deliveries_end_in_dead_letters,
    eventing.order_is_kept,
    eventing.targets_exist,
    eventing.hosts_exist,
    functions.functions_scale_within_bounds,
    functions.functions_wake_fast,
    functions.functions_are_private,
    functions.functions_have_no_sidecar,
    functions.functions_have_own_accounts,
    functions.connections_fit_the_database,
    functions.images_are_pinned,
    pods.resources_are_bounded,
    pods.servers_are_probed,
    pods.containers_are_restricted,
    pods.accounts_exist,
    pods.tokens_are_for_those_with_rights,
    pods.budgets_let_nodes_drain,
    secrets.secrets_are_not_written_down,
    secrets.secrets_are_known,
    walls.namespace_is_restricted,
    walls.objects_stay_in_the_namespace,
    walls.objects_speak_of_their_namespace,
    walls.objects_have_labels,
    walls.network_is_closed,
    walls.pods_have_a_policy,
    walls.rights_are_narrow,
    edge.routes_choose_one_function,
    edge.routes_lead_to_functions,
    edge.routes_hide_the_inside,
    edge.production_speaks_tls,
    dapr.components_have_scopes,
    dapr.components_use_the_secret_store,
    dapr.secrets_of_components_are_readable,
)
