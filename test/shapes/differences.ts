import { memberOf, type Member, type Operation, type Shape, type StructureShape } from "../../src/wire/shapes.ts";
import type { ModelMember, ModelOperation, ModelShape } from "./model.ts";

/** How the service's protocols write what a model leaves open. */
export interface Protocols {
  readonly rest: boolean;
}

interface Place extends Protocols {
  /** `SendMessageBatch input.Entries[].Id` */
  readonly path: string;
  readonly direction: "input" | "output";
  report(this: void, difference: string): void;
}

/** @returns a sentence for each difference, its place in front: `SendMessage input.DelaySeconds: AWS has it, we do not`. */
export function differencesOf(ours: Operation, theirs: ModelOperation, protocols: Protocols): string[] {
  const found: string[] = [];
  const report = (difference: string) => void found.push(difference);
  for (const direction of ["input", "output"] as const) {
    compareShapes(ours[direction], theirs[direction], { ...protocols, direction, path: `${ours.name} ${direction}`, report });
  }
  if (protocols.rest) compareAnswers(ours, theirs, report);
  return found;
}

function compareAnswers(ours: Operation, theirs: ModelOperation, report: Place["report"]): void {
  const members = Object.values(ours.output.members).map(memberOf);
  const status = ours.status ?? 200;
  if (theirs.status !== undefined && status !== theirs.status)
    report(`${ours.name} output: the status is ${theirs.status} at AWS, ${status} here`);
  if (theirs.output.kind !== "structure" || theirs.output.xmlName === undefined || !members.some(inBody)) return;
  const root = ours.xmlRoot?.response ?? `${ours.name}Result`;
  if (root !== theirs.output.xmlName) report(`${ours.name} output: the root is ${theirs.output.xmlName} at AWS, ${root} here`);
}

function inBody({ traits }: Member): boolean {
  return traits.header === undefined && traits.headerPrefix === undefined && traits.status === undefined && traits.payload === undefined;
}

function compareShapes(ours: Shape, theirs: ModelShape, place: Place): void {
  if (kindOf(ours) !== theirs.kind) return place.report(`${place.path}: a ${theirs.kind} at AWS, a ${kindOf(ours)} here`);
  if (ours.kind === "structure" && theirs.kind === "structure") return compareStructures(ours, theirs, place);
  if (ours.kind === "list" && theirs.kind === "list") {
    if (!ours.flattened && ours.itemName !== theirs.itemName)
      place.report(`${place.path}: items are called ${theirs.itemName} at AWS, ${ours.itemName} here`);
    return compareShapes(ours.member, theirs.member(), { ...place, path: `${place.path}[]` });
  }
  if (ours.kind === "map" && theirs.kind === "map") {
    const names = [ours.keyName, ours.valueName].join("/");
    const theirNames = [theirs.keyName, theirs.valueName].join("/");
    if (names !== theirNames) place.report(`${place.path}: entries are called ${theirNames} at AWS, ${names} here`);
    compareShapes(ours.value, theirs.value(), { ...place, path: `${place.path}{}` });
  }
}

function kindOf(shape: Shape): ModelShape["kind"] {
  return shape.kind === "integer" || shape.kind === "long" || shape.kind === "double" ? "number" : shape.kind;
}

function compareStructures(ours: StructureShape, theirs: ModelShape & { kind: "structure" }, place: Place): void {
  for (const name of theirs.members.keys()) {
    if (!Object.hasOwn(ours.members, name)) place.report(`${place.path}.${name}: AWS has it, we do not`);
  }
  for (const [name, declared] of Object.entries(ours.members)) {
    const at = { ...place, path: `${place.path}.${name}` };
    const member = theirs.members.get(name);
    if (member === undefined) place.report(`${at.path}: we have it, AWS does not`);
    else compareMembers({ name, ours: memberOf(declared), theirs: member }, at);
  }
}

function compareMembers({ name, ours, theirs }: { name: string; ours: Member; theirs: ModelMember }, place: Place): void {
  const { required } = theirs;
  // What we always give, AWS may leave open; what a request must have is the same for both.
  if (required !== ours.required && (place.direction === "input" || required)) {
    place.report(`${place.path}: ${required ? "required" : "optional"} at AWS, ${ours.required ? "required" : "optional"} here`);
  }
  for (const [what, here, there] of bindingsOf(name, ours, theirs)) {
    if (here !== there) place.report(`${place.path}: ${what} is ${there ?? "none"} at AWS, ${here ?? "none"} here`);
  }
  const shape = theirs.shape();
  if (shape.kind === "timestamp" && ours.shape.kind === "timestamp") {
    const format = shape.format ?? (ours.traits.header !== undefined ? "httpDate" : place.rest ? "iso8601" : "epochSeconds");
    if (format !== ours.shape.format) place.report(`${place.path}: written as ${format} at AWS, ${ours.shape.format} here`);
  }
  compareShapes(ours.shape, shape, place);
}

type Binding = [what: string, here: string | undefined, there: string | undefined];

function bindingsOf(name: string, { shape, traits }: Member, theirs: ModelMember): Binding[] {
  const text = (trait: string) => theirs.traits[trait] as string | undefined;
  const yes = (value: unknown) => (value === undefined || value === false ? undefined : "set");
  const elsewhere = traits.header ?? traits.headerPrefix ?? traits.parameter ?? traits.label;
  const wireName: Binding[] = elsewhere === undefined ? [["the name", traits.wireName ?? name, text("xmlName") ?? name]] : [];
  return [
    ...wireName,
    ["the header", traits.header, text("httpHeader")?.toLowerCase()],
    ["the header's prefix", traits.headerPrefix, text("httpPrefixHeaders")?.toLowerCase()],
    ["the parameter", traits.parameter, text("httpQuery")],
    ["the label", yes(traits.label), yes(theirs.traits["httpLabel"])],
    ["the payload", yes(traits.payload), yes(theirs.traits["httpPayload"])],
    ["the attribute", yes(traits.attribute), yes(theirs.traits["xmlAttribute"])],
    ["flattening", yes((shape.kind === "list" || shape.kind === "map") && shape.flattened), yes(theirs.traits["xmlFlattened"])],
  ];
}
