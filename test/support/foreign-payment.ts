/**
 * Paying for an action, written from docs/protocol.md §8 alone: viem does nothing here but keccak, ABI
 * encoding and EIP-712.
 */
import {
  decodeAbiParameters,
  domainSeparator,
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseSignature,
  toHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ForeignClient } from "./foreign-client.ts";
import {
  integer,
  type JsonObject,
  jcs,
  object,
  text,
  verifyJson,
  ZoneError,
} from "./foreign-codec.ts";

const FIELDS =
  "uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt";
const ZERO = `0x${"0".repeat(40)}`;
const AUTHORIZATION = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];

/** Is what the payer knows of its chain, from elsewhere than the quote. */
export interface PayerChain {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly token: Hex;
  readonly settlement: Hex;
}

/** Is one request for an action. */
export interface ActionRequest {
  readonly zone_id: string;
  readonly request_id: string;
  readonly action: string;
  readonly params: JsonObject;
}

function hex(value: string): Hex {
  if (!/^0x[0-9a-fA-F]*$/.test(value)) throw new Error(`no hex: ${value}`);
  return `0x${value.slice(2)}`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function key(value: string): Hex {
  return keccak256(toHex(value));
}

/** Calls a contract without a transaction. */
export async function ethCall(rpcUrl: string, to: Hex, data: Hex, block = "latest"): Promise<Hex> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "eth_call",
      params: [{ to, data }, block],
    }),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null || !("result" in answer)) {
    throw new Error(`eth_call: ${JSON.stringify(answer)}`);
  }
  return hex(String(answer.result));
}

/** Reads the balance an account has of the token, now or after a block. */
export async function balanceOf(
  chain: PayerChain,
  account: string,
  block?: number,
): Promise<bigint> {
  const data = `0x70a08231${"0".repeat(24)}${account.slice(2)}` as const;
  return BigInt(
    await ethCall(chain.rpcUrl, chain.token, data, block === undefined ? "latest" : toHex(block)),
  );
}

/** Computes the nonce of direct terms from the payer's own request (§8); throws where the quote differs. */
export function checkQuote(
  client: ForeignClient,
  chain: PayerChain,
  manifest: JsonObject,
  request: ActionRequest,
  quote: JsonObject,
): JsonObject {
  const requirement = object(quote.payment_requirement);
  const actions = Array.isArray(manifest.actions) ? manifest.actions.map(object) : [];
  const price = object(actions.find(({ name }) => name === request.action)?.price);
  const problems = Object.entries({
    request: quote.request_id === request.request_id,
    steward: quote.steward === client.stewardId,
    signature: verifyJson(
      "atlas-quote-v1",
      requirement,
      client.stewardKey,
      text(quote, "signature"),
    ),
    zone: requirement.zone_id === request.zone_id && requirement.action === request.action,
    price: requirement.amount === price.amount && requirement.asset === price.asset,
    mode: requirement.settlement_mode === (price.settlement_mode ?? "direct"),
    direct: requirement.settlement_mode === "direct",
    chain: requirement.chain_id === chain.chainId && chain.chainId === (manifest.chain_id ?? 8453),
    token: same(text(requirement, "token"), chain.token),
    to: same(text(requirement, "to"), chain.settlement),
    deadline: integer(requirement, "deadline") < Date.now() / 1000 + 900,
    nonce: same(text(requirement, "nonce"), nonceOf(client, chain, manifest, request, requirement)),
  }).filter(([, holds]) => !holds);
  if (problems.length > 0) throw new Error(`quote: ${problems.map(([name]) => name).join(", ")}`);
  return requirement;
}

function nonceOf(
  client: ForeignClient,
  chain: PayerChain,
  manifest: JsonObject,
  request: ActionRequest,
  requirement: JsonObject,
): Hex {
  const { action, params } = request;
  const bytes32 = { type: "bytes32" };
  const requestKey = keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, bytes32],
      [key(client.nodeId), key(request.request_id), key(jcs({ action, params }))],
    ),
  );
  const types = FIELDS.split(",").map((field) => ({ type: field.split(" ")[0] ?? "" }));
  const wallet = object(manifest.creator).wallet;
  return keccak256(
    encodeAbiParameters(
      [bytes32, ...types],
      [
        key(`ZoneTerms(${FIELDS})`),
        BigInt(chain.chainId),
        chain.settlement,
        chain.token,
        key(request.zone_id),
        requestKey,
        text(requirement, "recipient"),
        wallet ?? ZERO,
        manifest.creator_fee_bps ?? 0,
        BigInt(text(requirement, "amount")),
        0,
        BigInt(integer(requirement, "deadline")),
        text(object(requirement.terms), "salt"),
      ],
    ),
  );
}

/** Learns the token's EIP-712 domain from the token itself, as §8 says. */
async function domainOf(chain: PayerChain) {
  const read = async (selector: Hex) => {
    const data = await ethCall(chain.rpcUrl, chain.token, selector);
    return decodeAbiParameters([{ type: "string" }], data)[0];
  };
  const [name, version] = await Promise.all([read("0x06fdde03"), read("0x54fd4d50")]);
  const domain = { name, version, chainId: chain.chainId, verifyingContract: chain.token };
  const separator = await ethCall(chain.rpcUrl, chain.token, "0x3644e515");
  if (domainSeparator({ domain }) !== separator) throw new Error("not the token's domain");
  return domain;
}

/** Signs the EIP-3009 authorization for a quote that `checkQuote` let through. */
export async function authorize(
  chain: PayerChain,
  requirement: JsonObject,
  payerKey: Hex,
  type: "receive" | "transfer",
): Promise<JsonObject> {
  const account = privateKeyToAccount(payerKey);
  const deadline = integer(requirement, "deadline");
  const nonce = text(requirement, "nonce");
  const to = text(requirement, "to");
  const value = text(requirement, "amount");
  const primaryType = type === "receive" ? "ReceiveWithAuthorization" : "TransferWithAuthorization";
  const signature = await account.signTypedData({
    domain: await domainOf(chain),
    types: { [primaryType]: AUTHORIZATION },
    primaryType,
    message: {
      from: account.address,
      to,
      value: BigInt(value),
      validAfter: 0n,
      validBefore: BigInt(deadline),
      nonce,
    },
  });
  const { r, s, yParity } = parseSignature(signature);
  const fields = {
    from: account.address,
    to,
    value,
    valid_after: 0,
    valid_before: deadline,
    nonce,
  };
  // `transfer` is the default and the only type that Atlas itself knows.
  return { ...(type === "receive" && { type }), ...fields, v: 27 + yParity, r, s };
}

/** Requests a priced action, checks the quote, pays it and gives the final answer with its settlement. */
export async function buy(
  client: ForeignClient,
  chain: PayerChain,
  request: ActionRequest,
  payerKey: Hex,
  type: "receive" | "transfer",
): Promise<JsonObject> {
  const { request_id } = request;
  const manifest = await client.inspect(request.zone_id);
  const quote = await client.call({ type: "zone.request", ...request });
  if (quote.type !== "zone.payment_required") throw new Error(`no quote but ${quote.type}`);
  const requirement = checkQuote(client, chain, manifest, request, quote);
  const authorization = await authorize(chain, requirement, payerKey, type);
  const answer = await client.call({ type: "zone.payment", request_id, authorization });
  if (answer.type !== "zone.pending") return answer;
  const final = await client.delivery(
    (body) => body.request_id === request_id && body.type !== "zone.pending",
    30_000,
  );
  if (final.type === "zone.error") throw new ZoneError(final);
  return final;
}
