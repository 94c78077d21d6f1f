// The client: openapi-fetch, typed by what openapi-typescript made of the API's description, and the few lines that every
// caller needs: the API key, fresh idempotency keys, problems as errors.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type Schemas = components["schemas"];

/** An answer that was not the expected one. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem?: Schemas["Problem"],
  ) {
    const fields = (problem?.errors ?? []).map((e) => `${e.field}: ${e.detail}`).join("; ");
    super(`api answered ${status} ${problem?.title ?? ""}: ${problem?.detail ?? ""}${fields && ` (${fields})`}`);
  }
}

/** A client of the API at baseUrl that signs its requests with an API key. */
export function connect(baseUrl: string, apiKey: string) {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${apiKey}` } });
}

/** A fresh Idempotency-Key: one for each intended effect. Repeat it when you repeat the request. */
export const newKey = (): { "Idempotency-Key": string } => ({ "Idempotency-Key": randomUUID() });

/** The data of an answer, or its problem as an error. */
export function must<T>(answer: { data?: T; error?: Schemas["Problem"]; response: Response }): T {
  if (answer.data === undefined) throw new ApiError(answer.response.status, answer.error);
  return answer.data;
}
