"""Servers and workers that tests start on this machine, as processes of their own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager


@contextmanager
def scheduler(folder):
    """A scheduler's address."""
    port_file = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    options = ["--port", "0", "--no-dashboard", "--scheduler-file", str(port_file)]
    with running([*command, *options]):
        address = re.search(r"tcp://[\d.:]+", waited_for(port_file))[0]
        yield address


@contextmanager
def running(command, **environ):
    process = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def waited_for(path):
    for _ in range(200):
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.1)
    raise TimeoutError(path)


def worker(address):
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
    return [*command, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]


def wait_for_worker(address):
    """Until the scheduler has heard of a worker: a batch that finds none gives up."""
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(1, timeout=60)


@contextmanager
def s3_server():
    """The address of an S3 server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]):
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address


def s3_environ(address):
    """What tells programs where that server is."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }


def children_of(pid):
    """Processes that a process started: the workers, and what watches over their resources."""
    found = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "spawn_main" in line]
