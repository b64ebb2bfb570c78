import { addBits } from "./filter-bits.ts";
import type { FilterIndex } from "./filter-index.ts";
import type { Group, Place, PlaceValues } from "./filter-places.ts";
import type { FilterReaders } from "./filter-readers.ts";
import { ARRAY, FALSE, NULL, NUMBER, OBJECT, STRING, WHOLE, type JsonReader } from "./json-reader.ts";

const DOT = 0x2e;
const NO_NODES = new Int32Array(0);
const NO_CODES = new Uint16Array(0);

export interface FilteredAttribute {
  readonly name: string;
  /** `String`, `String.Array`, `Number`, `Binary`, each but the second with a label of the publisher's. */
  readonly dataType: string;
  readonly value: string;
}

/** Notes at the places of a policy what stands there in a message. It passes what the policy does not speak of. */
export class BodyFilter {
  readonly #index: FilterIndex;
  #json: JsonReader | undefined;
  #nodes: Int32Array = NO_NODES;
  #codes: Uint16Array = NO_CODES;
  readonly #message: Int32Array;
  /** Scopes of elements that are not in use. */
  readonly #free: Int32Array[] = [];
  /** Of the scope in which it is noted now, and the last that was given. */
  #scope = 0;
  #lastScope = 0;
  /** Of the object that was looked through last. */
  #object = 0;
  /** Of objects that are being looked through: places, and where the values stand that count there. */
  readonly #places: Place[] = [];
  readonly #values: number[] = [];
  #waiting = 0;
  /** Of an attribute: its elements are settled together. */
  #together = false;
  /** Values so far at places that ask for them. */
  #noted = 0;
  readonly #span = { start: 0, end: 0 };

  constructor(index: FilterIndex) {
    this.#index = index;
    this.#message = index.newScope();
  }

  /** To be called before each message. @returns the scope in which it will be noted what holds of it. */
  begin(): Int32Array {
    this.#message.fill(0);
    this.#scope = this.#lastScope += 1;
    this.#waiting = 0;
    this.#noted = 0;
    return this.#message;
  }

  /** Notes what a body holds that was read. False: it is no JSON object. */
  noteObject(json: JsonReader): boolean {
    if (json.nodes[0] !== OBJECT) return false;
    this.#take(json, false);
    this.#objectAt(0, this.#index.root, this.#message);
    this.#letGo();
    return true;
  }

