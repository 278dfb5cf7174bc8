import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { AgentError } from "../../client/agent-error.ts";
import type { LedgerEntry, PaymentLedger } from "../../client/requests/ledger.ts";

/** Ends what a crash left of a line; a record ends with `}` and cannot be taken for one. */
const TORN_MARK = "#torn";
const NEWLINE = 0x0a;

/** A ledger in a file of one JSON line per entry; the last line of a request counts. */
interface FileLedger extends PaymentLedger, AsyncDisposable {
  close(): Promise<void>;
}

/**
 * Opens a durable payment ledger, mode 0600, which it creates where it is missing. `put` resolves when
 * the line is on disk. Several processes may append to one file; each sees the others' lines;
 * `docs/protocol.md` §8.
 * @throws AgentError `ledger_failed` where the file is open to others or holds something else
 */
export async function openFileLedger(path: string): Promise<FileLedger> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "a+", 0o600);
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new AgentError("ledger_failed", {
        message: `The ledger is open to others (mode ${(mode & 0o777).toString(8)}); expected 600.`,
      });
    }
    await syncDirectory(dirname(path));
    const ledger = new LineLedger(file);
    await ledger.readNew();
    return ledger;
  } catch (error) {
    await file?.close();
    throw error;
  }
}

class LineLedger implements FileLedger {
  readonly #file: FileHandle;
  readonly #entries = new Map<string, LedgerEntry>();
  /** Bytes read so far, up to the end of a line. */
  #offset = 0;
  /** Whether the file ended in the middle of a line when it was read last. */
  #torn = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get(requestKey: string): Promise<LedgerEntry | undefined> {
    return this.#inTurn(async () => {
      await this.readNew();
      return this.#entries.get(requestKey);
    });
  }

  list(): Promise<LedgerEntry[]> {
    return this.#inTurn(async () => {
      await this.readNew();
      return [...this.#entries.values()];
    });
  }

  put(requestKey: string, entry: LedgerEntry): Promise<void> {
    return this.#inTurn(async () => {
      await this.readNew();
      const repair = this.#torn ? `${TORN_MARK}\n` : "";
      const line = Buffer.from(`${repair}${JSON.stringify({ ...entry, requestKey })}\n`);
      // One write in append mode is not mixed with another process's.
      const { bytesWritten } = await this.#file.write(line);
      if (bytesWritten !== line.length) {
        throw new AgentError("ledger_failed", {
          message: "The ledger could not be written whole.",
        });
      }
      await this.#file.datasync();
      await this.readNew();
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#file.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Reads the lines that were added since the last time. */
  async readNew(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size < this.#offset) {
      throw new AgentError("ledger_failed", { message: "The ledger was cut short by somebody." });
    }
    const bytes = Buffer.alloc(size - this.#offset);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#offset);
    const end = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
    this.#torn = end < bytesRead;
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) this.#takeLine(line);
    this.#offset += end;
  }

  #takeLine(line: string): void {
    if (line === "" || line.endsWith(TORN_MARK)) return;
    const entry = parseLine(line);
    // A damaged line may hide an authorization that is still good: better not to pay at all.
    if (entry === undefined) {
      throw new AgentError("ledger_failed", { message: "The ledger holds a damaged line." });
    }
    this.#entries.set(entry.requestKey, entry);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => {});
    return result;
  }
}

function parseLine(line: string): LedgerEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<LedgerEntry> | null;
    const complete =
      typeof value?.requestKey === "string" &&
      typeof value.nonce === "string" &&
      typeof value.validBefore === "number" &&
      typeof value.authorization === "object";
    return complete ? (value as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** A new file is only there for certain once its directory is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
