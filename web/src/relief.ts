/** The surface itself: a grid of heights with the picture on it, lit from a side. */

import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  DirectionalLight,
  Mesh,
  MeshLambertMaterial,
  PerspectiveCamera,
  Raycaster,
  Scene,
  SRGBColorSpace,
  TextureLoader,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { Orbit } from "./orbit";

export type Point = [number, number];

export interface Grid {
  columns: number;
  rows: number;
  /** Pixels of the picture to a cell. */
  step: number;
  width: number;
  height: number;
  /** Towards the camera, px of the picture, 0 in the middle. */
  heights: Float32Array;
  /** 0 to 255. */
  confidence: Uint8Array;
}

/** Of 255; as in focusstack.surface. */
const SURE = 128;
const PLAIN = 0xb4b4b4;

export interface Looks {
  /** Factor on heights. */
  stretch: number;
  /** Where the light comes from, degrees: 0 is right, 90 is above. */
  light: number;
  textured: boolean;
  /** Whether what is not sure is left out. */
  sureOnly: boolean;
}

export class Relief {
  readonly orbit = new Orbit();
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(35, 1, 0.01, 1000);
  private readonly lamp = new DirectionalLight(0xffffff, 0.85 * Math.PI);
  private readonly material = new MeshLambertMaterial({ color: 0xffffff, vertexColors: true, side: 2 });
  private readonly mesh: Mesh<BufferGeometry, MeshLambertMaterial>;
  private readonly watch: ResizeObserver;
  private looks: Looks = { stretch: 1, light: 135, textured: true, sureOnly: false };
  private asked = 0;
  /** From the lowest to the highest, in lengths of the longer side, not stretched. */
  private readonly tall: number;

  /** Throws where there is no WebGL. `drawn` is called after each picture, with whether all is there. */
  constructor(
    private readonly home: HTMLElement,
    private readonly grid: Grid,
    picture: string,
    private readonly drawn: (complete: boolean) => void,
  ) {
    const span = grid.heights.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [0, 0]);
    this.tall = (span[1] - span[0]) / Math.max(grid.width, grid.height);
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    home.append(this.renderer.domElement);
    this.mesh = new Mesh(shape(grid), this.material);
    this.scene.add(this.mesh, this.lamp, new AmbientLight(0xffffff, 0.4 * Math.PI));
    new TextureLoader().load(picture, (texture) => {
      texture.colorSpace = SRGBColorSpace;
      texture.anisotropy = this.renderer.capabilities.getMaxAnisotropy();
      this.texture = texture;
      this.show(this.looks);
    });
    this.renderer.domElement.addEventListener("webglcontextrestored", () => this.draw());
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(home);
  }

  private texture: ReturnType<TextureLoader["load"]> | null = null;

  show(looks: Looks) {
    const holes = looks.sureOnly !== this.looks.sureOnly;
    this.looks = looks;
    this.mesh.scale.z = looks.stretch;
    const map = looks.textured ? this.texture : null;
    if (this.material.map !== map) {
      this.material.map = map;
      this.material.needsUpdate = true;
    }
    this.material.color.set(looks.textured && this.texture ? 0xffffff : PLAIN);
    if (holes) this.mesh.geometry.setIndex(triangles(this.grid, looks.sureOnly));
    const around = (looks.light * Math.PI) / 180;
    this.lamp.position.set(Math.cos(around), Math.sin(around), 0.9);
    this.draw();
  }

  /** Draws soon, once for all that was asked for meanwhile. */
  draw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.orbit.place(this.camera, this.tall * this.looks.stretch);
      this.camera.updateMatrixWorld();
      this.renderer.render(this.scene, this.camera);
      this.drawn(this.texture !== null);
    });
  }

  /** Where a pixel of the picture is in the view, CSS px. */
  project([x, y]: Point): Point {
    const at = this.place(x, y).project(this.camera);
    return [((at.x + 1) / 2) * this.home.clientWidth, ((1 - at.y) / 2) * this.home.clientHeight];
  }

  /** The pixel of the picture that is seen at a place of the window; null beside the surface. */
  pick(clientX: number, clientY: number): Point | null {
    const box = this.home.getBoundingClientRect();
    const at = new Vector2(
      ((clientX - box.left) / box.width) * 2 - 1,
      1 - ((clientY - box.top) / box.height) * 2,
    );
    const ray = new Raycaster();
    ray.setFromCamera(at, this.camera);
    const hit = ray.intersectObject(this.mesh)[0]?.uv;
    return hit ? [hit.x * this.grid.width, (1 - hit.y) * this.grid.height] : null;
  }

  private place(x: number, y: number): Vector3 {
    const { columns, rows, step, width, height, heights } = this.grid;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x / step)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y / step)));
    const side = Math.max(width, height);
    const up = (heights[row * columns + column] / side) * this.looks.stretch;
    return new Vector3((x - width / 2) / side, (height / 2 - y) / side, up);
  }

  private fit() {
    const [wide, high] = [Math.max(1, this.home.clientWidth), Math.max(1, this.home.clientHeight)];
    this.renderer.setSize(wide, high, false);
    this.camera.aspect = wide / high;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  dispose() {
    cancelAnimationFrame(this.asked);
    this.watch.disconnect();
    this.mesh.geometry.dispose();
    this.material.dispose();
    this.texture?.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}

/** A vertex in the middle of each cell; the longer side is 1 long. What is not sure is darker. */
function shape(grid: Grid): BufferGeometry {
  const { columns, rows, step, width, height, heights, confidence } = grid;
  const side = Math.max(width, height);
  const places = new Float32Array(3 * columns * rows);
  const corners = new Float32Array(2 * columns * rows);
  const colours = new Float32Array(3 * columns * rows);
  for (let k = 0; k < columns * rows; k += 1) {
    const x = Math.min(width, ((k % columns) + 0.5) * step);
    const y = Math.min(height, (Math.floor(k / columns) + 0.5) * step);
    places.set([(x - width / 2) / side, (height / 2 - y) / side, heights[k] / side], 3 * k);
    corners.set([x / width, 1 - y / height], 2 * k);
    colours.fill(confidence[k] < SURE ? 0.35 : 1, 3 * k, 3 * k + 3);
  }
  const made = new BufferGeometry();
  made.setAttribute("position", new BufferAttribute(places, 3));
  made.setAttribute("uv", new BufferAttribute(corners, 2));
  made.setAttribute("color", new BufferAttribute(colours, 3));
  made.setIndex(triangles(grid, false));
  made.computeVertexNormals();
  return made;
}

function triangles({ columns, rows, confidence }: Grid, sureOnly: boolean): BufferAttribute {
  const found: number[] = [];
  for (let row = 0; row + 1 < rows; row += 1)
    for (let column = 0; column + 1 < columns; column += 1) {
      const a = row * columns + column;
      const [b, c, d] = [a + 1, a + columns, a + columns + 1];
      if (!sureOnly || [a, b, c, d].every((k) => confidence[k] >= SURE)) found.push(a, c, b, b, c, d);
    }
  return new BufferAttribute(new Uint32Array(found), 1);
}
