#!/usr/bin/env python3
"""Everything a fresh clone needs, with Python's standard library only.

    python3 dev.py demo        set up, then render a focus stack and fuse it
    python3 dev.py test        set up, then check the code and run all tests
    python3 dev.py test ARGS   set up, then run pytest with ARGS and nothing else
    python3 dev.py check       ruff, mypy, import-linter
    python3 dev.py sanitize    the kernels' tests on a build that watches every access to memory
    python3 dev.py fuzz        damaged files through all readers
    python3 dev.py format      let ruff put the code in order
    python3 dev.py bench       time and score the methods on synthetic stacks
    python3 dev.py confidence  is the depth as sure as it says? on stacks with known truth
    python3 dev.py colour      errors of colour, and new clipping, on the same
    python3 dev.py speed       time and memory beside what decoding alone takes
    python3 dev.py kernels     time of each compiled loop
    python3 dev.py decoders    libraries that read pictures, side by side
    python3 dev.py images      draw the pictures of the documentation again
    python3 dev.py studio ...  set up, build the studio's page, and open it
    python3 dev.py setup       set up only
    python3 dev.py clean       remove what was made, .venv included

Everything is installed into .venv in this folder; nothing else on the machine is touched, except
that a missing compiler or venv module is installed with apt-get when run by root on Debian.
"""

# Older Pythons must be able to read this file as far as main(), which turns them away: no syntax
# newer than 3.6, and tomllib is imported where it is needed.

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "focusstack-setup.json"
LOG = VENV / "focusstack-setup.log"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
# Each process takes about 1 GB. A process gets neighbouring tests, which share rendered stacks, and
# takes some of the other's when it has done its own.
WHOLE_SUITE = ("--numprocesses=2", "--dist=worksteal", "-pno:benchmark")
# Programs that some tests check our files with, and the Debian packages that have them.
TEST_PROGRAMS = {
    "exiftool": "libimage-exiftool-perl",
    "chromium": "chromium",
    "heif-enc": "libheif-examples",
    "npm": "npm",
}
SANITIZE = Path("tests", "sanitize.py")
PAGE = Path("web", "build.py")
PYTHON_CODE = ("src", "tests", "docs", "examples", "benchmarks", "dev.py", str(PAGE))
BUILT_FROM = ("pyproject.toml", "CMakeLists.txt", "src/**/*.cpp", "src/**/*.hpp")
MADE = [
    *("web/node_modules", "web/build.log", "src/focusstack/studio/page"),
    *(".venv", "build", "dist", "demo", "benchmarks/out", ".pytest_cache", ".mypy_cache"),
    *(".ruff_cache", ".hypothesis", ".import_linter_cache"),
]
PIP_SETTINGS_TO_KEEP = [
    *("CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL"),
    *("FIND_LINKS", "INDEX_URL", "KEYRING_PROVIDER", "NO_INDEX", "PROXY", "RETRIES"),
    "TRUSTED_HOST",
]
NO_NETWORK = "from versions: none|(NewConnection|ConnectTimeout|NameResolution|Proxy)Error"
NO_COMPILER = "CMAKE_CXX_COMPILER|Could not find the compiler|not able to compile a simple test"


class Trouble(Exception):
    """Something the person has to do; the message says what, in one line."""


# ---------------------------------------------------------------- commands


def demo(_args):
    """Render a stack and fuse it, into ./demo."""
    set_up("run")
    return run([BIN / "focusstack", "demo", "demo", "--overwrite"])


def test(args):
    """The checks and the whole suite, or pytest with some arguments."""
    set_up("dev")
    fetch_test_programs()
    run([PYTHON, PAGE])  # tests that need it say so if it could not be built
    failed = [] if args else failing_checks()
    if not args and run([PYTHON, SANITIZE]):
        failed.append("sanitized kernels")
    code, closing = run_echoing_last_line([PYTHON, "-m", "pytest", *(args or WHOLE_SUITE)])
    if failed:
        print("\nfailed before the tests: " + ", ".join(failed) + " (see above)")
        print(closing)
    return code or bool(failed)


def check(_args):
    """Style, types and layers."""
    set_up("dev")
    failed = failing_checks()
    print("failed: " + ", ".join(failed) if failed else "all checks passed")
    return bool(failed)


def format_code(_args):
    """Imports, simple mistakes, layout."""
    set_up("dev")
    code = run([PYTHON, "-m", "ruff", "check", "--fix", *PYTHON_CODE])
    return run([PYTHON, "-m", "ruff", "format", *PYTHON_CODE]) or code


def studio(args):
    """The local web app."""
    set_up("dev")
    return run([PYTHON, PAGE]) or run([BIN / "focusstack", "studio", *args])


def script(*path, needs="run"):
    """A command that runs one of our scripts."""

    def run_script(args):
        set_up(needs)
        return run([PYTHON, Path(*path), *args])

    return run_script


def setup(_args):
    """Everything that the other commands need."""
    set_up("dev")
    print(f"ready: {BIN.relative_to(ROOT) / 'focusstack'} --help")
    return 0


