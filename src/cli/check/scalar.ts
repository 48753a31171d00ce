/**
 * YAML scalars as Envoy reads them: quoted ones are text; of the others null, booleans by the old rules (`yes`, `off`)
 * and 32-bit integers are told apart, and everything else, floats included, stays the text it was.
 *
 * Source: https://github.com/envoyproxy/envoy/blob/main/source/common/protobuf/yaml_utility.cc
 */
import type { Scalar } from "yaml";

const nothing = /^(?:|~|null|Null|NULL)$/;
const yes = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const no = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const integer = /^(?:[-+]?(?:0|[1-9]\d{0,9})|0x[\da-f]{1,8})$/i;

/** @param scalar parsed by a schema that leaves plain scalars as text */
export function scalarValue(scalar: Scalar): string | number | boolean | null {
  const { value, type } = scalar;
  if (typeof value !== "string") return null;
  if (type !== "PLAIN") return value;
  if (nothing.test(value)) return null;
  if (yes.test(value)) return true;
  if (no.test(value)) return false;
  const number = Number(value);
  return integer.test(value) && number === (number | 0) ? number : value;
}
