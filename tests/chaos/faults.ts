/**
 * Chaos: all faults there are.
 *
 * @module
 */
import { AGENT_FAULTS } from "./agents.ts";
import { CLOCK_FAULTS } from "./clock_jumps.ts";
import { CRASH_CHANGES } from "./crash_changes.ts";
import { CRASH_POINTS } from "./crash_points.ts";
import { DESCRIPTOR_FAULTS } from "./descriptors.ts";
import { FRONT_END_FAULTS } from "./front_ends.ts";
import { LOAD_FAULTS } from "./load.ts";
import { MACHINE_FAULTS } from "./machine.ts";
import { PLACE_FAULTS } from "./places.ts";
import { RACE_FAULTS } from "./races.ts";
import { RESTORED_COPY_FAULTS } from "./restored_copy.ts";
import { REUSED_PID_FAULTS } from "./reused_pids.ts";
import { SECURITY_FAULTS } from "./security.ts";
import { SUSPENDED_AGENT_FAULTS } from "./suspended_agents.ts";
import { SOAK_FAULTS } from "./soak.ts";
import { TALK_FAULTS } from "./talks.ts";
import type { Fault } from "./fault.ts";

export const FAULTS: readonly Fault[] = [
  ...CRASH_POINTS,
  ...CRASH_CHANGES,
  ...RACE_FAULTS,
  ...TALK_FAULTS,
  ...AGENT_FAULTS,
  ...SUSPENDED_AGENT_FAULTS,
  ...FRONT_END_FAULTS,
  ...MACHINE_FAULTS,
  ...DESCRIPTOR_FAULTS,
  ...CLOCK_FAULTS,
  ...REUSED_PID_FAULTS,
  ...RESTORED_COPY_FAULTS,
  ...PLACE_FAULTS,
  ...LOAD_FAULTS,
  ...SOAK_FAULTS,
  ...SECURITY_FAULTS,
];
