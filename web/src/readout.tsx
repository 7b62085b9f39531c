/** What is known of the pixel under the pointer. */

import type { Pixel, Version } from "./api";

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
