"""The commands: `python -m deploy render|deploy|token <cloud> <environment> …` (nox -s render, deploy, token)."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.apply import deploy, differences
from deploy.kubernetes import DeployError
from deploy.overlay import ENVIRONMENTS, Overlay, RenderError, load
from deploy.render import Rendering, render
from deploy.token import print_token

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str]) -> None:
    """Run one command; its failures end the process with their message."""
    options = _parser().parse_args(arguments)
    try:
        overlay = load(ROOT, options.cloud, options.environment, options.values, options.without)
        rendering = render(ROOT, overlay, _image(options, overlay), options.namespace)
        options.run(options, rendering)
    except (RenderError, DeployError) as error:
        sys.exit(f"ebb: {error}")


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("cloud")
    common.add_argument("environment", choices=ENVIRONMENTS)
    common.add_argument("--image", required=True, help="REPOSITORY@sha256:…, or sha256:… of the overlay's repository")
    common.add_argument("--namespace", help="instead of the overlay's")
    common.add_argument("--values", type=Path, action="append", default=[], help="one more overlay file, laid over all")
    common.add_argument("--without", action="append", default=[], metavar="PART", help="a part that is given otherwise")
    parser = argparse.ArgumentParser(prog="deploy", description=__doc__)
    commands = parser.add_subparsers(required=True)
    rendered = commands.add_parser("render", parents=[common], help="write everything to build/<cloud>/<environment>/")
    rendered.set_defaults(run=_render)
    deployed = commands.add_parser("deploy", parents=[common], help="bring the cluster of KUBECONFIG to it")
    deployed.add_argument("function", nargs="*", help="only these functions")
    deployed.add_argument("--dry-run", action="store_true", help="only show what would change")
    deployed.add_argument("--no-func", action="store_true", help="apply manifests only, without func")
    deployed.set_defaults(run=_deploy)
    token = commands.add_parser("token", parents=[common], help="make a personal access token and print it once")
    token.add_argument("user", help="the id of the user; made if there is none")
    token.add_argument("--scope", action="append", help="read, write, admin (default: read and write)")
    token.set_defaults(run=_token)
    return parser


def _image(options: argparse.Namespace, overlay: Overlay) -> str:
    image: str = options.image
    if image.startswith("sha256:"):
        return f"{overlay.image}@{image}"
    return image


def _folder(options: argparse.Namespace) -> Path:
    return ROOT / "build" / str(options.cloud) / str(options.environment)


def _render(options: argparse.Namespace, rendering: Rendering) -> None:
    rendering.write(_folder(options))
    _say(f"{len(rendering.objects)} objects and {len(rendering.functions)} functions in {_folder(options)}")


def _deploy(options: argparse.Namespace, rendering: Rendering) -> None:
    rendering.write(_folder(options))
    if options.dry_run:
        print(differences(rendering) or "nothing would change")
        return
    deploy(rendering, _folder(options) / "func", options.function, _say, with_func=not options.no_func)
    _say("deployed")


def _token(options: argparse.Namespace, rendering: Rendering) -> None:
    print(print_token(rendering, options.user, options.scope or ["read", "write"]))


def _say(line: str) -> None:
    print(f"ebb: {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
