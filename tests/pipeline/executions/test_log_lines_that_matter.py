"""Of a failed job's log, the lines that say why."""

from pipeline.executions.failure_report import LINES, telling

TRACE = ["Traceback (most recent call last):", '  File "a.py", line 1, in <module>', "    f()", "ValueError: row 7"]


def test_the_last_traceback_is_shown_whole() -> None:
    assert telling(["start", *TRACE, "cleaning up", "bye"]) == TRACE


def test_the_middle_of_a_long_traceback_is_left_out() -> None:
    frames = [f"  frame {n}" for n in range(60)]
    shown = telling([TRACE[0], *frames, "RecursionError: too deep"])
    assert len(shown) == LINES
    assert shown[:2] == [TRACE[0], "  ..."]
    assert shown[-1] == "RecursionError: too deep"


def test_without_a_traceback_the_last_trouble_is_shown_with_what_surrounds_it() -> None:
    lines = [f"epoch {n}" for n in range(50)]
    shown = telling([*lines, "Error: no space left on device", "closing", "closed", "done", "bye"])
    assert shown[-3:] == ["Error: no space left on device", "closing", "closed"]
    assert len(shown) == LINES


def test_without_trouble_the_end_is_shown() -> None:
    assert telling(f"line {n}\n" for n in range(1000))[-1] == "line 999"


def test_an_empty_log_has_no_lines() -> None:
    assert telling([]) == []


def test_lines_that_repeat_are_counted() -> None:
    rejected = [f"row {n} ({n}.jpg) is rejected: it is none of JPEG, PNG" for n in range(59)]
    assert telling(["begun", *rejected, "error: 59 of 60 pictures cannot be used"]) == [
        "begun",
        rejected[0],
        "(and 58 more like it)",
        "error: 59 of 60 pictures cannot be used",
    ]
