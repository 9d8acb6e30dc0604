/**
 * Room `service`: who answers a call inside the daemon: the service for what concerns jobs, the daemon's own control for
 * the rest.
 *
 * @module
 */
import { checkedArguments } from "../domain/reading/checked_arguments.ts";
import type { CallOptions } from "./call.ts";
import type { DaemonControl } from "./daemon_control.ts";
import type { ServiceDoor } from "./job_service.ts";
import {
  askedOf,
  CONTROL_METHODS,
  type ControlMethodName,
  isServiceMethodName,
  type MethodName,
} from "./methods.ts";

/** Who answers inside the daemon. */
export interface Target {
  service: ServiceDoor;
  control: DaemonControl;
}

/**
 * @param params as they came over the wire
 * @throws {AgentAsyncError} `invalid_argument` for params that are no request of this method; what the service throws.
 */
export async function answerCall(
  { service, control }: Target,
  name: MethodName,
  params: unknown,
  call: CallOptions,
): Promise<unknown> {
  if (isServiceMethodName(name)) return await service[name](params, call);
  return await answerControl(control, name, params, call) ?? {};
}

async function answerControl(
  control: DaemonControl,
  name: ControlMethodName,
  params: unknown,
  call: CallOptions,
): Promise<unknown> {
  switch (name) {
    case "ping":
    case "status":
    case "stop":
      checkedArguments(askedOf(CONTROL_METHODS[name]), params);
      return await control[name](call);
    case "handover":
      return await control.handover(checkedArguments(askedOf(CONTROL_METHODS.handover), params), call);
  }
}
