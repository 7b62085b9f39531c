/** Viewers that show the same part of their pictures, whichever of them is moved. */

import type OpenSeadragon from "openseadragon";

export class Together {
  private readonly viewers = new Set<OpenSeadragon.Viewer>();
  /** The one that the person has in hand: only it moves the others, or they would move it back. */
  private leader: OpenSeadragon.Viewer | null = null;

  join(viewer: OpenSeadragon.Viewer): () => void {
    const lead = () => {
      this.leader = viewer;
    };
    const home = viewer.element;
    const signs = ["pointerenter", "pointerdown", "wheel", "focusin", "keydown"];
    signs.forEach((sign) => home.addEventListener(sign, lead, { capture: true, passive: true }));
    viewer.addHandler("viewport-change", () => this.moved(viewer));
    this.viewers.add(viewer);
    this.leader ??= viewer;
    return () => {
      signs.forEach((sign) => home.removeEventListener(sign, lead, { capture: true }));
      this.viewers.delete(viewer);
      if (this.leader === viewer) this.leader = [...this.viewers][0] ?? null;
    };
  }

  /** Show in a viewer what the leader shows. */
  adopt(viewer: OpenSeadragon.Viewer): void {
    if (this.leader && this.leader !== viewer) copy(this.leader, viewer);
  }

  private moved(from: OpenSeadragon.Viewer): void {
    if (from !== this.leader) return;
    for (const other of this.viewers) if (other !== from) copy(from, other);
  }
}

/** Pictures are 1 wide in a viewer's own coordinates, so the same place is the same part of them. */
function copy(from: OpenSeadragon.Viewer, to: OpenSeadragon.Viewer): void {
  if (!from.world.getItemCount() || !to.world.getItemCount()) return;
  to.viewport.zoomTo(from.viewport.getZoom(true), undefined, true);
  to.viewport.panTo(from.viewport.getCenter(true), true);
}
