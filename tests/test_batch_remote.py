"""Batches of pictures in object storage: a real S3 protocol, a local server."""

from __future__ import annotations

import os
import sys

import pytest

from focusstack import read_provenance
from focusstack.cli import main
from machines import s3_environ, s3_server
from truth import put_stack

fsspec = pytest.importorskip("fsspec", reason="needs the extra 'remote'")
pytest.importorskip("s3fs", reason="needs the extra 'remote'")
pytest.importorskip("moto.server", reason="needs moto's server")
QUICK = ("--method", "pyramid", "--set", "clean=false", "--template", "{stack}")
NAMES = ("ant", "bee")


@pytest.fixture(scope="module")
def server():
    """The address of an S3 server on this machine."""
    with s3_server() as address:
        yield address


@pytest.fixture
def card(server, tmp_path, monkeypatch):
    """Two stacks in a bucket; the environment says where it is, as for any S3 program."""
    for name, value in s3_environ(server).items():
        monkeypatch.setenv(name, value)
    fsspec.config.conf.clear()
    bucket = f"b{os.getpid()}-{tmp_path.name.replace('_', '-')[:40].strip('-')}"
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    files.mkdir(bucket)
    for seed, name in enumerate(NAMES):
        folder = tmp_path / "card" / name
        for path in put_stack(folder, "steps", frames=5, size=(240, 160), seed=seed):
            files.put_file(str(path), f"{bucket}/card/{name}/{path.name}")
    files.pipe_file(f"{bucket}/card/notes.txt", b"no picture")
    monkeypatch.chdir(tmp_path)
    return bucket, files


def names_in(files, place):
    files.invalidate_cache()
    return sorted(path.rpartition("/")[2] for path in files.find(place))


def test_from_a_bucket_into_a_bucket_as_from_folder_to_folder(card, capsys, tmp_path):
    bucket, files = card
    run = ["batch", f"s3://{bucket}/card", "-o", f"s3://{bucket}/out/all", *QUICK]
    assert main(run) == 0
    out, err = capsys.readouterr()
    assert out.split() == [f"s3://{bucket}/out/all/{name}.jpg" for name in NAMES]
    assert "10 pictures fetched" in err
    assert names_in(files, f"{bucket}/out") == [
        *("ant.jpg", "bee.jpg", "focusstack-batch.jsonl", "focusstack-index.html")
    ]
    assert main(["batch", "card", "-o", "here", *QUICK]) == 0
    for name in NAMES:
        there = files.cat_file(f"{bucket}/out/all/{name}.jpg")
        (tmp_path / "there.jpg").write_bytes(there)
        pictures = [read_provenance(p)["picture"] for p in ("there.jpg", f"here/{name}.jpg")]
        assert pictures[0] == pictures[1]
    capsys.readouterr()
    assert main(run) == 0  # what is there is not made again
    assert capsys.readouterr().err.count("made before") == 2


def test_one_end_here_and_the_other_there(card):
    bucket, files = card
    assert main(["batch", f"s3://{bucket}/card", "-o", "local", "-q", *QUICK]) == 0
    assert main(["batch", "card", "-o", f"s3://{bucket}/results", "-q", *QUICK]) == 0
    assert {"ant.jpg", "bee.jpg"} <= set(names_in(files, f"{bucket}/results"))


def test_a_stack_that_failed_is_known_to(card, capsys):
    """Copies are in another folder each time; the journal calls frames by their addresses."""
    bucket, files = card
    name = f"{bucket}/card/bee/frame_02.jpg"
    good = files.cat_file(name)
    files.pipe_file(name, good[: len(good) // 2])
    run = ["batch", f"s3://{bucket}/card", "-o", f"s3://{bucket}/out", *QUICK, "--by", "folder"]
    assert main([*run, "--no-look"]) == 7
    assert main([*run, "--no-look"]) == 7
    begun = files.cat_file(f"{bucket}/out/focusstack-batch.jsonl").count(b'"begun"')
    assert begun == 2
    files.pipe_file(name, good)
    capsys.readouterr()
    assert main([*run, "--no-look"]) == 0
    assert capsys.readouterr().err.count("made before") == 1


def test_two_processes_of_this_machine(card):
    bucket, files = card
    run = ["batch", f"s3://{bucket}/card", "-o", f"s3://{bucket}/two", "-q", *QUICK]
    assert main([*run, "--workers", "2"]) == 0
    assert {"ant.jpg", "bee.jpg"} <= set(names_in(files, f"{bucket}/two"))


def test_what_a_stopped_batch_made_is_there(card, monkeypatch):
    """Each result is put back when its stack ends, not when all have."""
    bucket, files = card
    seen = []
    from focusstack.batch.remote import RemoteFolder

    real = RemoteFolder.put_new

    def noting(self):
        real(self)
        seen.append(names_in(files, f"{bucket}/out"))

    monkeypatch.setattr(RemoteFolder, "put_new", noting)
    assert main(["batch", "card", "-o", f"s3://{bucket}/out", "-q", *QUICK]) == 0
    assert any("ant.jpg" in names and "bee.jpg" not in names for names in seen)


def test_addresses_that_lead_nowhere(card, capsys):
    bucket, _ = card
    assert main(["batch", "s3://no-such-bucket-here/x", "-o", "out", *QUICK]) == 3
    assert "s3://no-such-bucket-here/x" in capsys.readouterr().err
    assert main(["batch", f"s3://{bucket}/nothing", "-o", "out", *QUICK]) == 3
    assert main(["batch", "nonsense://x", "-o", "out", *QUICK]) == 3
    assert "nonsense://x" in capsys.readouterr().err
    far = ["--scheduler", "tcp://127.0.0.1:9"]
    assert main(["batch", f"s3://{bucket}/card", "-o", "out", *QUICK, *far]) == 8
    assert "no dask scheduler answers" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert main(["batch", "s3://bucket/card", "-o", "out"]) == 3
    assert "pip install 'focusstack[remote]'" in capsys.readouterr().err
