/**
 * Room `agents`: Codex's tool `request_permissions`, by which its model asks for more than its sandbox allows, for the
 * rest of the turn.
 *
 * @module
 */
import { approval, type Asked } from "./asked.ts";
import type { Params } from "./messages.ts";
import { extra, place, reason, type Site, words } from "./words.ts";

export function askedPermissions(id: string, params: Params, { cwd }: Site): Asked {
  const wanted = params["permissions"];
  const directory = params["cwd"];
  const told = words("Give more permissions until the turn ends", [
    extra("It wants", wanted) || "Codex did not say which permissions it wants.",
    place(typeof directory === "string" ? directory : "", cwd),
    reason(params["reason"]),
  ]);
  return approval(id, told, (isAllowed) => ({
    // The scope `session` would outlive the turn.
    result: { permissions: isAllowed ? granted(wanted) : {}, scope: "turn" },
  }));
}

/** What was asked for, without the members that it leaves open. */
function granted(wanted: unknown): Record<string, unknown> {
  if (typeof wanted !== "object" || wanted === null) return {};
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
}
