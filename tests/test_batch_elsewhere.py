"""Workers that fetch frames from an address and put results to one."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from cards import FOUR, four_stacks
from focusstack.batch import DONE, FAILED, Addresses, Extras, StackJob
from focusstack.recipe import Recipe
from machines import running, s3_environ, s3_server, scheduler, wait_for_worker, worker

fsspec = pytest.importorskip("fsspec", reason="needs the extra 'remote'")
from focusstack.batch.elsewhere import make_elsewhere  # noqa: E402
from focusstack.batch.remote import put_whole  # noqa: E402

SETTINGS = ("--method", "pyramid", "--set", "clean=false", "--by", "folder", "--no-look")
QUICK = (*SETTINGS, "--template", "{stack}")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four stacks, and what one process makes of them from folder to folder."""
    return four_stacks(tmp_path_factory.mktemp("made"), QUICK)


def alone(made):
    return {path.name: path.read_bytes() for path in (made / "alone").glob("*.jpg")}


@pytest.fixture
def asked(made, tmp_path, monkeypatch):
    """A job of a process whose folders are not there, and the addresses that they stand for."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    shutil.copytree(made / "card", tmp_path / "card")
    root, output = Path("/nowhere/in/card"), Path("/nowhere/out")
    frames = tuple(root / "ant" / f"frame_{k:02d}.jpg" for k in range(4))
    recipe = Recipe(method="pyramid", clean=False, depth=False)
    job = StackJob("ant", frames, recipe, output / "ant.jpg", Extras(sidecar=True), tried=True)
    there = (tmp_path / "card").as_uri(), (tmp_path / "out").as_uri()
    yield job, Addresses(root, there[0], output, there[1])
    assert list((tmp_path / "tmp").iterdir()) == []  # whatever happened


def results(tmp_path):
    return sorted(path.name for path in (tmp_path / "out").glob("*"))


def test_frames_are_fetched_and_results_put_back(asked, made, tmp_path):
    outcome = make_elsewhere(*asked)
    assert outcome.state == DONE, outcome.error
    assert results(tmp_path) == ["ant.jpg", "ant.jpg.focusstack.json"]
    result = tmp_path / "out" / "ant.jpg"
    assert result.read_bytes() == alone(made)["ant.jpg"]
    before = result.stat().st_mtime_ns
    assert make_elsewhere(*asked).state == DONE  # as after a worker that died before it said so
    assert result.stat().st_mtime_ns == before


def test_what_goes_wrong_is_said_with_addresses(asked, tmp_path):
    frame = tmp_path / "card" / "ant" / "frame_02.jpg"
    good = frame.read_bytes()
    frame.write_bytes(good[:900])
    job, addresses = asked
    outcome = make_elsewhere(job, addresses)
    assert outcome.state == FAILED
    assert f"{addresses.root_url}/ant/frame_02.jpg" in outcome.error
    frame.unlink()
    outcome = make_elsewhere(job, addresses)
    assert outcome.state == FAILED
    assert f"{addresses.root_url}/ant/frame_02.jpg does not exist" in outcome.error
    frame.write_bytes(good)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ant.jpg").write_bytes(b"mine")
    outcome = make_elsewhere(job, addresses)
    assert f"{addresses.output_url}/ant.jpg exists" in outcome.error
    assert (tmp_path / "out" / "ant.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("call", "said"), [("get_file", "the disk is full fetching"), ("put_file", "is full writing")]
)
def test_no_room_on_the_way(asked, tmp_path, monkeypatch, call, said):
    from fsspec.implementations.local import LocalFileSystem

    real = getattr(LocalFileSystem, call)

    def full(self, source, target, **options):
        if "ant.jpg" in str(target) or call == "get_file":
            Path(target).write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, source, target, **options)

    monkeypatch.setattr(LocalFileSystem, call, full)
    outcome = make_elsewhere(*asked)
    assert outcome.state == FAILED
    assert said in outcome.error
    assert results(tmp_path) == []


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    files = fsspec.filesystem("file")
    (tmp_path / "new").write_bytes(b"new")
    target = tmp_path / "far" / "away" / "a.jpg"
    put_whole(files, tmp_path / "new", str(target))
    assert target.read_bytes() == b"new"
    (tmp_path / "new").write_bytes(b"newer")
    put_whole(files, tmp_path / "new", str(target))
    assert target.read_bytes() == b"newer"

    def half(_source, name, **_options):
        Path(name).write_bytes(b"ha")
        raise OSError(errno.EIO, "the cable is out")

    monkeypatch.setattr(files, "put_file", half)
    with pytest.raises(OSError, match="cable"):
        put_whole(files, tmp_path / "new", str(target))
    assert [path.name for path in target.parent.iterdir()] == ["a.jpg"]
    assert target.read_bytes() == b"newer"


@pytest.fixture(scope="module")
def server():
    """The address of an S3 server."""
    pytest.importorskip("s3fs", reason="needs the extra 'remote'")
    pytest.importorskip("moto.server", reason="needs moto's server")
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(server, made, tmp_path, monkeypatch):
    """The stacks in a bucket of an S3 server, which we and workers started from here know of."""
    monkeypatch.chdir(tmp_path)
    for name, value in s3_environ(server).items():
        monkeypatch.setenv(name, value)
    fsspec.config.conf.clear()
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    files.mkdir("shoot")
    for path in (made / "card").rglob("*.jpg"):
        files.put_file(str(path), f"shoot/{path.relative_to(made).as_posix()}")
    yield files
    files.invalidate_cache()
    files.rm("shoot", recursive=True)


def pictures(files, folder):
    files.invalidate_cache()
    return {
        name.rpartition("/")[2]: files.cat_file(name)
        for name in files.find(folder)
        if name.endswith(".jpg")
    }


def command(address, *options):
    run = [sys.executable, "-m", "focusstack", "batch", "s3://shoot/card", "-o", "s3://shoot/out"]
    return [*run, *QUICK, "--scheduler", address, *options]


@contextmanager
def started(address, folder):
    """A worker with a temporary folder of its own, once the scheduler has heard of it."""
    (folder / "worker").mkdir(exist_ok=True)
    with running(worker(address), TMPDIR=str(folder / "worker")) as process:
        wait_for_worker(address)
        yield process


def run_there(address, *options):
    return subprocess.run(command(address, *options), capture_output=True, text=True, check=False)


def test_workers_go_from_bucket_to_bucket(bucket, made, tmp_path):
    with scheduler(tmp_path) as address, started(address, tmp_path):
        done = run_there(address)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == [f"s3://shoot/out/{name}.jpg" for name in FOUR]
        assert pictures(bucket, "shoot/out") == alone(made)
        names = {name.rpartition("/")[2] for name in bucket.find("shoot/out")}
        assert names == {*alone(made), "focusstack-batch.jsonl", "focusstack-index.html"}
        page = bucket.cat_file("shoot/out/focusstack-index.html").decode()
        assert page.count("data:image/") == 4
        assert not list((tmp_path / "worker").glob("focusstack-*"))
        again = run_there(address)
        assert again.stderr.count("made before") == 4


def test_a_bad_frame_is_called_by_its_address_and_mended(bucket, made, tmp_path):
    name = "shoot/card/bee/frame_02.jpg"
    good = bucket.cat_file(name)
    bucket.pipe_file(name, good[: len(good) // 2])
    with scheduler(tmp_path) as address, started(address, tmp_path):
        done = run_there(address)
        assert done.returncode == 7
        assert re.search(r"bee: failed: s3://shoot/card/bee/frame_02.jpg", done.stderr)
        assert "bee.jpg" not in pictures(bucket, "shoot/out")
        assert "3 of 4 made" in done.stderr
        bucket.pipe_file(name, good)
        done = run_there(address)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("made before") == 3
    assert pictures(bucket, "shoot/out") == alone(made)


def test_a_worker_that_dies_leaves_nothing_half_done(bucket, made, tmp_path):
    with scheduler(tmp_path) as address, started(address, tmp_path) as first:
        batch = subprocess.Popen(command(address), stderr=subprocess.PIPE, text=True)
        said = ""
        for line in batch.stderr:
            said += line
            if "1 of 4" in line:
                first.kill()
                first.wait()
                break
        assert "1 of 4" in said, said
        assert set(pictures(bucket, "shoot/out")) < set(alone(made))
        with started(address, tmp_path):
            said += batch.stderr.read()
            assert batch.wait(timeout=120) == 0, said
    assert pictures(bucket, "shoot/out") == alone(made)


def test_frames_at_an_address_and_results_on_a_disk_that_all_see(bucket, made, tmp_path):
    with scheduler(tmp_path) as address, started(address, tmp_path):
        done = run_there(address, "-o", "here")
        assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in Path("here").glob("*.jpg")} == alone(made)
