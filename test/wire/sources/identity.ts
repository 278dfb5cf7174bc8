import { AGENT, CREATOR, STEWARD } from "./cast.ts";

const P = 2n ** 255n - 19n;
const D = (-121_665n * power(121_666n, P - 2n)) % P;

function mod(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}

function isSquare(value: bigint): boolean {
  return mod(value) === 0n || power(value, (P - 1n) / 2n) === 1n;
}

function toY(value: bigint): string {
  const big = Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  return big.reverse().toString("hex");
}

/**
 * The y coordinates of the points whose order divides 8, from the curve's equation: 1 (order 1),
 * -1 (2), 0 (4), and where the doubled point has y = 0, which is y² = -x², so d·y⁴ + 2y² - 1 = 0 (8).
 * With the two encodings of y past p.
 */
function toSmallOrderY(): bigint[] {
  const root = sqrt(mod(1n + D));
  const inverse = power(D, P - 2n);
  const squares = [mod((root - 1n) * inverse), mod((-root - 1n) * inverse)].filter(isSquare);
  const eighths = squares.flatMap((square) => [sqrt(square), mod(-sqrt(square))]);
  return [0n, 1n, ...eighths.sort((a, b) => (a < b ? -1 : 1)), P - 1n, P, P + 1n];
}

function sqrt(value: bigint): bigint {
  const candidate = power(value, (P + 3n) / 8n);
  if (mod(candidate * candidate) === mod(value)) return candidate;
  return mod(candidate * power(2n, (P - 1n) / 4n));
}

/** Keys with their node ids, and the public keys nobody may use. */
export function toIdentityVectors() {
  const keys = { agent: AGENT, steward: STEWARD, creator: CREATOR };
  return {
    keys: Object.entries(keys).map(([name, key]) => ({
      name,
      seed: key.seed,
      public_key: key.publicKey,
      node_id: key.nodeId,
    })),
    small_order_keys: toSmallOrderY().flatMap((y) => [toY(y), toY(y | (1n << 255n))]),
  };
}
