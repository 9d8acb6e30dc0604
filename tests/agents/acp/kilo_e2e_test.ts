/** The real Kilo Code CLI, spoken with over ACP, against the scripted model. */
import { tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("kilo");
