/** A line chart as SVG: both axes logarithmic, readable on light and on dark ground. */
export interface Chart {
  readonly title: string;
  readonly across: string;
  readonly up: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** A point at 0 across stands left of all others. */
  readonly points: readonly Point[];
}

export type Point = readonly [across: number, up: number];

const [WIDTH, HEIGHT] = [720, 380];
const FRAME = { left: 70, right: 20, top: 70, bottom: 60 };

/** Told apart also by those who see no red or green. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];

const STYLE = `
  .paper { fill: #ffffff } text { fill: #24292f; font: 13px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #d0d7de } .line { fill: none; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) { .paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } }`;

export function asSvg({ title, across, up, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const x = scale(
    points.map(([value]) => value),
    [FRAME.left, WIDTH - FRAME.right],
  );
  const y = scale(
    points.map(([, value]) => value),
    [HEIGHT - FRAME.bottom, FRAME.top],
  );
  const [bottom, top] = [HEIGHT - FRAME.bottom, FRAME.top];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    text(title, { x: FRAME.left, y: 26, className: "title" }),
    ...lines.flatMap(({ name }, index) => legend(name, index)),
    ...x.ticks.flatMap((value) => [
      `<line class="grid" x1="${x.at(value)}" x2="${x.at(value)}" y1="${top}" y2="${bottom}"/>`,
      text(short(value), { x: x.at(value), y: bottom + 20, anchor: "middle" }),
    ]),
    ...y.ticks.flatMap((value) => [
      `<line class="grid" x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y.at(value)}" y2="${y.at(value)}"/>`,
      text(short(value), { x: FRAME.left - 8, y: y.at(value) + 4, anchor: "end" }),
    ]),
    text(across, { x: (FRAME.left + WIDTH - FRAME.right) / 2, y: HEIGHT - 14, anchor: "middle" }),
    `<text transform="translate(16 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(up)}</text>`,
    ...lines.flatMap((line, index) => drawn(line, { x, y, colour: colourOf(index) })),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Powers of ten around the values; 0, which has no logarithm, stands one power below the least. */
function scale(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const positive = values.filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...positive)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const first = values.includes(0) ? least - 1 : least;
  const at = (value: number): number =>
    Math.round((from + ((value === 0 ? first : Math.log10(value)) - first) * ((to - from) / (most - first))) * 10) / 10;
  const powers = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index));
  return { ticks: values.includes(0) ? [0, ...powers] : powers, at };
}

function drawn({ points }: Line, { x, y, colour }: { x: Scale; y: Scale; colour: string }): string[] {
  const at = points.map(([across, up]) => [x.at(across), y.at(up)] as const);
  return [
    `<polyline class="line" stroke="${colour}" points="${at.map((pair) => pair.join(",")).join(" ")}"/>`,
    ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
  ];
}

function legend(name: string, index: number): string[] {
  const left = FRAME.left + index * 160;
  return [
    `<line x1="${left}" x2="${left + 22}" y1="48" y2="48" stroke="${colourOf(index)}" stroke-width="2.5"/>`,
    text(name, { x: left + 28, y: 52 }),
  ];
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "currentColor";
}

function text(content: string, at: { x: number; y: number; anchor?: string; className?: string }): string {
  const more = `${at.anchor === undefined ? "" : ` text-anchor="${at.anchor}"`}${at.className === undefined ? "" : ` class="${at.className}"`}`;
  return `<text x="${at.x}" y="${at.y}"${more}>${escaped(content)}</text>`;
}

/** `10k`, `1M`. */
function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(value);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
