/** The keys, in a dialog. */

import { useEffect, useRef } from "preact/hooks";

const KEYS = [
  ["j, k", "the next frame, the one before"],
  ["Alt+↑, Alt+↓", "move the frame that has the focus in the list"],
  ["1 to 9", "a result"],
  ["f, held", "the frame that the pixel under the pointer came from"],
  ["w", "compare with another result; move the line with the slider"],
  ["d", "depth in colour"],
  [", and .", "the frames of a result one after another in depth"],
  ["c", "show where values are clipped"],
  ["t", "depth as a surface to turn, in 3-D"],
  ["p", "make a preview"],
  ["b", "take the brush, or put it away"],
  ["s", "paint from the frame that is sharpest under the pointer"],
  ["[ and ]", "a smaller brush, a larger one"],
  ["Ctrl+Z, Ctrl+Y", "undo a stroke, paint it again"],
  ["+, -, arrows", "zoom and move, when the picture has the focus"],
  ["arrows, Shift and arrows, 0", "turn the surface, move it, reset it; move an end of its line"],
  ["?", "these keys"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="keys-h">
      <h2 id="keys-h">Keys</h2>
      <dl>
        {KEYS.map(([key, text]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{text}</dd></div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>Close</button>
    </dialog>
  );
}
