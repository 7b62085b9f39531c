"""How a TIFF is packed, without loss."""

from __future__ import annotations

from typing import Literal, get_args

Compression = Literal["deflate", "zstd", "lzw", "none"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)
