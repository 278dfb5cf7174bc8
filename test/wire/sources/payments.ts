import { privateKeyToAccount, sign } from "viem/accounts";
import { hashWords } from "../independent/abi.ts";
import { writeCanonicalJson } from "../independent/canonical-json.ts";
import { keccakHex } from "../independent/keccak.ts";
import {
  ACTION,
  AGENT,
  ARBITER,
  CHAIN_ID,
  CREATOR_WALLET,
  ESCROW,
  fromHex,
  PARAMS,
  PAYER,
  PAYER_KEY,
  RECIPIENT,
  REQUEST_ID,
  SALT,
  SETTLEMENT,
  TIMESTAMP,
  TOKEN,
  ZONE_ID,
} from "./cast.ts";

const DEADLINE = TIMESTAMP + 300;
const FIELDS =
  "uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt";
const DIRECT_TYPE = `ZoneTerms(${FIELDS})`;
const ESCROW_TYPE = `ZoneEscrowTerms(${FIELDS},uint64 escrowDeadline,address arbiter)`;
const AUTHORIZATION_FIELDS =
  "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce";

function toRequest(params: unknown) {
  const content = writeCanonicalJson({ action: ACTION, params });
  return {
    node_id: AGENT.nodeId,
    request_id: REQUEST_ID,
    action: ACTION,
    params,
    content,
    request_key: hashWords([keccakHex(AGENT.nodeId), keccakHex(REQUEST_ID), keccakHex(content)]),
  };
}

function toTerms(contract: string, amount: bigint, mode: 0 | 1) {
  return {
    chain_id: Number(CHAIN_ID),
    verifying_contract: contract,
    token: TOKEN,
    zone_key: keccakHex(ZONE_ID),
    request_key: toRequest(PARAMS).request_key,
    recipient: RECIPIENT,
    creator: CREATOR_WALLET,
    creator_fee_bps: 100,
    amount: String(amount),
    mode,
    deadline: DEADLINE,
    salt: SALT,
  };
}

function toWords(terms: ReturnType<typeof toTerms>): (bigint | string)[] {
  return [
    BigInt(terms.chain_id),
    terms.verifying_contract,
    terms.token,
    terms.zone_key,
    terms.request_key,
    terms.recipient,
    terms.creator,
    BigInt(terms.creator_fee_bps),
    BigInt(terms.amount),
    BigInt(terms.mode),
    BigInt(terms.deadline),
    terms.salt,
  ];
}

/** The direct payment of the worked example: terms, nonce, requirement. */
export function toDirectPayment() {
  const terms = toTerms(SETTLEMENT, 2_000_000n, 0);
  const nonce = hashWords([keccakHex(DIRECT_TYPE), ...toWords(terms)]);
  const requirement = {
    zone_id: ZONE_ID,
    action: ACTION,
    to: SETTLEMENT,
    recipient: RECIPIENT,
    amount: terms.amount,
    asset: "USDC",
    token: TOKEN,
    chain_id: terms.chain_id,
    deadline: DEADLINE,
    nonce,
    settlement_mode: "direct",
    terms,
    authorization_types: ["receive", "transfer"],
  };
  return { type: DIRECT_TYPE, typehash: keccakHex(DIRECT_TYPE), terms, nonce, requirement };
}

function toEscrowPayment() {
  const terms = {
    ...toTerms(ESCROW, 5_000_000n, 1),
    escrow_deadline: DEADLINE + 7 * 86_400,
    arbiter: ARBITER,
  };
  const extra = [BigInt(terms.escrow_deadline), terms.arbiter];
  const nonce = hashWords([keccakHex(ESCROW_TYPE), ...toWords(terms), ...extra]);
  return { type: ESCROW_TYPE, typehash: keccakHex(ESCROW_TYPE), terms, nonce };
}

function toDomainSeparator(
  name: string,
  version: string,
  chainId: bigint,
  contract: string,
): string {
  const type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  return hashWords([keccakHex(type), keccakHex(name), keccakHex(version), chainId, contract]);
}

