import { and, asc, count, desc, eq, gte, inArray, ne, notInArray, sql } from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import { claims, heldShares, UNCLAIMED } from "./claim-schema.ts";

/** A kept share as stored. */
export type HeldShareRow = typeof heldShares.$inferSelect;
/** A kept share as first written. */
export type NewHeldShare = typeof heldShares.$inferInsert;
/** A claim as stored. */
export type ClaimRow = typeof claims.$inferSelect;
/** Names what one owner has at one contract. */
export type OwnerKey = Pick<HeldShareRow, "chainId" | "contract" | "owner">;
/** The same, with the token that it is kept in. */
export type HeldOwner = OwnerKey & Pick<HeldShareRow, "token">;

const IDS_AT_ONCE = 500;

/** Statements on kept shares and their claims; rare, so built on each call. */
export function prepareClaimQueries({ db }: Pick<Store, "db">) {
  const ofOwner = ({ chainId, contract, owner }: OwnerKey) =>
    and(
      eq(heldShares.chainId, chainId),
      eq(heldShares.contract, contract),
      eq(heldShares.owner, owner),
    );
  const unclaimed = sql.raw(UNCLAIMED);
  return {
    /** Writes which shares of a payment are kept, over what was known of it. */
    putHeld: (write: Write, paymentId: string, shares: readonly NewHeldShare[]): void => {
      write.run(db.delete(heldShares).where(eq(heldShares.paymentId, paymentId)));
      if (shares.length > 0) write.run(db.insert(heldShares).values([...shares]));
    },
    /** Forgets what a transaction kept that the chain does not have any more. */
    forgetTx: (write: Write, chainId: number, txHash: string): void => {
      write.run(
        db
          .delete(heldShares)
          .where(and(eq(heldShares.txHash, txHash), eq(heldShares.chainId, chainId))),
      );
    },
    /** The kept shares of payments, claimed ones included. */
    listOfPayments: (paymentIds: readonly string[]): HeldShareRow[] =>
      db
        .select()
        .from(heldShares)
        .where(inArray(heldShares.paymentId, paymentIds.slice(0, IDS_AT_ONCE)))
        .orderBy(asc(heldShares.share))
        .all(),
    /** What payees were not paid and have not claimed, per payment; refunds of escrows left out. */
    listUnclaimed: (): Pick<HeldShareRow, "paymentId" | "amount">[] =>
      db
        .select({ paymentId: heldShares.paymentId, amount: heldShares.amount })
        .from(heldShares)
        .where(and(unclaimed, ne(heldShares.share, "refund")))
        .all(),
    /** Who has something kept, in the order of chain, contract and owner, after one of them. */
    listOwners: (after: OwnerKey | undefined, limit: number, chainId?: number): HeldOwner[] =>
      db
        .selectDistinct({
          chainId: heldShares.chainId,
          contract: heldShares.contract,
          owner: heldShares.owner,
          token: heldShares.token,
        })
        .from(heldShares)
        .where(
          and(
            unclaimed,
            after &&
              sql`(${heldShares.chainId}, ${heldShares.contract}, ${heldShares.owner}) > (${after.chainId}, ${after.contract}, ${after.owner})`,
            chainId === undefined ? undefined : eq(heldShares.chainId, chainId),
          ),
        )
        .orderBy(asc(heldShares.chainId), asc(heldShares.contract), asc(heldShares.owner))
        .limit(limit)
        .all(),
    /** An owner's unclaimed shares, the newest first. */
    listOfOwner: (key: OwnerKey): HeldShareRow[] =>
      db
        .select()
        .from(heldShares)
        .where(and(ofOwner(key), unclaimed))
        .orderBy(
          desc(heldShares.blockNumber),
          desc(heldShares.logIndex),
          desc(heldShares.paymentId),
        )
        .all(),
    /** How many these are. */
    countOfOwner: (key: OwnerKey): number =>
      db
        .select({ shares: count() })
        .from(heldShares)
        .where(and(ofOwner(key), unclaimed))
        .get()?.shares ?? 0,
    /** The contracts of a chain that ever kept a share, with their token. */
    listContracts: (chainId: number): Pick<HeldOwner, "contract" | "token">[] =>
      db
        .selectDistinct({ contract: heldShares.contract, token: heldShares.token })
        .from(heldShares)
        .where(eq(heldShares.chainId, chainId))
        .all(),
    /** Records that the contract does not keep a share any more. */
    closeHeld: (write: Write, { paymentId, share }: HeldShareRow, claimedBlock: number): void => {
      write.run(
        db
          .update(heldShares)
          .set({ claimedBlock })
          .where(and(eq(heldShares.paymentId, paymentId), eq(heldShares.share, share))),
      );
    },
    /** Opens again what was found claimed from a block on: a reorg may have undone it. */
    reopenSince: (write: Write, chainId: number, block: number): void => {
      write.run(
        db
          .update(heldShares)
          .set({ claimedBlock: null })
          .where(and(eq(heldShares.chainId, chainId), gte(heldShares.claimedBlock, block))),
      );
    },
    ...prepareClaimJobs(db),
  };
}

function prepareClaimJobs(db: Store["db"]) {
  const ofOwner = ({ chainId, contract, owner }: OwnerKey) =>
    and(eq(claims.chainId, chainId), eq(claims.contract, contract), eq(claims.owner, owner));
  return {
    insertClaim: (write: Write, row: typeof claims.$inferInsert): ClaimRow =>
      write.get(db.insert(claims).values(row).returning()),
    /** The latest claim of an owner at a contract. */
    findLastClaim: (key: OwnerKey): ClaimRow | undefined =>
      db.select().from(claims).where(ofOwner(key)).orderBy(desc(claims.claimId)).limit(1).get(),
    /** The one that is not at its end. */
    findOpenClaim: (key: OwnerKey): ClaimRow | undefined =>
      db
        .select()
        .from(claims)
        .where(and(ofOwner(key), inArray(claims.state, ["requested", "submitted"])))
        .get(),
    findClaimOfTx: (txId: number): ClaimRow | undefined =>
      db.select().from(claims).where(eq(claims.txId, txId)).get(),
    /** The oldest one that waits to be sent, but for some. */
    nextClaim: (chainId: number, except: number[]): ClaimRow | undefined =>
      db
        .select()
        .from(claims)
        .where(
          and(
            eq(claims.chainId, chainId),
            eq(claims.state, "requested"),
            notInArray(claims.claimId, except),
          ),
        )
        .orderBy(asc(claims.claimId))
        .limit(1)
        .get(),
    /** Changes a claim that is in one of the states, and says whether it was. */
    moveClaim: (
      write: Write,
      claimId: number,
      from: readonly ClaimRow["state"][],
      set: Partial<ClaimRow> & { updatedAt: number },
    ): boolean =>
      write.run(
        db
          .update(claims)
          .set(set)
          .where(and(eq(claims.claimId, claimId), inArray(claims.state, [...from]))),
      ).changes > 0,
  };
}

/** The statements on kept shares and their claims. */
export type ClaimQueries = ReturnType<typeof prepareClaimQueries>;
