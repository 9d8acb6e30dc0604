/**
 * Room `service`: the one interface between doors (tools, command line) and the daemon. `LocalService` does the work
 * inside the daemon, `RemoteService` asks a daemon to; both pass one suite. All of it is derived from the table of
 * methods.
 *
 * @module
 */
import type * as z from "zod";
import { checkedArguments } from "../domain/reading/checked_arguments.ts";
import type { CallOptions } from "./call.ts";
import {
  askedOf,
  type Method,
  SERVICE_METHOD_NAMES,
  SERVICE_METHODS,
  type ServiceMethodName,
} from "./methods.ts";

type Table = typeof SERVICE_METHODS;

/** Requests as a caller writes them: what has a default may be left out. */
type GivenRequest<Name extends ServiceMethodName> = z.input<Table[Name]["request"]>;

/** Requests that were checked, with their defaults. */
export type CheckedRequest<Name extends ServiceMethodName> = z.output<Table[Name]["request"]>;

export type Answer<Name extends ServiceMethodName> = z.output<Table[Name]["result"]>;

/**
 * Every method throws `AgentAsyncError` for a failure that is expected: `invalid_argument`, `not_found`, `conflict`
 * and so on; `cancelled` when its signal was aborted.
 */
export type JobService = {
  [Name in ServiceMethodName]: (request: GivenRequest<Name>, options?: CallOptions) => Promise<Answer<Name>>;
};

/** A service behind its door: no request reaches it that was not checked. */
export type CheckedService = {
  [Name in ServiceMethodName]: (
    request: CheckedRequest<Name>,
    options: CallOptions,
  ) => Promise<Answer<Name>>;
};

/** A {@link JobService} of which every method takes the same kind of request. */
type ServiceTaking<Request> = {
  [Name in ServiceMethodName]: (request: Request, options?: CallOptions) => Promise<Answer<Name>>;
};

/** A {@link JobService} that takes anything, as it comes over the wire, and checks it. */
export type ServiceDoor = ServiceTaking<unknown>;

/** A service with every method of the table, each made by `make`. */
export function serviceOf<Request>(
  make: (name: ServiceMethodName) => (request: Request, options?: CallOptions) => Promise<unknown>,
): ServiceTaking<Request> {
  const methods = SERVICE_METHOD_NAMES.map((name) => [name, make(name)]);
  // TypeScript cannot see that a method is made for its own name.
  return Object.fromEntries(methods) as ServiceTaking<Request>;
}

/** The one place of the daemon in which a request is checked. */
export function serviceDoor(service: CheckedService): ServiceDoor {
  return serviceOf((name) => (request, options) => askChecked(service, name, request, options));
}

async function askChecked<Name extends ServiceMethodName>(
  service: CheckedService,
  name: Name,
  request: unknown,
  options: CallOptions = {},
): Promise<Answer<Name>> {
  return await service[name](checkedRequest(name, request), options);
}

/** @throws {AgentAsyncError} `invalid_argument` with every fault of the request. */
export function checkedRequest<Name extends ServiceMethodName>(
  name: Name,
  request: unknown,
): CheckedRequest<Name> {
  const method: Method = SERVICE_METHODS[name];
  // TypeScript cannot see that the schema of that name makes a request of that name.
  return checkedArguments(askedOf(method), request) as CheckedRequest<Name>;
}
