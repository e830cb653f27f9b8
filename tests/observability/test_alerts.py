"""Prometheus' own tool reads the rules and plays the cases of alerts.yaml and objectives.yaml through them."""

import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.tools import tool
from tests.observability.promql import groups, rules

HERE = Path(__file__).parent
CASES = ("alerts.yaml", "objectives.yaml")


def promtool(*arguments: str, folder: Path) -> str:
    """Run it beside the rules; return what it says. Fails when it does."""
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": groups()}))
    command = [str(tool("promtool")), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.tools
def test_the_rules_are_read_without_a_complaint(tmp_path: Path) -> None:
    assert f"SUCCESS: {len(rules())} rules found" in promtool(
        "check", "rules", "--lint-fatal", "rules.yaml", folder=tmp_path
    )


@pytest.mark.tools
@pytest.mark.parametrize("cases", CASES)
def test_every_alert_fires_when_it_must_and_not_when_it_must_not(cases: str, tmp_path: Path) -> None:
    (tmp_path / cases).write_text((HERE / cases).read_text())
    promtool("test", "rules", cases, folder=tmp_path)


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    names = [case["name"] for cases in CASES for case in yaml.safe_load((HERE / cases).read_text())["tests"]]
    for alert in (rule["alert"] for rule in rules() if "alert" in rule):
        told = [name for name in names if alert in name.split()]
        assert any(" fire" in name for name in told), alert
        assert any(" silent " in name for name in told), alert
