import { Validator } from "@cfworker/json-schema";

/** A schema of the document. */
export type Schema = Readonly<Record<string, unknown>>;

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

/** An operation of the API's document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Undefined of public ones. */
  readonly scope: "read" | "operate" | "admin" | undefined;
  readonly parameters: readonly Parameter[];
  /** Of the body, where it takes one. */
  readonly body: Schema | undefined;
  readonly isBodyRequired: boolean;
  /** Statuses with the schema of their JSON body, where they have one. */
  readonly answers: ReadonlyMap<number, Schema | undefined>;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** Reads the operations of a steward's document, as any client would. */
export async function readOperations(httpUrl: string): Promise<Operation[]> {
  const document = await (await fetch(`${httpUrl}/openapi.json`)).json();
  const toSchema = ({ content }: Content): Schema | undefined => {
    const schema = content?.["application/json"]?.schema;
    return schema?.$ref === undefined ? schema : document.components.schemas.Error;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the document is what is tested here
  return Object.entries<any>(document.paths).flatMap(([path, item]) =>
    // biome-ignore lint/suspicious/noExplicitAny: as above
    Object.entries<any>(item).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      scope: operation.security[0]?.token[0],
      parameters: operation.parameters,
      body: operation.requestBody && toSchema(operation.requestBody),
      isBodyRequired: operation.requestBody?.required ?? false,
      answers: new Map(
        Object.entries<Content>(operation.responses).map(([status, answer]) => [
          Number(status),
          toSchema(answer),
        ]),
      ),
    })),
  );
}

/** What of a value the document does not say or says otherwise; fields that it does not name count. */
export function findFaults(schema: Schema, value: unknown): unknown[] {
  const { valid, errors } = new Validator(close(schema) as object, "2020-12", false).validate(
    value,
  );
  return valid ? [] : errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
}

/** The schema, without room for fields that it does not name. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, close(value)]),
  );
  const isOpen = !("properties" in closed) || "additionalProperties" in closed;
  return isOpen ? closed : { ...closed, additionalProperties: false };
}
