/** What methods and steps are called. */

export const METHODS: Record<string, string> = {
  auto: "Auto: the best of both",
  pyramid: "Pyramid: hairs and crossings",
  depthmap: "Depth map: smooth surfaces",
  wavelet: "Wavelet",
  average: "Average",
  laplacian: "Laplacian: the original",
};

export const STEPS: Record<string, string> = {
  align: "Aligning",
  clean: "Looking for dust",
  noise: "Measuring noise",
  depth: "Finding depth",
  survey: "Finding depth",
  veil: "Judging veils",
  fuse: "Fusing",
  save: "Saving",
};
