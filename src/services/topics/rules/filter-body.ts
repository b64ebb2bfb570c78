import { addBits } from "./filter-bits.ts";
import type { FilterIndex } from "./filter-index.ts";
import type { Group, Place, PlaceValues, Seen } from "./filter-places.ts";
import type { FilterReaders } from "./filter-readers.ts";
import type { ValueIndex } from "./filter-values.ts";
import { ARRAY, KEY, KIND, KIND_BITS, NULL, OBJECT, STRING, TRUE, WHOLE, WORD, type JsonReader } from "./json-reader.ts";

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
    if (((json.nodes[0] ?? 0) & KIND) !== OBJECT) return false;
    this.#take(json, false);
    this.#objectAt(0, this.#index.root, this.#message);
    this.#letGo();
    return true;
  }

  /** Notes what an attribute holds; nothing of the type String.Array where it is no JSON array. */
  noteAttribute({ dataType, value }: FilteredAttribute, place: Place, readers: FilterReaders): void {
    if (dataType === "String.Array") {
      const json = readers.read(value);
      if (json !== undefined && ((json.nodes[0] ?? 0) & KIND) === ARRAY) this.#noteArray(json, place);
      return;
    }
    addBits(place.excluded, this.#message);
    const { values } = place;
    if (values === undefined) return;
    readers.plain.write(value);
    if (dataType.startsWith("Number")) values.index.look(Number(value));
    else values.index.lookAtText(readers.plain.codes, 0, value.length);
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
    const kind = (this.#nodes[at] ?? 0) & KIND;
    if (kind === OBJECT) this.#objectAt(at, place, scope);
    else if (kind === ARRAY) this.#arrayAt(at, place, scope);
    else {
      if (place.excluded.length > 0) addBits(place.excluded, this.#message);
      if (place.values !== undefined) this.#scalarAt(at, place.values, scope);
    }
  }

  #scalarAt(at: number, values: PlaceValues, scope: Int32Array): void {
    if (!this.#isNew(at, values.index, values.seen)) return;
    values.note(scope);
    this.#noted += 1;
    if (!this.#together) values.settle(scope);
  }

  /** Looks at a value. @returns whether something is to be noted, and not the same as for one before in this scope. */
  #isNew(at: number, index: ValueIndex, seen: Seen): boolean {
    const node = this.#nodes[at] ?? 0;
    const kind = node & KIND;
    const held = node >> KIND_BITS;
    const scope = this.#scope;
    if (kind === STRING) return seen.texts.isNew(index.lookAtText(this.#codes, held, this.#nodes[at + 1] ?? 0), scope);
    if (kind === WORD) return seen.others.isNew(index.look(held === NULL ? null : held === TRUE), scope);
    if (kind === WHOLE) return !seen.knows(held, scope) && seen.others.isNew(index.look(held), scope);
    return seen.others.isNew(index.look(index.asksForNumbers ? (this.#json?.numberAt(held) ?? 0) : 0), scope);
  }

  #objectAt(at: number, place: Place, scope: Int32Array): void {
    const before = this.#waiting;
    this.#membersAt(at, place);
    this.#waitingFrom(before, scope);
  }

  /** Finds the members that count: of several at one key the last does, so that all are looked at first. */
  #membersAt(at: number, place: Place): void {
    if (place.children.size === 0) return;
    const nodes = this.#nodes;
    const object = (this.#object += 1);
    const end = (nodes[at] ?? 0) >> KIND_BITS;
    for (let key = at + 1; key < end; key = this.#behind(key + 2)) {
      const child = this.#childAt(key, place);
      if (child === undefined) continue;
      if (child.object !== object) {
        child.object = object;
        child.slot = this.#waiting;
        this.#places[this.#waiting++] = child;
      }
      this.#values[child.slot] = key + 2;
    }
  }

  /** Looks at the members that were found, but those found before so many. */
  #waitingFrom(before: number, scope: Int32Array): void {
    const after = this.#waiting;
    for (let slot = before; slot < after; slot += 1) {
      const child = this.#places[slot];
      if (child !== undefined) this.#valueAt(this.#values[slot] ?? 0, child, scope);
    }
    this.#waiting = before;
  }

  /** The node behind a value and all that is within. */
  #behind(at: number): number {
    const node = this.#nodes[at] ?? 0;
    const kind = node & KIND;
    return kind <= ARRAY ? node >> KIND_BITS : kind === STRING ? at + 2 : at + 1;
  }

  /** Dots within a key are steps like those between keys. */
  #childAt(key: number, place: Place): Place | undefined {
    const codes = this.#codes;
    const nodes = this.#nodes;
    const node = nodes[key] ?? 0;
    const end = nodes[key + 1] ?? 0;
    let start = node >> KIND_BITS;
    if ((node & KIND) === KEY) return place.child(codes, start, end);
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
    const { group, values, elements, excluded } = place;
    const areTogether = group?.ofOneValue === true;
    const small = (areTogether ? values?.seenElements : elements?.seen)?.small;
    const end = (nodes[at] ?? 0) >> KIND_BITS;
    for (let element = at + 1; element < end;) {
      const kind = (nodes[element] ?? 0) & KIND;
      if (kind > ARRAY) {
        if (excluded.length > 0) addBits(excluded, this.#message);
        if (areTogether) this.#scalarElementAt(element, place, around);
        else if (elements !== undefined) this.#scalarAt(element, elements, around);
        element += kind === STRING ? 2 : 1;
        if (kind === WHOLE && small !== undefined) element = this.#pastKnown(element, end, small);
        continue;
      }
      if (kind === ARRAY) this.#arrayAt(element, place, around);
      else if (group === undefined) this.#objectAt(element, place, around);
      else this.#objectElementAt(element, place, around);
      element = this.#behind(element);
    }
  }

  /** Passes small numbers that were looked at in this scope: a message may have a hundred thousand. */
  #pastKnown(from: number, end: number, small: Float64Array): number {
    const nodes = this.#nodes;
    const scope = this.#scope;
    let at = from;
    for (; at < end; at += 1) {
      const node = nodes[at] ?? 0;
      const value = node >>> KIND_BITS;
      if ((node & KIND) !== WHOLE || value >= small.length || small[value] !== scope) break;
    }
    return at;
  }

  #objectElementAt(at: number, place: Place, around: Int32Array): void {
    const { group } = place;
    const first = this.#waiting;
    this.#membersAt(at, place);
    const member = this.#places[first];
    if (this.#waiting === first || group === undefined || member === undefined) return;
    const value = this.#values[first] ?? 0;
    if (this.#waiting === first + 1 && ((this.#nodes[value] ?? 0) & KIND) > ARRAY && ((this.#nodes[value - 2] ?? 0) & KIND) === KEY) {
      this.#waiting = first;
      this.#memberAt(value, member, { group, around });
      return;
    }
    const outer = this.#scope;
    const before = this.#noted;
    const scope = this.#free.pop() ?? this.#index.newScope();
    this.#scope = this.#lastScope += 1;
    this.#waitingFrom(first, scope);
    if (this.#noted > before) this.#index.raise(group, scope, around);
    this.#scope = outer;
    this.#free.push(scope);
  }

  /** A value that is all that counts of an element, at a key without dots: one with them belongs to other groups as well. */
  #memberAt(at: number, { excluded, values }: Place, { group, around }: { group: Group; around: Int32Array }): void {
    if (excluded.length > 0) addBits(excluded, this.#message);
    if (values === undefined || !group.ofOneKey || !this.#isNew(at, values.index, values.seenMembers)) return;
    this.#noteByItself(values, { group, around });
  }

  /** A value that is an element and may satisfy several conditions. */
  #scalarElementAt(at: number, { values, group }: Place, around: Int32Array): void {
    if (values === undefined || group === undefined || !this.#isNew(at, values.index, values.seenElements)) return;
    this.#noteByItself(values, { group, around });
  }

  /** All that counts of an element is what holds for one value: the same once more adds nothing. */
  #noteByItself(values: PlaceValues, { group, around }: { group: Group; around: Int32Array }): void {
    const scope = this.#free.pop() ?? this.#index.newScope();
    values.note(scope);
    values.settle(scope);
    this.#noted += 1;
    this.#index.raise(group, scope, around);
    this.#free.push(scope);
  }
}
