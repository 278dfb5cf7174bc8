import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { toHex } from "../protocol/hex.ts";
import { isUsablePoint, isUsableSignature } from "../protocol/public-key.ts";

const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const CACHED_KEYS_MAX = 10_000;

/**
 * Verifies Ed25519 signatures. It keeps keys as they were imported, which costs as much as a verification; but only
 * from the second time on, as one takes 1.4 KiB and most agents sign once, when they connect.
 */
export class SignatureVerifier {
  private readonly keys = new Map<string, KeyObject>();
  /** Keys that were used once, lately. */
  private usedOnce = new Set<string>();

  /**
   * Tells whether a signature is by the key over the content, cofactorless. What OpenSSL's versions
   * decide differently is decided here: points of small order, and y of p or more; `docs/protocol.md` §1.
   */
  verify(publicKey: Uint8Array, content: Uint8Array, signature: Uint8Array): boolean {
    if (!isUsablePoint(publicKey) || !isUsableSignature(signature)) return false;
    try {
      return verify(null, content, this.findKey(publicKey), signature);
    } catch {
      return false; // 32 bytes that are no curve point
    }
  }

  private findKey(publicKey: Uint8Array): KeyObject {
    const id = toHex(publicKey);
    const kept = this.keys.get(id);
    if (kept !== undefined) return kept;
    const der = Buffer.concat([SPKI_PREFIX, publicKey]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    if (this.usedOnce.delete(id)) this.keep(id, key);
    else {
      if (this.usedOnce.size >= CACHED_KEYS_MAX) this.usedOnce = new Set();
      this.usedOnce.add(id);
    }
    return key;
  }

  private keep(id: string, key: KeyObject): void {
    if (this.keys.size >= CACHED_KEYS_MAX) {
      const oldest = this.keys.keys().next().value;
      if (oldest !== undefined) this.keys.delete(oldest);
    }
    this.keys.set(id, key);
  }
}
