"""Meshes: PLY and GLB, for programs that show, measure or print them."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_decode
from focusstack.model import Mesh
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension

_METRES = 1e-6
"""A micrometre: GLB is always in metres."""
_FLOAT, _UINT, _USHORT = 5126, 5125, 5123
_VERTICES, _INDICES = 34962, 34963
_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942


def write_mesh(path: Path, mesh: Mesh, overwrite: bool = False) -> None:
    """Write a mesh with the colours of its vertices.

    Parameters
    ----------
    path : path
        ``.ply`` (binary, micrometres or pixels, with ``confidence`` of each vertex) or ``.glb``
        (metres; the longer side is 1 where the scale is not known). Its folder must exist.
    mesh : Mesh
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    write = _write_ply if check_extension(path, "mesh") == ".ply" else _write_glb
    with atomic_file(path, overwrite) as temporary, temporary.open("wb") as file:
        write(file, mesh)


def _write_ply(file: BinaryIO, mesh: Mesh) -> None:
    vertices = np.empty(
        len(mesh.vertices), [("at", "<f4", 3), ("colour", "u1", 3), ("confidence", "<f4")]
    )
    vertices["at"], vertices["colour"] = mesh.vertices, mesh.colours
    vertices["confidence"] = mesh.confidence
    faces = np.empty(len(mesh.triangles), [("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, mesh.triangles
    unit = "micrometres" if mesh.metric else "pixels, heights not to scale"
    lines = [
        *("ply", "format binary_little_endian 1.0", f"comment lengths in {unit}"),
        f"element vertex {len(vertices)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {colour}" for colour in ("red", "green", "blue")),
        *("property float confidence", f"element face {len(faces)}"),
        *("property list uchar int vertex_indices", "end_header", ""),
    ]
    file.write("\n".join(lines).encode())
    file.write(vertices.tobytes())
    file.write(faces.tobytes())


def _write_glb(file: BinaryIO, mesh: Mesh) -> None:
    """glTF 2.0 in one file; its colours are linear light, so they need 16 bits."""
    span = np.ptp(mesh.vertices[:, :2], axis=0).max()
    places = mesh.vertices * np.float32(_METRES if mesh.metric else 1 / max(span, 1e-9))
    colours = np.full((len(places), 4), 65535, np.uint16)
    light = srgb_decode(np.arange(256, dtype=np.float32) / np.float32(255))
    colours[:, :3] = np.rint(light * 65535).astype(np.uint16)[mesh.colours]
    parts = [places.astype("<f4"), colours.astype("<u2"), mesh.triangles.astype("<u4")]
    text = json.dumps(_gltf(parts, mesh.metric)).encode()
    text += b" " * (-len(text) % 4)
    sizes = sum(part.nbytes for part in parts)
    file.write(struct.pack("<III", _MAGIC, 2, 28 + len(text) + sizes))
    file.write(struct.pack("<II", len(text), _JSON) + text)
    file.write(struct.pack("<II", sizes, _BIN))
    for part in parts:
        file.write(part.tobytes())


def _gltf(parts: Sequence[npt.NDArray[Any]], metric: bool) -> dict[str, Any]:
    """What is in the file, and where."""
    places, colours, triangles = parts
    ends = {"min": places.min(axis=0).tolist(), "max": places.max(axis=0).tolist()}
    starts = np.cumsum([0, *(part.nbytes for part in parts)]).tolist()
    targets = _VERTICES, _VERTICES, _INDICES
    return {
        "asset": {"version": "2.0", "generator": "focusstack", "extras": {"metric": metric}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {
                "primitives": [
                    {"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2, "material": 0}
                ]
            }
        ],
        "materials": [
            {
                "doubleSided": True,
                "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 1},
            }
        ],
        "buffers": [{"byteLength": starts[-1]}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": part.nbytes, "target": target}
            for start, part, target in zip(starts, parts, targets, strict=False)
        ],
        "accessors": [
            _accessor(0, _FLOAT, len(places), "VEC3") | ends,
            _accessor(1, _USHORT, len(colours), "VEC4") | {"normalized": True},
            _accessor(2, _UINT, triangles.size, "SCALAR"),
        ],
    }


def _accessor(view: int, kind: int, count: int, shape: str) -> dict[str, Any]:
    return {"bufferView": view, "componentType": kind, "count": count, "type": shape}
