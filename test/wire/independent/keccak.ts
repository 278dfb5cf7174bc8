/** A second Keccak-256 (the original padding, as Ethereum uses it), written from FIPS 202 §3. */
const LANE = 2n ** 64n - 1n;
const RATE_BYTES = 136;

/** Returns the digest as 0x-hex. */
export function keccakHex(input: Uint8Array | string): string {
  const message = typeof input === "string" ? Buffer.from(input, "utf8") : Buffer.from(input);
  const padded = Buffer.alloc((Math.floor(message.length / RATE_BYTES) + 1) * RATE_BYTES);
  message.copy(padded);
  padded.writeUInt8(padded.readUInt8(message.length) | 0x01, message.length);
  padded.writeUInt8(padded.readUInt8(padded.length - 1) | 0x80, padded.length - 1);
  let state: bigint[] = new Array<bigint>(25).fill(0n);
  for (let block = 0; block < padded.length; block += RATE_BYTES) {
    for (let i = 0; i < RATE_BYTES / 8; i++) {
      state[i] = lane(state, i) ^ padded.readBigUInt64LE(block + 8 * i);
    }
    state = permute(state);
  }
  const digest = Buffer.alloc(32);
  for (let i = 0; i < 4; i++) digest.writeBigUInt64LE(lane(state, i), 8 * i);
  return `0x${digest.toString("hex")}`;
}

function lane(state: readonly bigint[], index: number): bigint {
  return state[index] ?? 0n;
}

function rotate(value: bigint, by: number): bigint {
  const shift = BigInt(by % 64);
  return ((value << shift) | (value >> (64n - shift))) & LANE;
}

function permute(input: readonly bigint[]): bigint[] {
  let state = [...input];
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    state = chi(rhoPi(theta(state)));
    for (let j = 0; j <= 6; j++) {
      if (lfsr & 1) state[0] = lane(state, 0) ^ (1n << BigInt(2 ** j - 1));
      lfsr = lfsr & 0x80 ? ((lfsr << 1) ^ 0x171) & 0xff : lfsr << 1;
    }
  }
  return state;
}

function theta(state: readonly bigint[]): bigint[] {
  const parity = [0, 1, 2, 3, 4].map((x) =>
    [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ lane(state, x + 5 * y), 0n),
  );
  return state.map(
    (value, i) => value ^ lane(parity, (i + 4) % 5) ^ rotate(lane(parity, (i + 1) % 5), 1),
  );
}

function rhoPi(state: readonly bigint[]): bigint[] {
  const moved = [...state];
  let x = 1;
  let y = 0;
  for (let t = 0; t < 24; t++) {
    const value = lane(state, x + 5 * y);
    [x, y] = [y, (2 * x + 3 * y) % 5];
    moved[x + 5 * y] = rotate(value, ((t + 1) * (t + 2)) / 2);
  }
  return moved;
}

function chi(state: readonly bigint[]): bigint[] {
  return state.map((value, i) => {
    const row = i - (i % 5);
    return value ^ (~lane(state, row + ((i + 1) % 5)) & LANE & lane(state, row + ((i + 2) % 5)));
  });
}
