/**
 * Room `service`: a request as it is sent, and sent again to the next daemon when the first went away: nothing happens
 * twice, nothing is missed, and no wait grows longer.
 *
 * @module
 */
import type { Clock } from "../../system/clock.ts";
import type { Resending } from "../methods.ts";

type Params = Readonly<Record<string, unknown>>;

/** @returns what to send at the moment of the call: the time that remains of a wait shrinks with every sending. */
export function paramsNow(
  request: object,
  resending: Resending | undefined,
  clock: Pick<Clock, "steady">,
): () => Params {
  const params: Params = { ...request };
  switch (resending?.by) {
    case undefined:
      return () => params;
    case "key": {
      const keyed = { ...params, request_key: params.request_key ?? crypto.randomUUID() };
      return () => keyed;
    }
    case "time": {
      const { field, unlessGiven } = resending;
      const seconds = params[field] ?? unlessGiven;
      if (typeof seconds !== "number") return () => params;
      const began = clock.steady();
      return () => ({ ...params, [field]: Math.max(0, seconds - (clock.steady() - began) / 1000) });
    }
  }
}
