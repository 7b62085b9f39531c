/** Where the eye is: it turns around a point, comes nearer, moves along. */

import { type PerspectiveCamera, Vector3 } from "three";

const STEEPEST = 1.5;
const HOME = { yaw: -0.35, pitch: 0.65, distance: 1.75 };

export class Orbit {
  yaw = HOME.yaw;
  /** From straight above, radians. */
  pitch = HOME.pitch;
  distance = HOME.distance;
  readonly target = new Vector3();

  turn(across: number, down: number) {
    this.yaw -= across;
    this.pitch = Math.min(STEEPEST, Math.max(0.001, this.pitch - down));
  }

  zoom(by: number) {
    this.distance = Math.min(6, Math.max(0.15, this.distance / by));
  }

  /** Along the screen, in shares of what is seen. */
  move(right: number, up: number) {
    const [sin, cos, far] = [Math.sin(this.yaw), Math.cos(this.yaw), this.distance * 0.6];
    this.target.x += far * (right * cos - up * sin);
    this.target.y += far * (right * sin + up * cos);
    this.target.clampScalar(-1, 1);
  }

  reset() {
    Object.assign(this, HOME);
    this.target.set(0, 0, 0);
  }

  /** Puts the camera there; it steps back in a narrow view, and from what is `tall` for its length. */
  place(camera: PerspectiveCamera, tall: number) {
    const far = this.distance * Math.max(1, 1.15 / camera.aspect, 1.5 * tall);
    const flat = far * Math.sin(this.pitch);
    camera.position.set(flat * Math.sin(this.yaw), -flat * Math.cos(this.yaw), far * Math.cos(this.pitch));
    camera.position.add(this.target);
    camera.up.set(0, 0, 1);
    camera.lookAt(this.target);
  }
}

/** Mouse, pen and fingers: one turns (moves, with Shift or the right button), two zoom and move. */
export function followPointers(home: HTMLElement, orbit: Orbit, changed: () => void): () => void {
  const held = new Map<number, { x: number; y: number }>();
  const spread = () => {
    const [a, b] = [...held.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, wide: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };
  const down = (event: PointerEvent) => {
    home.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const move = (event: PointerEvent) => {
    const last = held.get(event.pointerId);
    if (!last) return;
    const side = Math.max(1, Math.min(home.clientWidth, home.clientHeight));
    const before = held.size === 2 ? spread() : null;
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const [across, along] = [(event.clientX - last.x) / side, (event.clientY - last.y) / side];
    if (before) {
      const now = spread();
      orbit.zoom(now.wide / before.wide);
      orbit.move((before.x - now.x) / side, (now.y - before.y) / side);
    } else if (event.shiftKey || event.buttons & 2) orbit.move(-across, along);
    else orbit.turn(across * 3, along * 3);
    changed();
  };
  const up = (event: PointerEvent) => held.delete(event.pointerId);
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    orbit.zoom(event.deltaY < 0 ? 1.12 : 1 / 1.12);
    changed();
  };
  const still = (event: Event) => event.preventDefault();
  home.addEventListener("pointerdown", down);
  home.addEventListener("pointermove", move);
  home.addEventListener("pointerup", up);
  home.addEventListener("pointercancel", up);
  home.addEventListener("wheel", wheel, { passive: false });
  home.addEventListener("contextmenu", still);
  return () => {
    home.removeEventListener("pointerdown", down);
    home.removeEventListener("pointermove", move);
    home.removeEventListener("pointerup", up);
    home.removeEventListener("pointercancel", up);
    home.removeEventListener("wheel", wheel);
    home.removeEventListener("contextmenu", still);
  };
}

/** What a key does to the view; whether it does anything. */
export function pressed(event: KeyboardEvent, orbit: Orbit): boolean {
  const arrows: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const arrow = arrows[event.key];
  if (arrow && event.shiftKey) orbit.move(0.08 * arrow[0], -0.08 * arrow[1]);
  else if (arrow) orbit.turn(0.12 * arrow[0], 0.12 * arrow[1]);
  else if (event.key === "+" || event.key === "=") orbit.zoom(1.2);
  else if (event.key === "-") orbit.zoom(1 / 1.2);
  else if (event.key === "0" || event.key === "Home") orbit.reset();
  else return false;
  return true;
}
