import { type Hex, isAddressEqual, recoverAddress } from "viem";

/** Tells whether a key's signature (`r ‖ s ‖ v`, low s, v 27 or 28) over a digest is by this address. */
export async function isSignedByKey(digest: Hex, signature: Hex, address: Hex): Promise<boolean> {
  try {
    return isAddressEqual(await recoverAddress({ hash: digest, signature }), address);
  } catch {
    // noble throws where r or s is out of range or no key fits.
    return false;
  }
}
