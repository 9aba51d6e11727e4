"""Medians, ratios and overhead of the throughput benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest
from throughput.figures import (
    Figure,
    Group,
    steady_worker_seconds,
    wall_by_student_time,
    worker_seconds,
)
from throughput.measuring import BenchmarkError, Measurement
from throughput.page import page
from throughput.targets import all_targets
from throughput.times import RawTimes, Taken, What, differing, load
from throughput.with_grader import Ours
from throughput.with_nbclient import Plain

SETTING = {"machine": "a computer", "grader": "abc", "versions": {"grader": {"torch": "2"}}}


def taken(
    mode: str, number: int, wall_s: float, *, cells_s: float = 0.0, training: str = "short"
) -> Taken:
    what = What("pytorch", training, size=4, workers=2, mode=mode, round=number)
    cells = (cells_s,) * 4 if cells_s else ()
    measured = Measurement(wall_s=wall_s, first_s=2.0, load=0.5, cells_s=cells, training_s=cells)
    return Taken(what, measured, "2026-11-28")


def test_a_ratio_is_of_medians_and_its_spread_of_rounds() -> None:
    times = [("otter", (60.0, 66.0, 80.0)), ("preloaded", (10.0, 11.0, 20.0))]
    group = Group(
        tuple(
            taken(mode, number, wall_s)
            for mode, walls in times
            for number, wall_s in enumerate(walls, start=1)
        )
    )

    assert group.ratio("otter", "preloaded") == Figure(6.0, 4.0, 6.0)
    assert group.ratio("nbgrader", "preloaded") is None


def test_overhead_is_the_workers_time_without_the_cells() -> None:
    one = taken("preloaded", 1, 10.0, cells_s=3.0)
    group = Group((one,))

    assert worker_seconds(one) == 5.0
    assert steady_worker_seconds(one) == 8.0
    assert group.overhead("preloaded", "nbclient") == Figure(2.0, 2.0, 2.0)
    assert group.steady_overhead("preloaded", "nbclient") == Figure(5.0, 5.0, 5.0)


def test_another_tools_cells_stand_in_only_where_there_are_none() -> None:
    group = Group((taken("otter", 1, 20.0), taken("nbclient", 1, 12.0, cells_s=4.0)))

    assert group.overhead("otter", "nbclient") == Figure(6.0, 6.0, 6.0)
    assert Group(group.of("otter")).overhead("otter", "nbclient") is None


def test_the_long_class_is_compared_with_the_ideal() -> None:
    assert wall_by_student_time(taken("preloaded", 1, 15.0, cells_s=6.0)) == 1.25
    assert wall_by_student_time(taken("preloaded", 1, 15.0)) is None


def test_a_target_is_met_missed_or_not_measured() -> None:
    groups = {
        ("pytorch", "short", 2): Group(
            (
                taken("preloaded", 1, 10.0, cells_s=4.5),
                taken("nbgrader", 1, 60.0),
                taken("nbclient", 1, 39.0, cells_s=9.0),
            )
        ),
        ("pytorch", "long", 2): Group((taken("preloaded", 1, 15.0, cells_s=6.0, training="long"),)),
    }

    of = "pytorch, 2 at a time"
    verdicts = {target.text: target.verdict for target in all_targets(groups)}

    assert verdicts == {
        f"{of}, long training: wall clock at most 1.25 x student time / cores": "met",
        f"{of}: nbgrader takes at least 6 times as long": "met",
        f"{of}: otter takes at least 6 times as long": "not measured",
        f"{of}: nbclient takes at least 4 times as long": "**missed**",
        f"{of}: at most 0.7 s beyond the cells' own time, steady state": "**missed**",
    }


def test_times_are_kept_and_go_on_in_the_same_setting_only(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    times = load(path, SETTING)
    times.taken.append(taken("preloaded", 1, 10.0, cells_s=4.5))

    times.save(path)
    again = load(path, {**SETTING, "versions": {"nbgrader": {"torch": "2"}}})

    assert again.taken == times.taken
    assert again.has(times.taken[0].what)
    assert list(again.setting["versions"]) == ["grader", "nbgrader"]
    with pytest.raises(BenchmarkError, match="machine differ"):
        load(path, {**SETTING, "machine": "another"})
    with pytest.raises(BenchmarkError, match="versions of grader differ"):
        load(path, {**SETTING, "versions": {"grader": {"torch": "3"}}})


def test_what_only_one_setting_has_differs() -> None:
    assert differing(SETTING, {"machine": "a computer", "versions": {}}) == ["grader"]


def test_the_page_names_machine_versions_spread_and_targets() -> None:
    modes = (Plain(), Ours("preloaded", "grader, preloaded", is_fresh=False))
    measured = [taken("nbclient", 1, 40.0, cells_s=9.0), taken("preloaded", 1, 8.0, cells_s=2.0)]

    text = page(RawTimes(SETTING, measured), modes)

    assert "a computer. 2026-11-28, rounds: 1" in text
    assert "| plain nbclient | 1 | 10.00 (10.00 to 10.00) | 5.00 (5.00 to 5.00) | 9.00 |" in text
    assert "nbclient takes at least 4 times as long | 5.00 (5.00 to 5.00) | met |" in text
    assert "| torch | 2 |" in text
