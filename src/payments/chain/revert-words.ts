import { decodeErrorResult, type Hex, parseAbi, toEventSelector } from "viem";
import { zoneEscrowAbi } from "../../abi/zone-escrow.generated.ts";
import { toPeerText } from "../../errors.ts";

const REVERTS = parseAbi(["error Error(string message)"]);

/** Says that the token pays an account nothing, with the token's own words where it gave some. */
export function toBlockedText(data: Hex): string {
  const words = findWords(data);
  const text = "The token refuses to pay this account";
  return words === undefined ? `${text}.` : toPeerText(`${text}: ${words}`);
}

/** The text of a revert; undefined where it has none. */
export function findWords(data: Hex): string | undefined {
  try {
    return decodeErrorResult({ abi: REVERTS, data }).args[0];
  } catch {
    // Errors of a token's own have no text.
    return undefined;
  }
}

/** The name of the contract's error in revert data; undefined where it is none of its own. */
export function findEscrowError(data: Hex | undefined): string | undefined {
  const selector = data?.slice(0, 10);
  const errors = zoneEscrowAbi.filter((item) => item.type === "error");
  return errors.find((item) => toSelector(item) === selector)?.name;
}

function toSelector(item: { name: string; inputs: readonly { type: string }[] }): string {
  const types = item.inputs.map((input) => input.type).join(",");
  return toEventSelector(`${item.name}(${types})`).slice(0, 10);
}
