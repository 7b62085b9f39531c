/** What is known of the pixel under the pointer. */

import { useCallback, useRef, useState } from "preact/hooks";
import { type Pixel, pixelAt, type Version } from "./api";

/** What is known of the pixel that the pointer is at, and how to say where it is. */
export function usePixel(version: Version | undefined): [Pixel | null, (x: number, y: number) => void] {
  const [pixel, setPixel] = useState<Pixel | null>(null);
  const asked = useRef(0);
  const point = useCallback(
    (x: number, y: number) => {
      if (!version || x < 0 || y < 0 || x >= version.width || y >= version.height) {
        setPixel(null);
        return;
      }
      const mine = ++asked.current;
      // One question at a time: what the pointer has passed is of no interest any more.
      setTimeout(() => {
        if (mine !== asked.current) return;
        pixelAt(version.number, x, y)
          .then((said) => mine === asked.current && setPixel(said))
          .catch(() => setPixel(null));
      }, 60);
    },
    [version],
  );
  return [pixel, point];
}

/** The pixel under the pointer, in the picture's own bit depth. */
export function Readout({ pixel, version }: { pixel: Pixel | null; version: Version | undefined }) {
  if (!pixel || !version) return <p class="readout">&nbsp;</p>;
  const parts = [`${pixel.x}, ${pixel.y}`, pixel.value.join(" ")];
  if (pixel.frame !== undefined) parts.push(`frame ${version.frames[pixel.frame]}`);
  if (pixel.depth !== undefined) parts.push(pixel.depth === null ? "depth unknown" : `depth ${pixel.depth}`);
  if (pixel.confidence !== undefined) parts.push(`${Math.round(100 * pixel.confidence)} % sure`);
  if (pixel.painted) parts.push("retouched; told as it was fused");
  return <p class="readout">{parts.join("  ·  ")}</p>;
}
