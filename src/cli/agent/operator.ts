import { createNodeIdentity } from "../../client/link/node-identity.ts";
import {
  createOperatorMessage,
  type OperatorBinding,
  operatorBindingSchema,
} from "../../protocol/operator-binding.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import { UsageError } from "../exit-codes.ts";
import { readJsonObject } from "../input.ts";
import type { Answer } from "../output.ts";
import { readAgentKey } from "./key.ts";

/**
 * Reads a file with an operator binding, as JSON.
 * @throws UsageError
 */
export async function readOperator(path: string): Promise<OperatorBinding> {
  const parsed = operatorBindingSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data;
  throw new UsageError(`${path}: ${toSchemaMessage(parsed.error)}`);
}

/** The options of `steward agent operator`. */
export interface OperatorCommandOptions {
  readonly key: string;
  readonly fid: number;
  readonly custody: string;
  readonly domain: string;
  readonly username?: string;
}

/** Writes the binding that a person has to sign: what `--operator` takes but for the signature. */
export async function prepareOperator(options: OperatorCommandOptions): Promise<Answer> {
  const { fid, custody, domain, username } = options;
  const { nodeId } = await createNodeIdentity(readAgentKey(options.key));
  const message = createOperatorMessage({ nodeId, fid, domain, custodyAddress: custody });
  const value = {
    fid,
    ...(username !== undefined && { username }),
    custody_address: custody,
    message,
    signature: "",
  };
  return { value, text: () => message };
}