  /** Notes what an attribute holds; nothing of the type String.Array where it is no JSON array. */
  noteAttribute({ dataType, value }: FilteredAttribute, place: Place, readers: FilterReaders): void {
    if (dataType === "String.Array") {
      const json = readers.read(value);
      if (json?.nodes[0] === ARRAY) this.#noteArray(json, place);
      return;
    }
    addBits(place.excluded, this.#message);
    const { values } = place;
    if (values === undefined) return;
    readers.plain.write(value);
    const isNew = dataType.startsWith("Number")
      ? values.isNew(Number(value), this.#scope)
      : values.isNewText(readers.plain.codes, { start: 0, end: value.length }, this.#scope);
    if (!isNew) return;
    values.note(this.#message);
    values.settle(this.#message);
  }

  /** An anything-but holds if it does of every element. */
  #noteArray(json: JsonReader, place: Place): void {
    const before = this.#noted;
    this.#take(json, true);
    this.#arrayAt(0, place, this.#message);
    this.#letGo();
    if (this.#noted > before) place.values?.settle(this.#message);
  }

  #take(json: JsonReader, together: boolean): void {
    this.#json = json;
    this.#nodes = json.nodes;
    this.#codes = json.codes;
    this.#together = together;
  }

  /** What was needed for a long message is not kept by each policy. */
  #letGo(): void {
    this.#json = undefined;
    this.#nodes = NO_NODES;
    this.#codes = NO_CODES;
  }

  #valueAt(at: number, place: Place, scope: Int32Array): void {
    const kind = this.#nodes[at];
    if (kind === OBJECT) this.#objectAt(at, place, scope);
    else if (kind === ARRAY) this.#arrayAt(at, place, scope);
    else {
      if (place.excluded.length > 0) addBits(place.excluded, this.#message);
      if (place.values !== undefined) this.#scalarAt(at, place.values, scope);
    }
  }

  #scalarAt(at: number, values: PlaceValues, scope: Int32Array): void {
    const isNew =
      this.#nodes[at] === STRING
        ? values.isNewText(this.#codes, this.#spanAt(at), this.#scope)
        : values.isNew(this.#otherAt(at, values), this.#scope);
    if (!isNew) return;
    values.note(scope);
    this.#noted += 1;
    if (!this.#together) values.settle(scope);
  }

  #spanAt(at: number): { start: number; end: number } {
    const span = this.#span;
    span.start = this.#nodes[at + 1] ?? 0;
    span.end = this.#nodes[at + 2] ?? 0;
    return span;
  }

  #otherAt(at: number, values: PlaceValues): number | boolean | null {
    const kind = this.#nodes[at];
    if (kind === WHOLE) return this.#nodes[at + 1] ?? 0;
    if (kind === NUMBER) {
      if (!values.asksForNumbers) return 0;
      return this.#json?.numberAt(this.#nodes[at + 1] ?? 0, this.#nodes[at + 2] ?? 0) ?? 0;
    }
    return kind === NULL ? null : kind !== FALSE;
  }

  /** Of several values at one key the last counts, so that all keys are looked at first. */
  #objectAt(at: number, place: Place, scope: Int32Array): void {
    if (place.children.size === 0) return;
    const nodes = this.#nodes;
    const before = this.#waiting;
    const object = (this.#object += 1);
    const end = nodes[at + 1] ?? 0;
    for (let key = at + 3; key < end; key = this.#behind(key + 3)) {
      const child = this.#childAt(key, place);
      if (child === undefined) continue;
      if (child.object !== object) {
        child.object = object;
        child.slot = this.#waiting;
        this.#places[this.#waiting++] = child;
      }
      this.#values[child.slot] = key + 3;
    }
    const after = this.#waiting;
    for (let slot = before; slot < after; slot += 1) {
      const child = this.#places[slot];
      if (child !== undefined) this.#valueAt(this.#values[slot] ?? 0, child, scope);
    }
    this.#waiting = before;
  }

  /** The node behind a value and all that is within. */
  #behind(at: number): number {
    const nodes = this.#nodes;
    return (nodes[at] ?? 0) <= ARRAY ? (nodes[at + 1] ?? 0) : at + 3;
  }

  /** Dots within a key are steps like those between keys. */
  #childAt(key: number, place: Place): Place | undefined {
    const codes = this.#codes;
    const nodes = this.#nodes;
    const end = nodes[key + 1] ?? 0;
    let start = nodes[key] ?? 0;
    if (nodes[key + 2] === 0) return place.child(codes, start, end);
    let child: Place | undefined = place;
    for (let at = start; at < end && child !== undefined; at += 1) {
      if (codes[at] !== DOT) continue;
      child = child.child(codes, start, at);
      start = at + 1;
    }
    return child?.child(codes, start, end);
  }

  /** Arrays within arrays are as one; elements of a group have a scope of their own. */
  #arrayAt(at: number, place: Place, around: Int32Array): void {
    const nodes = this.#nodes;
    const { group, elements, excluded } = place;
    const areTogether = group?.ofOneValue === true;
    const end = nodes[at + 1] ?? 0;
    for (let element = at + 3; element < end;) {
      const kind = nodes[element] ?? 0;
      if (kind > ARRAY) {
        if (excluded.length > 0) addBits(excluded, this.#message);
        if (areTogether) this.#scalarElementAt(element, place, around);
        else if (elements !== undefined) this.#scalarAt(element, elements, around);
        element += 3;
        continue;
      }
      if (kind === ARRAY) this.#arrayAt(element, place, around);
      else if (group === undefined) this.#objectAt(element, place, around);
      else this.#objectElementAt(element, place, { group, around });
      element = this.#behind(element);
    }
  }

  #objectElementAt(at: number, place: Place, { group, around }: { group: Group; around: Int32Array }): void {
    const outer = this.#scope;
    const before = this.#noted;
    const scope = this.#free.pop() ?? this.#index.newScope();
    this.#scope = this.#lastScope += 1;
    this.#objectAt(at, place, scope);
    const noted = this.#noted - before;
    if (noted > 1 || (noted > 0 && (group.alone || group.ofOneValue))) this.#index.raise(group, scope, around);
    if (noted > 0) this.#index.clear(scope);
    this.#scope = outer;
    this.#free.push(scope);
  }

  /** One that may satisfy several conditions. All that counts of it is what holds for it: the same once more adds nothing. */
  #scalarElementAt(at: number, { values, group }: Place, around: Int32Array): void {
    if (values === undefined || group === undefined) return;
    const isNew =
      this.#nodes[at] === STRING
        ? values.isNewTextAround(this.#codes, this.#spanAt(at), this.#scope)
        : values.isNewAround(this.#otherAt(at, values), this.#scope);
    if (!isNew) return;
    const scope = this.#free.pop() ?? this.#index.newScope();
    values.note(scope);
    values.settle(scope);
    this.#noted += 1;
    this.#index.raise(group, scope, around);
    this.#index.clear(scope);
    this.#free.push(scope);
  }
}
