import { addBits } from "./filter-bits.ts";
import type { FilterIndex } from "./filter-index.ts";
import type { Group, Place } from "./filter-places.ts";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, JsonReader, OPEN_ARRAY, OPEN_OBJECT } from "./json-reader.ts";

/** Deeper ones match no policy; as deep as the parser goes that AWS uses. */
const DEPTH_MAX = 1000;

/**
 * Reads JSON once, from its beginning to its end, and notes at the places of a policy what stands there: no tree is made of
 * a message of 256 KiB to look at one of its keys.
 */
export class BodyFilter {
  readonly #index: FilterIndex;
  readonly #json: JsonReader;
  readonly #message: Int32Array;
  /** Scopes of elements that are not in use. */
  readonly #free: Int32Array[] = [];
  #depth = 0;
  /** Of the scope in which it is noted now, and of the one that comes next; the message's is 0. */
  #scope = 0;
  #nextScope = 1;
  /** Of an attribute: its elements are settled together. */
  #together = false;
  /** Values so far at places that ask for them. */
  #noted = 0;

  /** @param message the scope in which it is noted what holds. */
  constructor(index: FilterIndex, text: string, message: Int32Array) {
    this.#index = index;
    this.#json = new JsonReader(text);
    this.#message = message;
  }

  /** Notes what a body holds. False: it is no JSON object. */
  noteObject(): boolean {
    return this.#json.isAt(OPEN_OBJECT) && this.#object(this.#index.root, this.#message) && this.#json.isAtEnd();
  }

  /**
   * Notes what an attribute of the type String.Array holds; nothing where it is no JSON array. An anything-but holds if it does
   * of every element.
   */
  noteArray(place: Place): void {
    if (!new BodyFilter(this.#index, this.#json.text, this.#message).#isArray(undefined)) return;
    this.#isArray(place);
    if (this.#noted > 0) place.values?.settle(this.#message);
  }

  #isArray(place: Place | undefined): boolean {
    this.#together = true;
    return this.#json.isAt(OPEN_ARRAY) && this.#array(place, this.#message) && this.#json.isAtEnd();
  }

  #value(place: Place | undefined, scope: Int32Array, inArray: boolean): boolean {
    const json = this.#json;
    if (json.isAt(OPEN_OBJECT)) return this.#object(place, scope);
    if (json.isAt(OPEN_ARRAY)) return this.#array(place, scope);
    const values = inArray ? place?.elements : place?.values;
    const value = json.readScalar(values !== undefined);
    if (value === undefined) return false;
    if (place !== undefined) addBits(place.excluded, this.#message);
    if (values === undefined || !values.isNew(value, this.#scope)) return true;
    values.note(scope);
    this.#noted += 1;
    if (!this.#together) values.settle(scope);
    return true;
  }

  #object(place: Place | undefined, scope: Int32Array): boolean {
    const json = this.#json;
    const children = place === undefined || place.children.size === 0 ? undefined : place;
    if (!this.#enter()) return false;
    if (json.take(CLOSE_OBJECT)) return this.#leave();
    do {
      const key = json.readKey(children !== undefined);
      if (key === undefined) return false;
      if (!this.#value(children === undefined ? undefined : childOf(children, key), scope, false)) return false;
    } while (json.take(COMMA));
    return json.take(CLOSE_OBJECT) && this.#leave();
  }

  #array(place: Place | undefined, scope: Int32Array): boolean {
    const json = this.#json;
    if (!this.#enter()) return false;
    if (json.take(CLOSE_ARRAY)) return this.#leave();
    do {
      if (!this.#element(place, scope)) return false;
    } while (json.take(COMMA));
    return json.take(CLOSE_ARRAY) && this.#leave();
  }

  /** Elements of a group have a scope of their own; arrays within arrays are as one. */
  #element(place: Place | undefined, around: Int32Array): boolean {
    const group = place?.group;
    const own =
      place !== undefined && group !== undefined && (group.ofOneValue ? !this.#json.isAt(OPEN_ARRAY) : this.#json.isAt(OPEN_OBJECT));
    if (!own) return this.#value(place, around, true);
    if (!this.#json.isAt(OPEN_OBJECT)) return this.#scalarElement(place, group, around);
    const [outer, before] = [this.#scope, this.#noted];
    const scope = this.#free.pop() ?? this.#index.newScope();
    this.#scope = this.#nextScope++;
    const valid = this.#value(place, scope, false);
    const noted = this.#noted - before;
    if (noted > 1 || (noted > 0 && (group.alone || group.ofOneValue))) this.#index.raise(group, scope, around);
    if (noted > 0) this.#index.clear(scope);
    this.#scope = outer;
    this.#free.push(scope);
    return valid;
  }

  /** One that may satisfy several conditions. All that counts of it is what holds for it: the same once more adds nothing. */
  #scalarElement(place: Place, group: Group, around: Int32Array): boolean {
    const { values } = place;
    const value = this.#json.readScalar(values !== undefined);
    if (value === undefined) return false;
    addBits(place.excluded, this.#message);
    if (values === undefined || !values.isNewAround(value, this.#scope)) return true;
    const scope = this.#free.pop() ?? this.#index.newScope();
    values.note(scope);
    values.settle(scope);
    this.#noted += 1;
    this.#index.raise(group, scope, around);
    this.#index.clear(scope);
    this.#free.push(scope);
    return true;
  }

  #enter(): boolean {
    this.#depth += 1;
    this.#json.step();
    return this.#depth <= DEPTH_MAX;
  }

  #leave(): true {
    this.#depth -= 1;
    return true;
  }
}

/** Dots within a key are steps like those between keys. */
function childOf(place: Place, key: string): Place | undefined {
  let at: Place | undefined = place;
  let from = 0;
  for (let dot = key.indexOf("."); dot >= 0 && at !== undefined; dot = key.indexOf(".", from)) {
    at = at.children.get(key.slice(from, dot));
    from = dot + 1;
  }
  return at?.children.get(from === 0 ? key : key.slice(from));
}
