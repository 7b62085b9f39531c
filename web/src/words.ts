/** What methods and steps are called. */

import type { Job } from "./api";

export const METHODS: Record<string, string> = {
  auto: "Auto: the best of both",
  pyramid: "Pyramid: hairs and crossings",
  depthmap: "Depth map: smooth surfaces",
  wavelet: "Wavelet",
  average: "Average",
  laplacian: "Laplacian: the original",
};

const STEPS: Record<string, string> = {
  align: "Aligning",
  clean: "Looking for dust",
  noise: "Measuring noise",
  depth: "Finding depth",
  survey: "Finding depth",
  veil: "Judging veils",
  fuse: "Fusing",
  save: "Saving",
  open: "Opening the result",
  paint: "Painting the strokes",
  view: "Drawing views",
  write: "Writing",
};

/** What work is at, for people. */
export const stepOf = ({ step }: Job): string => (step ? (STEPS[step] ?? step) : "Starting");
