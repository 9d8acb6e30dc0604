/**
 * Room `system`: masks in log entries what looks like a key or a password. In doubt it masks.
 *
 * @module
 */

const MASK = "***";

/**
 * Names of fields whose values are always secret. `_KEY` counts in upper case only, since a `request_key` is not
 * secret.
 */
const SECRET_NAME = /_KEY$/;
const SECRET_NAME_ANY_CASE = /(?:api_?key|token|secret|password|passwd|authorization|cookie|credentials?)$/i;

const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b(sk|pk|rk)-[A-Za-z0-9_-]{12,}/g, `$1-${MASK}`],
  [/\b(gh[pousr]|github_pat|glpat|npm)[_-][A-Za-z0-9_-]{12,}/g, `$1_${MASK}`],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, `AIza${MASK}`],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{8,}/g, `xox-${MASK}`],
  [/\bAKIA[A-Z0-9]{12,}/g, `AKIA${MASK}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, `eyJ${MASK}`],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/\b([A-Za-z0-9_]*(?:_KEY|TOKEN|SECRET|PASSWORD|PASSWD))=("[^"]*"|'[^']*'|[^\s"',;&}]+)/g, `$1=${MASK}`],
  [/(:\/\/[^\s/:@]+):[^\s/@]+@/g, `$1:${MASK}@`],
];

/** `text` with everything masked that looks like a key. */
export function maskText(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of SECRET_TEXTS) masked = masked.replace(pattern, replacement);
  return masked;
}

/**
 * As {@link maskText}, for every string at any depth. A string in a field with a name such as `OPENAI_API_KEY` is
 * masked whole.
 */
export function maskFields(fields: Record<string, unknown>): Record<string, unknown> {
  const masked = maskValue(fields, new Set());
  return isRecord(masked) ? masked : {};
}

function maskValue(value: unknown, above: Set<object>): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (above.has(value)) return "(circular)";
  above.add(value);
  try {
    if (value instanceof Error) return maskText(value.stack ?? `${value.name}: ${value.message}`);
    if (Array.isArray(value)) return value.map((item) => maskValue(item, above));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        typeof item === "string" && isSecretName(name) ? MASK : maskValue(item, above),
      ]),
    );
  } finally {
    above.delete(value);
  }
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_NAME_ANY_CASE.test(name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
