/**
 * Room `agents`: the directory that relative entries of a host's PATH start from. It travels with the environment of the
 * host, apart from the catalogue, which a front-end need not load before its greeting.
 *
 * @module
 */

/** Names the directory of the host that asked; set where its PATH has entries that are relative to it. */
export const HOST_DIRECTORY_VARIABLE = "AGENT_ASYNC_HOST_DIRECTORY";
