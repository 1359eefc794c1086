"""What docs/testing-rules.md shows works as shown."""

import re
from pathlib import Path

from tests.acceptance.logs import invoke

_PAGE = (Path(__file__).parents[2] / "docs" / "testing-rules.md").read_text(encoding="utf-8")
_RULE, _FIXTURE = re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL)
_LOG = """\
event_at,meeting_id,session_id,account_id,route,participant_country,meeting_started_at
2021-04-01T00:00:00Z,m1,s1,A,SC,DE,2021-04-01T00:00:00Z
2021-04-01T00:00:00Z,m2,s1,A,FR,DE,2021-04-01T00:00:00Z
2021-04-01T00:00:00Z,m2,s2,A,FR,DE,2021-04-01T00:00:00Z
2021-04-01T00:00:00Z,m3,s1,A,FR,,2021-04-01T00:00:00Z
never,m4,s1,A,FR,DE,2021-04-01T00:00:00Z
"""


def test_the_examples_of_the_page_pass_and_cover_the_rule(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "night.csv").write_text(_LOG, encoding="utf-8")
    (tmp_path / "data" / "accounts.csv").write_text("account_id\nA\n", encoding="utf-8")
    (tmp_path / "rule.yaml").write_text(_RULE + _FIXTURE, encoding="utf-8")

    done = invoke("rules", "test", "rule.yaml", "--min-coverage", "100", cwd=tmp_path)

    assert done.exit_code == 0, done.stdout
