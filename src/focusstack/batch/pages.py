"""Pages about a batch: what was found, with a contact sheet of each group, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from focusstack.batch.groups import Found, Group
from focusstack.batch.job import DONE, extra_paths
from focusstack.batch.run import Made
from focusstack.colour import eight_bits
from focusstack.errors import FocusstackError
from focusstack.execute import ahead
from focusstack.model import Pixels
from focusstack.report import photograph, plural, seconds
from focusstack.steps.read import FrameSource, open_source, reduction
from focusstack.steps.write import atomic_file, software

INDEX, SHEETS = "focusstack-index.html", "focusstack-found.html"
SHEET_FRAMES, SHEET_SIDE, CARD_SIDE = 8, 160, 480
"""Frames on a contact sheet, and longer sides of thumbnails, px."""


def write_index(folder: Path, made: Sequence[Made], threads: int) -> Path:
    """Write the page of results into the output folder; it replaces that of an earlier run."""
    done = sum(one.outcome.state == DONE for one in made)
    spent = seconds(sum(one.outcome.seconds for one in made))
    lede = f"{done} of {plural(len(made), 'stack')} made; they took {spent}."
    drawn = ahead(lambda one: _card(folder, one), made, threads)
    cards = "\n".join(card for _, card in drawn)
    return _write(folder / INDEX, "Batch of focus stacks", lede, f'<ul class="cards">{cards}</ul>')


def write_sheets(folder: Path, found: Found, threads: int) -> Path:
    """Write the page of all groups that were found, each with some of its pictures."""
    wanted = len(found.wanted)
    lede = f"{plural(len(found.groups), 'group')} of pictures; {wanted} are to be stacked."
    drawn = ahead(_row, found.groups, threads)
    rows = "\n".join(row for _, row in drawn)
    unusable = "".join(f"<li>{escape(f'{path}: {why}')}</li>" for path, why in found.unusable)
    more = f"<h2>No frames</h2><ul>{unusable}</ul>" if unusable else ""
    return _write(folder / SHEETS, "Stacks found", lede, f'<ul class="rows">{rows}</ul>{more}')


def _write(path: Path, title: str, lede: str, body: str) -> Path:
    style = files("focusstack.batch").joinpath("pages.css").read_text(encoding="utf-8")
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
<p class="lede">{escape(lede)}</p>
{body}
</main>
<footer>Made by {escape(software())}.</footer>
</body>
</html>
"""
    with atomic_file(path, overwrite=True) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")
    return path


def _card(folder: Path, made: Made) -> str:
    job, outcome = made.job, made.outcome
    name = escape(job.name)
    if outcome.state != DONE:
        said = escape(outcome.error + (f" ({outcome.hint})" if outcome.hint else ""))
        return (
            f'<li><div class="none">no picture</div><h2>{name}</h2>'
            f'<p class="about failed">failed: {said}</p></li>'
        )
    link = quote(job.output.relative_to(folder).as_posix())
    extras = [
        f'<a href="{quote(path.relative_to(folder).as_posix())}">{kind}</a>'
        for kind, path in extra_paths(job.output, job.extras).items()
    ]
    picture = _thumbnail(open_source([job.output]), 0, CARD_SIDE)
    shown = f'<img src="{picture}" alt="{name}">' if picture else '<div class="none">gone</div>'
    return (
        f'<li><a href="{link}">{shown}</a><h2>{name}</h2><p class="about">{_facts(made)}</p>'
        f'<p class="about">{" · ".join(extras)}</p></li>'
    )


def _facts(made: Made) -> str:
    facts, outcome = made.outcome.facts, made.outcome
    parts = ['<span class="done">done</span>']
    if facts:
        used, count = facts["used"], facts["frames"]
        parts.append(plural(used, "frame") + (f" of {count}" if used != count else ""))
        parts.append(f"{facts['width']} × {facts['height']}")
        parts.append(seconds(outcome.seconds))
        parts += [escape(f"left out {text}") for text in facts["left_out"]]
    return " · ".join([*parts, *map(escape, outcome.warnings)])


def _row(group: Group) -> str:
    state = (
        '<span class="done">to be stacked</span>'
        if group.wanted
        else ('<span class="left">left out</span>')
    )
    some = _evenly(len(group.frames))
    frames = open_source([group.frames[k] for k in some])
    figures = "".join(_figure(frames, k) for k in range(len(some)))
    return (
        f"<li><h2>{escape(group.name)}</h2>"
        f'<p class="about">{state} · {plural(len(group.frames), "picture")} · '
        f"{escape(group.kind)}, {100 * group.sure:.0f} % sure: {escape(group.why)}</p>"
        f'<div class="sheet">{figures}</div></li>'
    )


def _evenly(count: int) -> list[int]:
    if count <= SHEET_FRAMES:
        return list(range(count))
    return [round(k * (count - 1) / (SHEET_FRAMES - 1)) for k in range(SHEET_FRAMES)]


def _figure(frames: FrameSource, index: int) -> str:
    name = escape(frames.paths[index].name)
    picture = _thumbnail(frames, index, SHEET_SIDE)
    shown = f'<img src="{picture}" alt="" loading="lazy">' if picture else "unreadable"
    return f'<figure>{shown}<figcaption title="{name}">{name}</figcaption></figure>'


def _thumbnail(frames: FrameSource, index: int, side: int) -> str:
    """A data URI, at most ``side`` px wide and high; empty if the picture cannot be read."""
    try:
        info = frames.info(index)
        pixels = frames.read_reduced(index, reduction(info.width * info.height, side * side))
    except FocusstackError:
        return ""
    return photograph(_small(pixels, side), quality=80)


def _small(pixels: Pixels, side: int) -> Pixels:
    import cv2

    by = min(1.0, side / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * by)), max(1, round(pixels.shape[0] * by))
    small: Pixels = cv2.resize(eight_bits(pixels), size, interpolation=cv2.INTER_AREA)
    return small.reshape(size[1], size[0], pixels.shape[2])