function toDigest(separator: string, type: string, words: readonly (bigint | string)[]): string {
  const struct = hashWords([keccakHex(type), ...words]);
  return keccakHex(fromHex(`1901${separator.slice(2)}${struct.slice(2)}`));
}

async function toAuthorization(kind: "transfer" | "receive") {
  const { nonce, terms } = toDirectPayment();
  const separator = toDomainSeparator("USD Coin", "2", CHAIN_ID, TOKEN);
  const primary = kind === "receive" ? "ReceiveWithAuthorization" : "TransferWithAuthorization";
  const type = `${primary}(${AUTHORIZATION_FIELDS})`;
  const words = [PAYER, SETTLEMENT, BigInt(terms.amount), 0n, BigInt(DEADLINE), nonce];
  const digest = toDigest(separator, type, words) as `0x${string}`;
  const { r, s, yParity } = await sign({ hash: digest, privateKey: PAYER_KEY });
  return {
    domain: { name: "USD Coin", version: "2", chainId: Number(CHAIN_ID), verifyingContract: TOKEN },
    domain_separator: separator,
    type,
    digest,
    authorization: {
      type: kind,
      from: privateKeyToAccount(PAYER_KEY).address,
      to: SETTLEMENT,
      value: terms.amount,
      valid_after: 0,
      valid_before: DEADLINE,
      nonce,
      v: 27 + (yParity ?? 0),
      r,
      s,
    },
  };
}

function toEscrowIds() {
  const task = keccakHex(REQUEST_ID);
  const escrow_id = keccakHex(fromHex(PAYER.slice(2) + task.slice(2)));
  const separator = toDomainSeparator("ZoneEscrow", "1", CHAIN_ID, ESCROW);
  const release = "Release(bytes32 escrowId,address recipient,uint256 amount)";
  const dispute = "Dispute(bytes32 escrowId)";
  return {
    depositor: PAYER,
    request_id: REQUEST_ID,
    task_id: task,
    escrow_id,
    domain_separator: separator,
    release: {
      type: release,
      digest: toDigest(separator, release, [escrow_id, RECIPIENT, 5_000_000n]),
      recipient: RECIPIENT,
      amount: "5000000",
    },
    dispute: { type: dispute, digest: toDigest(separator, dispute, [escrow_id]) },
  };
}

function toSplits() {
  const amounts = [
    "1",
    "33",
    "999",
    "1000",
    "1999",
    "9999",
    "10000",
    "2000000",
    "5000001",
    String(2n ** 128n),
  ];
  return amounts.flatMap((text) =>
    [0n, 1n, 100n, 300n].map((bps) => {
      const amount = BigInt(text);
      const protocol = (amount - (amount % 1000n)) / 1000n;
      const creator = (amount * bps - ((amount * bps) % 10_000n)) / 10_000n;
      return {
        amount: text,
        creator_fee_bps: Number(bps),
        protocol_fee: String(protocol),
        creator_fee: String(creator),
        recipient_amount: String(amount - protocol - creator),
      };
    }),
  );
}

/** Everything a payer or a steward computes for a payment. */
export async function toPaymentVectors() {
  return {
    zone: { zone_id: ZONE_ID, zone_key: keccakHex(ZONE_ID) },
    requests: [
      toRequest(PARAMS),
      toRequest({}),
      toRequest({ b: [1, { d: null, c: "é" }], a: -0.5 }),
    ],
    direct: toDirectPayment(),
    escrow: toEscrowPayment(),
    escrow_ids: toEscrowIds(),
    authorizations: [await toAuthorization("receive"), await toAuthorization("transfer")],
    /** Read from the contracts on Base and Base Sepolia, not computed. */
    known_domains: [
      {
        name: "USD Coin",
        version: "2",
        chainId: 8453,
        verifyingContract: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        domain_separator: "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f",
      },
      {
        name: "USDC",
        version: "2",
        chainId: 84_532,
        verifyingContract: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        domain_separator: "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818",
      },
    ],
    splits: toSplits(),
  };
}
