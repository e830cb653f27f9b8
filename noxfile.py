"""The sessions of the project. `nox` runs what needs no outside part; `nox -l` lists the rest."""

import os
import shutil
import signal
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)


def install(session: nox.Session, *groups: str) -> None:
    """Install the project with its extras and some dependency groups; the locked versions where uv is at hand."""
    if session.venv_backend == "uv":
        arguments = [f"--group={group}" for group in groups]
        session.run_install(
            "uv",
            "sync",
            "--frozen",
            "--no-default-groups",
            "--all-extras",
            *arguments,
            f"--python={session.virtualenv.location}",
            env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location},
            silent=True,
        )
    else:
        session.install("--quiet", "-e", ".[embedded,telemetry]", *nox.project.dependency_groups(PYPROJECT, *groups))


def run_until_stopped(session: nox.Session, module: str) -> None:
    """Run a server. Ctrl-C, or SIGTERM to nox, reaches it as SIGTERM, and it has a minute to stop cleanly."""
    # nox itself would end at SIGTERM, and leave the server running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    session.run("python", "-m", module, *session.posargs, terminate_timeout=60)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format, the scripts and the workflows."""
    install(session, "lint")
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")
    scripts = [path for pattern in (".ci/run", ".github/scripts/*.sh", "clouds/**/*.sh") for path in ROOT.glob(pattern)]
    session.run("shellcheck", *map(str, sorted(scripts)))
    session.run("zizmor", "--offline", "--quiet", ".github")
    if shutil.which("go"):
        # Its last line is the path; those before tell of the build. actionlint asks shellcheck about each `run`.
        told = str(session.run("python", "-m", "deploy.tools", "actionlint", silent=True))
        session.run(told.splitlines()[-1], external=True)
    elif os.environ.get("CI"):
        session.error("actionlint is built by Go, which is missing here")
    else:
        session.warn("actionlint is left out: it is built by Go, which is missing here")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, tests too."""
    install(session, "types")
    session.run("mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests that need no outside part; arguments go to pytest."""
    install(session, "test")
    session.run("coverage", "run", "-m", "pytest", *(session.posargs or ["--durations=5"]))
    session.run("coverage", "report", "--skip-covered", "--fail-under=90" if not session.posargs else "--fail-under=0")


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """Run the tests on every Python that the project supports."""
    install(session, "test")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def integration(session: nox.Session) -> None:
    """Run the tests of the real Kafka, Dapr sidecar and scheduler: contract, load, every record read back, session."""
    install(session, "test")
    session.run("python", "-m", "tests.stack.build")
    # With their output as it comes: where a run hangs, its last line says at what.
    session.run("pytest", "-m", "stack", "-v", "--capture=no", *session.posargs, terminate_timeout=60)


@nox.session(default=False)
def conformance(session: nox.Session) -> None:
    """Score rules and words on public case files: `nox -s conformance -- FOLDER`."""
    install(session, "test")
    session.run("python", "-m", "tests.conformance", *session.posargs)


@nox.session(default=False)
def schemathesis(session: nox.Session) -> None:
    """Hold a server against its own OpenAPI document for longer: `nox -s schemathesis -- --max-examples 200`."""
    install(session, "test")
    session.run("python", "-m", "tests.interface", *session.posargs, terminate_timeout=60)


@nox.session(default=False)
def image(session: nox.Session) -> None:
    """Build the image of all functions and push it: `nox -s image -- --repository registry.example/ebb`."""
    install(session)
    session.run("python", "-m", "deploy.image", *session.posargs)


@nox.session(default=False)
def manifests(session: nox.Session) -> None:
    """Hold what is deployed against the tools that will read it: alerts by promtool, the collector by itself."""
    install(session, "test")
    session.run("python", "-m", "deploy.tools", "promtool", "otelcol")
    session.run("pytest", "-m", "tools", *(session.posargs or ["tests/observability"]))


@nox.session(default=False)
def serve(session: nox.Session) -> None:
    """Run everything on this machine: `nox -s serve -- --port 8080 --data-dir .ebb`."""
    install(session)
    run_until_stopped(session, "shared.embedded")


@nox.session(default=False)
def stack(session: nox.Session) -> None:
    """Run everything on the real Kafka and Dapr: `nox -s stack -- --port 8080 --data-dir .ebb-stack`."""
    install(session)
    run_until_stopped(session, "tests.stack")


@nox.session(default=False)
def cluster(session: nox.Session) -> None:
    """Deploy to the cluster of KUBECONFIG and test it end to end; tests/cluster/installation.py says what it needs."""
    install(session, "test")
    session.run("pytest", "-m", "cluster", "-v", "--capture=no", *session.posargs, terminate_timeout=300)


@nox.session(default=False)
def render(session: nox.Session) -> None:
    """Write an installation's manifests and func.yaml files: `nox -s render -- aks staging --image REPO@sha256:…`."""
    install(session)
    session.run("python", "-m", "deploy", "render", *session.posargs)


@nox.session(default=False)
def deploy(session: nox.Session) -> None:
    """Deploy to the cluster of KUBECONFIG: `nox -s deploy -- aks staging [function …] --image REPO@sha256:…`."""
    install(session)
    session.run("python", "-m", "deploy", "deploy", *session.posargs)


@nox.session(default=False)
def token(session: nox.Session) -> None:
    """Print a new personal access token: `nox -s token -- aks staging --image REPO@sha256:… alice`."""
    install(session)
    session.run("python", "-m", "deploy", "token", *session.posargs)


@nox.session(default=False)
def replay(session: nox.Session) -> None:
    """Send dead letters again: `nox -s replay -- --url http://127.0.0.1:8080 --token-file .ebb/token`."""
    install(session)
    session.run("python", "-m", "shared.replay", *session.posargs)


@nox.session(name="audit-check", default=False)
def audit_check(session: nox.Session) -> None:
    """Prove that no audit entry was changed: `nox -s audit-check -- --data-dir .ebb`, or with DATABASE_URL set."""
    install(session)
    session.run("python", "-m", "shared.audit_check", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Post real quick-add text to a fresh server and account for every effect: `nox -s demo -- [FILE …]`."""
    install(session)
    session.run("python", "-m", "benchmarks.demo", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Run one benchmark: `nox -s bench -- cold-start`."""
    install(session, "test", "bench")  # some use the tests' own servers
    names = sorted(path.stem.replace("_", "-") for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    if not session.posargs or session.posargs[0] not in names:
        session.error(f"name a benchmark: {', '.join(names)}")
    module, *arguments = session.posargs
    session.run("python", "-m", f"benchmarks.{module.replace('-', '_')}", *arguments)
