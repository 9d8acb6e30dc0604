/**
 * Room `places`: names of files that hold keys and passwords. Their content is never copied; in doubt it is not.
 *
 * @module
 */

const NAMES: readonly RegExp[] = [
  /^\.env(?:\..+)?$/,
  /^\.?secrets?(?:\.(?:json|ya?ml|toml|ini|txt|xml|properties))?$/,
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?)$/,
  /\.(?:env|pem|key|p12|pfx|jks|keystore|kdbx|ppk|p8|gpg|asc|tfvars)$/,
  /^(?:\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass|\.htpasswd|\.git-credentials|\.dockercfg|\.vault-token)$/,
  /^(?:credentials?|service[-_]?account[^/]*)(?:\.(?:json|ya?ml|toml|ini|txt|xml))?$/,
  /^(?:auth|token)\.json$/,
];

/** Files that show the names of keys, without keys. */
const EXAMPLES = /\.(?:example|sample|template|dist|defaults?)$/;

/** @param path with `/` between directories */
export function isKeyName(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return !EXAMPLES.test(name) && NAMES.some((pattern) => pattern.test(name));
}
