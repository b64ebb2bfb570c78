/** CIE L*a*b* under D65: lightness and two axes of colour in which equal distances look equally far. */
export interface Lab {
  /** 0 black to 100 white. */
  readonly lightness: number;
  /** Green below 0, red above. */
  readonly a: number;
  /** Blue below 0, yellow above. */
  readonly b: number;
}

const WHITE = { x: 0.95047, y: 1, z: 1.08883 };
const EPSILON = 216 / 24389;
const KAPPA = 24389 / 27;

/** sRGB byte → linear light, as a table: every pixel asks three times. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const fromLinear = (light: number): number => {
  const value = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(1, Math.max(0, value)) * 255);
};

const forward = (part: number): number => (part > EPSILON ? Math.cbrt(part) : (KAPPA * part + 16) / 116);
const backward = (value: number): number => (value ** 3 > EPSILON ? value ** 3 : (116 * value - 16) / KAPPA);

/** @param red @param green @param blue sRGB bytes. Matrix of IEC 61966-2-1. */
export function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [LINEAR[red] ?? 0, LINEAR[green] ?? 0, LINEAR[blue] ?? 0];
  const x = forward((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE.x);
  const y = forward((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / WHITE.y);
  const z = forward((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE.z);
  return { lightness: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z) };
}

/** The nearest sRGB bytes. */
export function rgbOf({ lightness, a, b }: Lab): readonly [number, number, number] {
  const fy = (lightness + 16) / 116;
  const x = backward(fy + a / 500) * WHITE.x;
  const y = backward(fy) * WHITE.y;
  const z = backward(fy - b / 200) * WHITE.z;
  return [
    fromLinear(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    fromLinear(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    fromLinear(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
  ];
}
