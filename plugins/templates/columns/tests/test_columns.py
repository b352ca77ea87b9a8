"""The columns and the command, on a few invented spells. They need a design: hrgdesign-2024-25."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hrgcore_mycolumns import hrgcore_result_columns
from hrgcore_mycolumns.command import long_stays

import hrgcore

SHORT = [hrgcore.Episode(age=71, duration=20, diagnoses=["J189"])]
LONG = [hrgcore.Episode(age=71, duration=20, diagnoses=["J189", "N183"]), hrgcore.Episode(age=71, duration=1, diagnoses=["J189"])]


def test_columns() -> None:
    """A spell is as long as its episodes together."""
    grouper = hrgcore.Grouper("2024-25")
    scores, stays = hrgcore_result_columns(grouper.design, grouper.group_batch(*grouper.encode([SHORT, LONG])))
    assert (scores.name, scores.level, list(scores.values)) == ("CCScore", "episode", ["0", "1", "0"])
    assert (stays.name, stays.level, list(stays.values)) == ("LongStay", "spell", ["N", "Y"])


def test_other_data_sets_have_none() -> None:
    """They have neither spells nor CC scores."""
    grouper = hrgcore.Grouper("2024-25", "EM")
    batch = grouper.encode([hrgcore.EmergencyAttendance(age=30, investigations=["01"], treatments=["22"])])
    assert hrgcore_result_columns(grouper.design, grouper.group_batch(*batch)) == []


def test_command(tmp_path: Path) -> None:
    """The most frequent HRG comes first."""
    file = tmp_path / "out_spell.csv"
    file.write_text("SpellHRG,LongStay\nDZ11K,Y\nDZ11K,N\nDZ11K,Y\nHT12A,Y\n")
    done = CliRunner().invoke(long_stays, [str(file)])
    assert done.output == "3 of 4 spells lasted 21 days or longer.\n     2  DZ11K\n     1  HT12A\n"


@pytest.mark.parametrize("text", ["", "SpellHRG\nDZ11K\n"])
def test_command_on_a_file_of_another_kind(tmp_path: Path, text: str) -> None:
    """The error says what to do."""
    file = tmp_path / "out_spell.csv"
    file.write_text(text)
    done = CliRunner().invoke(long_stays, [str(file)])
    assert done.exit_code == 1 and "group it again with this plugin" in done.output
