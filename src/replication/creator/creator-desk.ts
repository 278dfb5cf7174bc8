import { Agent } from "../../client/agent.ts";
import { AgentError } from "../../client/agent-error.ts";
import type { Promotion } from "../../client/methods/promote.ts";
import type { EnvelopeStore } from "../../client/zones/envelope-store.ts";
import type { ZoneInfo } from "../../client/zones/info.ts";
import { ZONE_ERRORS, type ZoneErrorCode } from "../../error-catalogue.ts";
import { StewardError } from "../../errors.ts";
import type { StewardRef } from "../../protocol/manifest.ts";

/** Milliseconds for an epoch to be signed and taken, dials of stewards that are away included. */
const SIGNING_TIMEOUT_MS = 20_000;

/** A steward of a zone as it is signed. */
export type SignedRef = Pick<StewardRef, "node_id" | "role"> &
  Partial<Pick<StewardRef, "entrypoint" | "voter">>;

export interface CreatorDeskDeps {
  /** Loads the creator's key, as WebCrypto takes it. */
  readonly loadKey: () => Promise<CryptoKeyPair>;
  /** Keeps what is signed from before it leaves. */
  readonly envelopes: EnvelopeStore;
  /** This steward, where the creator asks first. */
  readonly wireUrl: string;
  readonly ownNodeId: string;
  /** Whether stewards are dialed at `ws://` addresses beyond this machine, too. */
  readonly allowInsecure: boolean;
}

/**
 * Signs epochs of replicated zones with the creator key that this steward holds: it dials the stewards as
 * the creator does, whoever is reachable; `docs/protocol.md` §9.8.
 */
export class CreatorDesk {
  private readonly deps: CreatorDeskDeps;
  /** Two at once could sign one epoch twice. */
  private tail: Promise<unknown> = Promise.resolve();

  constructor(deps: CreatorDeskDeps) {
    this.deps = deps;
  }

  /**
   * Names another steward of a zone primary.
   * @throws StewardError `invalid_request`, `steward_unavailable` where it does not answer
   */
  promote(zoneId: string, nodeId: string, acceptLoss: boolean): Promise<Promotion> {
    return this.run((agent) =>
      agent.creator.promote(zoneId, nodeId, { acceptLoss, timeoutMs: SIGNING_TIMEOUT_MS }),
    );
  }

  /**
   * Signs an epoch with other stewards; one that changes nothing is not made.
   * @param toNext gets the set as it is signed now
   * @throws StewardError as `promote`
   */
  changeStewards(
    zoneId: string,
    toNext: (set: readonly SignedRef[]) => readonly SignedRef[],
  ): Promise<ZoneInfo> {
    return this.run(async (agent) => {
      const { manifest } = await agent.inspect(zoneId);
      const steward_set = toNext(manifest.steward_set.map(toSignedRef)).map((ref) => ({ ...ref }));
      return agent.creator.update(zoneId, { steward_set }, { timeoutMs: SIGNING_TIMEOUT_MS });
    });
  }

  private run<T>(task: (agent: Agent) => Promise<T>): Promise<T> {
    const done = this.tail.then(() => this.connected(task));
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async connected<T>(task: (agent: Agent) => Promise<T>): Promise<T> {
    const { deps } = this;
    let agent: Agent | undefined;
    try {
      agent = await Agent.connect(deps.wireUrl, {
        key: await deps.loadKey(),
        name: "creator",
        expectNodeId: deps.ownNodeId,
        envelopes: deps.envelopes,
        allowInsecure: deps.allowInsecure,
        reconnect: false,
      });
      return await task(agent);
    } catch (error) {
      throw toStewardError(error);
    } finally {
      await agent?.close();
    }
  }
}

/** As signed: without what the schema added and without the word of one epoch. */
function toSignedRef({ node_id, entrypoint, role, voter }: StewardRef): SignedRef {
  return {
    node_id,
    ...(entrypoint !== undefined && { entrypoint }),
    role,
    ...(voter !== undefined && { voter }),
  };
}

function toStewardError(error: unknown): unknown {
  if (!(error instanceof AgentError)) return error;
  const { code, message } = error;
  if (code === "invalid_input") return new StewardError("invalid_request", { message });
  if (isZoneCode(code)) return new StewardError(code, { message, cause: error });
  return new StewardError("steward_unavailable", { message, cause: error });
}

function isZoneCode(code: number | string): code is ZoneErrorCode {
  return Object.hasOwn(ZONE_ERRORS, code);
}