def clean(_args):
    """Back to a fresh clone."""
    for name in MADE:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in PYTHON_CODE:
        for cache in list((ROOT / folder).rglob("__pycache__")):
            shutil.rmtree(cache, ignore_errors=True)
    return 0


def failing_checks():
    """Run all of them, print what they say, return the names of those that fail."""
    checks = {
        "ruff check": [PYTHON, "-m", "ruff", "check", *PYTHON_CODE],
        "ruff format": [PYTHON, "-m", "ruff", "format", "--check", *PYTHON_CODE],
        "mypy": [PYTHON, "-m", "mypy"],
        "import-linter": [BIN / "lint-imports", "--no-logo"],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if run(command):
            failed.append(name)
    return failed


COMMANDS = {
    "demo": demo,
    "test": test,
    "check": check,
    "sanitize": script(SANITIZE, needs="dev"),
    "fuzz": script("tests", "fuzz", "fuzz.py", needs="dev"),
    "format": format_code,
    "bench": script("benchmarks", "run.py"),
    "confidence": script("benchmarks", "confidence.py"),
    "colour": script("benchmarks", "colour.py"),
    "speed": script("benchmarks", "speed.py", needs="dev"),
    "kernels": script("benchmarks", "kernels.py", needs="dev"),
    "decoders": script("benchmarks", "decoders.py", needs="dev"),
    "images": script("docs", "make_images.py", needs="dev"),
    "studio": studio,
    "setup": setup,
    "clean": clean,
}

# ---------------------------------------------------------------- setting up


def set_up(extra):
    """Make .venv hold focusstack ('run') and the tools to develop it ('dev'), unless it does."""
    wanted = fingerprint()
    stamp = read_stamp()
    have = stamp["extra"] if stamp.get("built_from") == wanted else None
    if have in (extra, "dev"):
        return
    need_headers()
    need_compiler()
    make_venv()
    install(extra)
    STAMP.write_text(json.dumps({"built_from": wanted, "extra": extra}))


def fingerprint():
    """Changes whenever the installed package would no longer be what is in this folder."""
    digest = hashlib.sha256(str(ROOT).encode())
    for pattern in BUILT_FROM:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_stamp():
    """What .venv was set up for; nothing if it is unusable."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if works([PYTHON, "-c", "import focusstack"]) else {}


def make_venv():
    """A virtual environment with pip; made anew unless a good one is there."""
    if works([PYTHON, "-c", "import sys, pip; assert sys.version_info >= (3, 11)"]):
        STAMP.unlink(missing_ok=True)
        return
    need_venv_module()
    say("creating .venv")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, env=environment(), capture_output=True, text=True)
    if made.returncode:
        raise Trouble(f"could not create {VENV}: {last_line(made.stdout + made.stderr)}")


def install(extra):
    """Build requirements first, so that later builds need no network and compile only changes."""
    import tomllib

    LOG.unlink(missing_ok=True)
    say("fetching what the build needs")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pip("install", *project["build-system"]["requires"])
    programs = missing_programs()
    if programs:
        pip("install", *programs)
    say("fetching libraries and compiling the kernels (a minute or so the first time)")
    target = str(ROOT) if extra == "run" else f"{ROOT}[{extra}]"
    pip("install", "--no-build-isolation", "--editable", target)


def missing_programs():
    """CMake and ninja as requirements, where the machine has none that is new enough."""
    code = (
        "import json; from scikit_build_core.build import get_requires_for_build_editable as ask; "
        "print(json.dumps(ask({})))"
    )
    answer = subprocess.run(
        [str(PYTHON), "-c", code], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    )
    return json.loads(answer.stdout.splitlines()[-1]) if answer.returncode == 0 else []


def pip(*args):
    """Run pip in .venv; its output goes into the log, and out if it fails."""
    command = [str(PYTHON), "-m", "pip", *args]
    with LOG.open("a", encoding="utf-8") as log:
        log.write("$ " + " ".join(command) + "\n")
        log.flush()
        begin = log.tell()
        code = subprocess.run(
            command, cwd=ROOT, env=environment(), stdout=log, stderr=subprocess.STDOUT
        ).returncode
    if code:
        said = LOG.read_bytes()[begin:].decode("utf-8", "replace")
        print("\n".join(said.splitlines()[-25:]), file=sys.stderr)
        raise Trouble(diagnosis(said))


def diagnosis(said):
    """What to do about a failed pip."""
    if re.search(NO_COMPILER, said):
        return "the C++ compiler does not work: " + compiler_advice()
    if re.search(NO_NETWORK, said):
        return (
            "the Python packages could not be fetched: check the network connection "
            "(behind a proxy, set HTTPS_PROXY; with a mirror, set PIP_INDEX_URL) and run this again"
        )
    if "No space left on device" in said:
        return f"the disk is full: .venv in {ROOT} takes up to 1.3 GB"
    return f"setting up failed; all that pip said is in {LOG}"


# ---------------------------------------------------------------- what the system must have


def need_python():
    """A newer Python takes over where this one is too old and there is one."""
    if sys.version_info >= OLDEST:
        return
    names = [f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1)]
    newer = next(filter(None, map(shutil.which, names)), None)
    if newer and os.name != "nt" and "FOCUSSTACK_DEV_RETRIED" not in os.environ:
        os.environ["FOCUSSTACK_DEV_RETRIED"] = "1"
        os.execv(newer, [newer, *sys.argv])
    raise Trouble(
        f"this is Python {sys.version.split()[0]}, focusstack needs 3.11 or newer: install it with "
        "your package manager or from https://www.python.org/downloads/, then run this with it"
    )


def need_venv_module():
    """Debian splits the module that makes virtual environments off Python."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = f"python3.{sys.version_info.minor}-venv"
        advice = f"on Debian: sudo apt install {package}"
        apt_or_trouble("this Python cannot make virtual environments", package, advice)


def need_headers():
    """The kernels are compiled against Python.h, which Debian and Fedora package by itself."""
    if os.name != "nt" and not Path(sysconfig.get_path("include"), "Python.h").exists():
        package = f"python3.{sys.version_info.minor}-dev"
        advice = f"sudo apt install {package} (Debian), sudo dnf install python3-devel (Fedora)"
        apt_or_trouble("Python's C headers are missing", package, advice)


def need_compiler():
    """The build would look for the one that Python was made with; on Windows it finds its own."""
    if os.name == "nt" or os.environ.get("CXX"):
        return
    found = next(filter(shutil.which, ("c++", "g++", "clang++")), None)
    os.environ["CXX"] = found or "c++"
    if not found:
        apt_or_trouble("there is no C++ compiler", "g++", compiler_advice())


def compiler_advice():
    if sys.platform == "darwin":
        return "install one with: xcode-select --install"
    if os.name == "nt":
        return "install the Build Tools of https://visualstudio.microsoft.com/downloads/ with 'C++'"
    return "install one: sudo apt install g++ (Debian), sudo dnf install gcc-c++ (Fedora)"


def apt_or_trouble(what, package, advice):
    """Install a Debian package when that is allowed without asking; else say what to do."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Trouble(f"{what}: {advice}")
    say(f"{what}: apt-get install {package}")
    failed = failing_apt(apt, [package])
    if failed:
        raise Trouble(f"{what}, and apt-get {failed} failed: {advice}")
    importlib.invalidate_caches()


def failing_apt(apt, packages):
    """Install Debian packages; the apt-get command that failed, if one did."""
    quiet = {
        "stdout": subprocess.DEVNULL,
        "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    }
    install = ["install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (["update", "-qq"], install):
        if subprocess.run([apt, *command], **quiet).returncode:
            return command[0]
    return None


def fetch_test_programs():
    """Programs of other makers that read what we write; tests without them say so and skip."""
    missing = [name for name in TEST_PROGRAMS if not shutil.which(name)]
    if not missing:
        return
    packages = [TEST_PROGRAMS[name] for name in missing]
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        say(f"for the tests: apt-get install {' '.join(packages)}")
        if not failing_apt(apt, packages):
            return
    say(
        f"tests that need {' or '.join(missing)} will be skipped; to have them run, install it "
        f"(Debian: sudo apt install {' '.join(packages)})"
    )


# ---------------------------------------------------------------- running things


def environment():
    """Ours, without settings that would send pip or Python somewhere else than .venv."""
    kept = {f"PIP_{name}" for name in PIP_SETTINGS_TO_KEEP}
    drop = {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in drop and (key in kept or not key.startswith("PIP_"))
    }
    fixed = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0", "PIP_NO_INPUT": "1"}
    path = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    return {**env, **fixed, "PYTHONNOUSERSITE": "1", "PATH": path}


def run(command):
    """Run in the project's folder; the exit status."""
    sys.stdout.flush()
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment()).returncode


def run_echoing_last_line(command):
    """The same, and the last line that was printed."""
    command = [str(part) for part in command]
    if sys.stdout.isatty():
        command.append("--color=yes")
    sys.stdout.flush()
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    tail = b""
    while True:
        chunk = os.read(process.stdout.fileno(), 1 << 16)
        if not chunk:
            return process.wait(), last_line(tail.decode("utf-8", "replace"))
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        tail = (tail + chunk)[-4096:]


def works(command):
    """Whether a command can be run and succeeds."""
    try:
        done = subprocess.run(
            [str(part) for part in command], env=environment(), capture_output=True
        )
    except OSError:
        return False
    return done.returncode == 0


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def say(what):
    print(f"-- {what}", flush=True)


def main(args):
    if not args or args[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if args[0] not in COMMANDS:
        print(f"dev.py: there is no {args[0]!r}; use one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        need_python()
        return int(COMMANDS[args[0]](args[1:]))
    except Trouble as trouble:
        print(f"dev.py: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev.py: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
