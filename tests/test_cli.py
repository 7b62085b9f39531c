"""The command line around a pipeline that only remembers what it was asked for."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import focusstack
from focusstack import errors, events
from focusstack.cli import main
from focusstack.model import Alignment, Rejection
from focusstack.recipe import Recipe

FACTS = {
    "frames": 3,
    "used": 2,
    "width": 60,
    "height": 40,
    "bits": 8,
    "reference_index": 1,
    "reference_name": "img2.jpg",
    "model": "similarity",
    "drift_px": 3.21,
    "breathing_percent": 1.5,
    "hot_pixels": 0,
    "dust_spots": 0,
    "rejected": [],
    "seconds": {"align": 0.5, "fuse": 1.0},
    "peak_bytes": 10**13,
    "megapixels": 0.0024,
}


@dataclass
class Result:
    """What the fake pipeline returns; writes its own name."""

    calls: dict
    facts: dict = field(default_factory=lambda: FACTS)
    fail: str = ""
    alignment = Alignment((None,) * 3, 1, (0, 0, 60, 40), (Rejection(2, "img10.jpg", "too far"),))

    def save(self, path, quality, compression, delivery, overwrite):
        self.calls["quality"] = quality
        return self._write("picture", path, overwrite) or ["colours were rounded"]

    def save_depth(self, path, overwrite):
        self._write("depth", path, overwrite)

    def save_alignment(self, path, overwrite):
        self._write("alignment", path, overwrite)

    def _write(self, kind, path, overwrite):
        if self.fail == kind:
            raise errors.OutputError(f"the disk is full writing {path}", "free some space")
        assert overwrite or not path.exists()
        path.write_text(kind)


class Pipeline:
    """A stack() that plays a short run to its observer."""

    def __init__(self):
        self.calls = {}
        self.result = Result(self.calls)
        self.error = None

    def __call__(self, source, recipe, *, observer, cancel, threads, memory, alignment, workers):
        assert isinstance(cancel, threading.Event)
        assert workers is None
        names = [Path(path).name for path in source]
        self.calls.update(frames=names, recipe=recipe, threads=threads, memory=memory)
        self.calls["alignment"] = alignment
        if self.error is not None:
            raise self.error
        observer(events.RunStarted(len(names), 60, 40, 5_000_000))
        observer(events.StepStarted("align", 2))
        observer(events.StepAdvanced("align", 1, 2))
        observer(events.Warned("img10.jpg \x1b[31mis dark"))
        if recipe.depth:
            make = lambda: np.zeros((4, 6, 3), np.uint8)  # noqa: E731
            observer(events.StepImage("align", "img1", make))
        observer(events.StepFinished("align", 0.5))
        observer(events.RunFinished(FACTS))
        return self.result


@pytest.fixture
def pipeline(monkeypatch):
    fake = Pipeline()
    monkeypatch.setattr(focusstack, "stack", fake, raising=False)
    return fake


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, with a folder of frames in it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "frames"
    folder.mkdir()
    for name in ("img10.jpg", "img2.jpg", "img1.jpg", "notes.txt"):
        (folder / name).touch()
    return tmp_path


def said(capsys):
    """Lines of standard output and of standard error."""
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_the_classic_form_stacks_a_folder_in_natural_order(pipeline, here, capsys):
    assert main(["-i", "frames", "-o", "out.jpg"]) == 0
    assert pipeline.calls["frames"] == ["img1.jpg", "img2.jpg", "img10.jpg"]
    assert pipeline.calls["recipe"] == Recipe(depth=False)
    assert (here / "out.jpg").read_text() == "picture"
    assert said(capsys)[0] == ["out.jpg"]


def test_the_classic_form_overwrites_and_says_so(pipeline, here, capsys):
    (here / "out.jpg").write_text("old")
    assert main(["--input", "frames", "--output", "out.jpg"]) == 0
    assert (here / "out.jpg").read_text() == "picture"
    assert "note: replacing out.jpg, as -i/-o does" in said(capsys)[1]


def test_the_natural_form_does_not_overwrite_unless_asked(pipeline, here, capsys):
    (here / "out.jpg").write_text("old")
    assert main(["frames", "-o", "out.jpg"]) == 5
    assert (here / "out.jpg").read_text() == "old"
    assert "--overwrite" in said(capsys)[1][-1]
    assert main(["frames", "-o", "out.jpg", "--overwrite"]) == 0
    assert (here / "out.jpg").read_text() == "picture"


def test_the_classic_form_protects_what_it_never_overwrote(pipeline, here):
    (here / "depth.png").write_text("old")
    assert main(["-i", "frames", "-o", "out.jpg", "--depth", "depth.png"]) == 5
    assert (here / "depth.png").read_text() == "old"


@pytest.mark.parametrize("args", [["-g", "7"], ["-l", "3"], ["--gaussian", "7", "-l", "3"]])
def test_a_kernel_size_selects_laplacian_and_says_so(pipeline, here, capsys, args):
    assert main(["-i", "frames", "-o", "out.jpg", *args]) == 0
    recipe = pipeline.calls["recipe"]
    assert recipe.method == "laplacian"
    assert recipe.gaussian == (7 if "7" in args else 5)
    assert recipe.laplacian == (3 if "3" in args else 5)
    assert said(capsys)[1][0].startswith("note: using --method laplacian")


def test_a_kernel_size_with_its_method_needs_no_word(pipeline, here, capsys):
    assert main(["frames", "-o", "out.jpg", "-g", "7", "--method", "laplacian"]) == 0
    assert not any("--method" in line for line in said(capsys)[1])


def test_a_kernel_size_with_another_method_is_warned_about(pipeline, here, capsys):
    assert main(["frames", "-o", "out.jpg", "-g", "7", "--method", "pyramid"]) == 0
    assert pipeline.calls["recipe"].method == "pyramid"
    assert "warning: --gaussian has no effect on --method pyramid" in said(capsys)[1]


@pytest.mark.parametrize("size", ["4", "0", "-3", "33"])
@pytest.mark.parametrize("option", ["-g", "-l"])
def test_impossible_kernels_are_refused(pipeline, here, capsys, option, size):
    assert main(["-i", "frames", "-o", "out.jpg", option, size]) == 2
    out, err = said(capsys)
    name = {"-g": "gaussian", "-l": "laplacian"}[option]
    assert f"focusstack: error: the {name} kernel size is {size}" in err
    assert "  try: use an odd number from 1 to 31" in err
    assert not out
    assert not pipeline.calls


def test_every_setting_reaches_the_recipe(pipeline, here):
    how = ["--method=laplacian", "--reference=2", "--align=affine", "--keep-size"]
    how += ["--no-clean", "--no-exposure"]
    what = ["--quality=80", "--depth=d.tif", "--alignment=a.json"]
    assert main(["frames", "-o", "out.jpg", *how, *what, "--threads=3", "--memory=1.5G"]) == 0
    recipe = Recipe(
        "laplacian",
        reference=2,
        align="affine",
        crop=False,
        clean=False,
        match_exposure=False,
        depth=True,
    )
    assert pipeline.calls["recipe"] == recipe
    assert pipeline.calls["threads"] == 3
    assert pipeline.calls["memory"] == 1_500_000_000
    assert pipeline.calls["quality"] == 80


@pytest.mark.parametrize("word", ["first", "middle", "last", "auto"])
def test_references_may_be_words(pipeline, here, word):
    assert main(["frames", "-o", "out.jpg", "--reference", word, "--crop"]) == 0
    assert pipeline.calls["recipe"].reference == word
    assert pipeline.calls["recipe"].crop is True


def test_files_and_folders_mix_in_the_order_given(pipeline, here):
    (here / "extra.png").touch()
    assert main(["extra.png", "-o", "out.jpg", "frames", "-i", "frames"]) == 0
    assert pipeline.calls["frames"] == ["img1.jpg", "img2.jpg", "img10.jpg", "extra.png"]


@pytest.mark.parametrize(
    "args",
    [
        ["frames"],
        ["frames", "-o"],
        ["-o", "out.jpg"],
        ["frames", "-o", "out.jpg", "--method", "median"],
        ["frames", "-o", "out.jpg", "--align", "magic"],
        ["frames", "-o", "out.jpg", "--reference", "-1"],
        ["frames", "-o", "out.jpg", "--reference", "best"],
        ["frames", "-o", "out.jpg", "--quality", "0"],
        ["frames", "-o", "out.jpg", "--quality", "101"],
        ["frames", "-o", "out.jpg", "--threads", "0"],
        ["frames", "-o", "out.jpg", "--memory", "lots"],
        ["frames", "-o", "out.jpg", "--quiet", "--verbose"],
        ["frames", "-o", "out.jpg", "--gaussian", "big"],
        ["frames", "-o", "out.jpg", "--nonsense"],
    ],
)
def test_senseless_command_lines_end_with_2(pipeline, here, capsys, args):
    assert main(args) == 2
    out, err = said(capsys)
    assert err[0].startswith("focusstack: error: ")
    assert err[1:] == ["  try: focusstack --help"]
    assert not out
    assert not pipeline.calls


def test_a_missing_output_is_named(pipeline, here, capsys):
    assert main(["frames"]) == 2
    assert "-o" in said(capsys)[1][0]


@pytest.mark.parametrize("args", [[], ["-i", ""], ["-i", "empty"], ["-i", "empty", "-o", "x.jpg"]])
def test_nothing_to_do_is_no_failure(pipeline, here, capsys, args):
    (here / "empty").mkdir()
    (here / "empty" / "readme.txt").touch()
    assert main(args) == 0
    out, err = said(capsys)
    assert len(err) == 1
    assert err[0].startswith("nothing to do: ")
    assert not out
    assert not pipeline.calls
    assert not (here / "x.jpg").exists()


def test_a_folder_without_pictures_is_an_error_in_the_natural_form(pipeline, here, capsys):
    (here / "empty").mkdir()
    assert main(["empty", "-o", "out.jpg"]) == 3
    assert "empty: no pictures" in said(capsys)[1][0]


@pytest.mark.parametrize("name", ["demo", "completion", "stack"])
def test_folders_named_like_commands_can_be_stacked(pipeline, here, name):
    (here / "frames").rename(here / name)
    assert main([f"./{name}", "-o", "out.jpg"]) == 0
    assert main(["-i", name, "-o", "out.jpg"]) == 0
    assert len(pipeline.calls["frames"]) == 3


def test_plain_lines_tell_the_run_without_control_characters(pipeline, here, capsys):
    assert main(["frames", "-o", "out.jpg", "--depth", "d.tif"]) == 0
    out, err = said(capsys)
    assert out == ["out.jpg", "d.tif"]
    assert err[:2] == ["stacking 3 frames of 60 x 40, at most 5 MB", "align: started"]
    assert "align: done in 0.5 s" in err
    assert "warning: img10.jpg \\x1b[31mis dark" in err
    assert "warning: colours were rounded" in err
    assert not any(character < " " for line in err for character in line)


def test_the_summary_has_what_was_found(pipeline, here, capsys):
    assert main(["frames", "-o", "out.jpg"]) == 0
    text = " ".join(" ".join(line.split()) for line in said(capsys)[1])
    for fact in (
        "frames 2 of 3",
        "size 60 x 40, 8 bits",
        "reference img2.jpg (frame 1)",
        "similarity; drift up to 3.2 px, breathing up to 1.50 %",
        "left out img10.jpg: too far",
        "align 0.5 s, fuse 1.0 s, write 0.0 s",
        "peak 10000.00 GB",
        "wrote out.jpg",
    ):
        assert fact in text


def test_quiet_says_nothing(pipeline, here, capsys):
    (here / "out.jpg").touch()
    assert main(["-i", "frames", "-o", "out.jpg", "-q", "-g", "3", "--depth", "d.tif"]) == 0
    assert said(capsys) == ([], [])


def test_quiet_still_says_errors(pipeline, here, capsys):
    pipeline.error = errors.AlignmentError("nothing matches", "shoot again")
    assert main(["frames", "-o", "out.jpg", "-q"]) == 4
    assert said(capsys) == ([], ["focusstack: error: nothing matches", "  try: shoot again"])


def test_verbose_says_more(pipeline, here, capsys):
    assert main(["frames", "-o", "out.jpg", "-v"]) == 0
    assert "align: 1 of 2" in said(capsys)[1]


def test_steps_are_saved_only_when_asked(pipeline, here):
    assert main(["frames", "-o", "out.jpg", "--save-steps", "deep/steps"]) == 0
    assert [path.name for path in (here / "deep/steps").iterdir()] == ["01-align-img1.png"]
    assert main(["frames", "-o", "plain.jpg"]) == 0
    assert not (here / "plain_steps").exists()


def test_debug_keeps_steps_beside_the_output_and_logs(pipeline, here, capsys):
    for _ in range(2):
        assert main(["-i", "frames", "-o", "some/out.jpg", "-d"]) == 0
    assert (here / "some/out_steps/01-align-img1.png").exists()
    assert any("DEBUG focusstack" in line for line in said(capsys)[1])


def test_a_folder_of_steps_is_not_mixed_with_other_things(pipeline, here, capsys):
    (here / "steps").mkdir()
    (here / "steps" / "mine.txt").touch()
    assert main(["frames", "-o", "out.jpg", "--save-steps", "steps"]) == 5
    assert main(["frames", "-o", "out.jpg", "--save-steps", "frames", "--overwrite"]) == 5
    assert main(["frames", "-o", "out.jpg", "--save-steps", "frames/img1.jpg"]) == 5
    assert not pipeline.calls
    assert main(["frames", "-o", "out.jpg", "--save-steps", "steps", "--overwrite"]) == 0


def test_two_results_need_two_names(pipeline, here, capsys):
    assert main(["frames", "-o", "out.tif", "--depth", "frames/../out.tif"]) == 5
    assert "two results" in said(capsys)[1][0]
    assert not pipeline.calls


@pytest.mark.parametrize(
    "args",
    [
        ["-o", "out.xyz"],
        ["-o", "out"],
        ["-o", "frames"],
        ["-o", "frames/img1.jpg", "--overwrite"],
        ["-o", "frames/img1.jpg/out.jpg"],
        ["-o", "out.jpg", "--depth", "depth.jpg"],
        ["-o", "out.jpg", "--alignment", "alignment.txt"],
    ],
)
def test_outputs_are_checked_before_work_begins(pipeline, here, capsys, args):
    assert main(["frames", *args]) == 5
    assert said(capsys)[1][0].startswith("focusstack: error: ")
    assert not pipeline.calls


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RecipeError("a"), 2),
        (errors.TooFewFrames("a"), 3),
        (errors.AlignmentError("a"), 4),
        (errors.OutputError("a"), 5),
        (errors.MemoryLimitError("a"), 6),
        (MemoryError(), 6),
        (errors.Cancelled(), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_has_its_exit_code(pipeline, here, error, code):
    pipeline.error = error
    assert main(["frames", "-o", "out.jpg"]) == code
    assert not (here / "out.jpg").exists()


def test_a_bug_is_one_line_and_a_traceback_only_with_debug(pipeline, here, capsys):
    pipeline.error = ZeroDivisionError("in\nthe depths")
    assert main(["frames", "-o", "out.jpg"]) == 1
    assert said(capsys)[1] == [
        "focusstack: error: internal error (ZeroDivisionError: in the depths); please report it",
        "  try: run with --debug for the traceback",
    ]
    assert main(["frames", "-o", "out.jpg", "--debug"]) == 1
    assert "Traceback (most recent call last):" in said(capsys)[1]


def test_what_was_written_before_a_failure_is_said(pipeline, here, capsys):
    pipeline.result.fail = "alignment"
    args = ["frames", "-o", "out.jpg", "--depth", "d.tif", "--alignment", "a.json"]
    assert main(args) == 5
    out, err = said(capsys)
    assert (
        "focusstack: error: the disk is full writing a.json (out.jpg, d.tif had been written)"
        in err
    )
    assert not out


def test_help_shows_the_classic_form_first(capsys):
    assert main(["--help"]) == 0
    out, _ = said(capsys)
    assert out[0] == "Usage: focusstack -i DIR -o OUT [-d] [-g N] [-l N]"
    headings = [line for line in out if line.endswith(":") and not line.startswith(" ")]
    assert headings[0] == "Classic form:"
    assert any(line.strip().startswith("demo") for line in out)
