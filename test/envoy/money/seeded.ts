/** Chance that can be had again: the same seed and the same names give the same numbers, in whatever order they are asked. */

/** From 0 to below 1. */
export type Random = () => number;

/** @param names of what is drawn, e.g. `"call", 17` */
export function seeded(seed: number, ...names: ReadonlyArray<string | number>): Random {
  let state = seed >>> 0;
  for (const character of names.join("/")) state = mixed(state ^ character.charCodeAt(0));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mixed(state) / 2 ** 32;
  };
}

/** The finish of MurmurHash3: every bit in has a say in every bit out. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A whole number, both ends included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** @param shares of each; the rest of 1 is `otherwise` */
export function oneOf<Name extends string>(
  random: Random,
  shares: Readonly<Partial<Record<Name, number>>>,
  otherwise: Name,
): Name {
  let left = random();
  for (const [name, share] of Object.entries(shares) as Array<[Name, number]>) {
    left -= share;
    if (left < 0) return name;
  }
  return otherwise;
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const found = items[Math.floor(random() * items.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}
